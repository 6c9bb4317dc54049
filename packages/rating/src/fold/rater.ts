/** The fold of one guided partition, as `contract.ts` gives it. */
import type {
  Balance,
  FactOutcome,
  GuidedEvents,
  GuidedFact,
  PoolStatement,
  RatedOutcome,
  Rater,
  RaterStatistics,
  TrueUp,
} from '../contract.ts';
import { LineTable } from '../lines.ts';
import { applyFacts } from './apply-facts.ts';
import { balances } from './balances.ts';
import { poolStatements } from './pool-statements.ts';
import { BlockRater } from './rate-block.ts';
import { readSnapshot } from './snapshot-reader.ts';
import { writeSnapshot } from './snapshot-writer.ts';
import { PartitionState } from './state.ts';
import { stateBytes } from './state-bytes.ts';
import { trueUps } from './true-ups.ts';

class PartitionRater implements Rater {
  readonly #state: PartitionState;
  readonly #blocks: BlockRater;
  readonly #factLines = new LineTable();

  constructor(state: PartitionState) {
    this.#state = state;
    this.#blocks = new BlockRater(state);
  }

  applyFacts(facts: readonly GuidedFact[]): FactOutcome {
    return applyFacts(this.#state, facts, this.#factLines);
  }

  rate(events: GuidedEvents): RatedOutcome {
    return this.#blocks.rate(events);
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
      stateBytes: stateBytes(this.#state),
      duplicateKeys: duplicates.count,
      duplicateKeyBytes: duplicates.bytes,
    };
  }

  trueUps(): readonly TrueUp[] {
    return trueUps(this.#state);
  }

  balances(time: number): readonly Balance[] {
    return balances(this.#state, time);
  }

  poolStatements(): readonly PoolStatement[] {
    return poolStatements(this.#state);
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
