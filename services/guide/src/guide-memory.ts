/**
 * What a guide keeps from plan to plan to be quick: contexts by their fields, the guided partitions of rating keys, and the
 * encoded entries of dictionaries.
 *
 * Invariant: it shows in no byte. Within a plan equal contexts are one object, whatever was kept before; so contexts are
 * forgotten between plans only.
 */
import { GuidedEntries, type UsageEvent } from '@headrace/codec';
import { type Context, guidedPartition } from '@headrace/rating';

/** Contexts kept before all are forgotten: some 5 MB. Their number has no bound of its own, for it grows with the events. */
const CONTEXTS_MAX = 16_384;
/** Rating keys kept before all are forgotten. */
const RATING_KEYS_MAX = 1_000_000;

type Level<Next> = Map<string | number, Next>;

export class GuideMemory {
  readonly entries = new GuidedEntries();
  /**
   * One level for each field, the one with the most values last: texts that repeat are the same objects, so seven look-ups
   * cost less than making one key of seven fields.
   */
  private contexts: Level<Level<Level<Level<Level<Level<Level<Context>>>>>>> = new Map();
  private contextCount = 0;
  private readonly partitions = new Map<string, number>();
  private partitionCount = 0;

  startPlan(): void {
    if (this.contextCount <= CONTEXTS_MAX) return;
    this.contexts = new Map();
    this.contextCount = 0;
  }

  /** The guided partition of a rating key where there are `count`. */
  partitionOf(ratingKey: string, count: number): number {
    if (count !== this.partitionCount || this.partitions.size > RATING_KEYS_MAX) {
      this.partitions.clear();
      this.partitionCount = count;
    }
    let partition = this.partitions.get(ratingKey);
    if (partition === undefined) {
      partition = guidedPartition(ratingKey, count);
      this.partitions.set(ratingKey, partition);
    }
    return partition;
  }

  /** The same object for equal contexts since the plan began. */
  contextOf(event: UsageEvent, rawEncoding: string): Context {
    const { source, service } = event;
    const plmn = event.plmn ?? '';
    const rat = event.rat ?? '';
    const apn = event.apn ?? '';
    const ratingGroup = event.ratingGroup ?? -1;
    const bySource = levelOf(this.contexts, rawEncoding);
    const byGroup = levelOf(levelOf(levelOf(levelOf(bySource, source), service), rat), apn);
    const byNetwork = levelOf(byGroup, ratingGroup);
    let context = byNetwork.get(plmn);
    if (context === undefined) {
      context = { source, service, plmn, rat, apn, ratingGroup, rawEncoding };
      byNetwork.set(plmn, context);
      this.contextCount += 1;
    }
    return context;
  }
}

function levelOf<Next>(level: Level<Level<Next>>, key: string | number): Level<Next> {
  let next = level.get(key);
  if (next === undefined) {
    next = new Map();
    level.set(key, next);
  }
  return next;
}
