/** The fold of one guided partition, as `contract.ts` gives it. */
import type { FactOutcome, GuidedEvents, GuidedFact, RatedOutcome, Rater, RaterStatistics } from '../contract.ts';
import { applyFacts } from './apply-facts.ts';
import { BlockRater } from './rate-block.ts';
import { readSnapshot } from './snapshot-reader.ts';
import { writeSnapshot } from './snapshot-writer.ts';
import { PartitionState } from './state.ts';

class PartitionRater implements Rater {
  readonly #state: PartitionState;

  constructor(state: PartitionState) {
    this.#state = state;
  }

  applyFacts(facts: readonly GuidedFact[]): FactOutcome {
    return applyFacts(this.#state, facts);
  }

  rate(events: GuidedEvents): RatedOutcome {
    return new BlockRater(this.#state, events).rate();
  }

  snapshot(): Iterable<Uint8Array> {
    return writeSnapshot(this.#state);
  }

  statistics(): RaterStatistics {
    const { meters, buckets, grants, pools, subscriptions, duplicates } = this.#state;
    return {
      meters: meters.count,
      buckets: buckets.count + grants.byId.size + pools.states.reduce((sum, pool) => sum + pool.cycles.length, 0),
      subscriptions: subscriptions.list.length,
      duplicateKeys: duplicates.count,
      duplicateKeyBytes: duplicates.bytes,
    };
  }
}

/** A rater that knows nothing yet: no facts, no use. */
export function createRater(): Rater {
  return new PartitionRater(new PartitionState());
}

/**
 * The rater whose `snapshot()` gave these pieces.
 * @throws RatingError SNAPSHOT_VERSION if another version of the format wrote them, SNAPSHOT_DAMAGED if they are incomplete
 */
export function restoreRater(pieces: readonly Uint8Array[]): Rater {
  return new PartitionRater(readSnapshot(pieces));
}
