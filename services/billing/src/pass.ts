/**
 * One pass: the settlements of some guided partitions, fed from one stream of events in canonical order. An event goes to
 * the partition of the hierarchy that it belongs to now.
 *
 * Memory is that of the partitions' state and of one batch for each, whatever the number of events.
 */
import {
  EventTable,
  guidedPartition,
  type OfflineEvent,
  type SettledBill,
  Settlement,
  type Total,
} from '@headrace/rating';
import { GuideAgain, isGuided, type Unguided } from './guide-again.ts';
import type { Reference } from './reference.ts';

const BATCH_EVENTS = 8_192;

/** What one guided partition's events come to. */
export interface SettledPartition {
  readonly partition: number;
  readonly bill: SettledBill;
  /** Facts that could not hold, in words. */
  readonly refused: Settlement['refused'];
}

interface Lane {
  readonly partition: number;
  readonly settlement: Settlement;
  readonly batch: EventTable;
}

export class Pass {
  readonly #lanes = new Map<number, Lane>();
  readonly #guide: GuideAgain;
  readonly #partitions: number;
  readonly #reference: Reference;
  readonly unguided: Unguided[] = [];

  /** @param undecided event keys that bill nothing */
  constructor(reference: Reference, partitions: readonly number[], undecided: ReadonlySet<string>) {
    this.#reference = reference;
    this.#partitions = reference.partitions;
    this.#guide = new GuideAgain(reference.index);
    for (const partition of partitions) {
      const settlement = new Settlement(reference.factsOf(partition), { leaveOut: undecided });
      this.#lanes.set(partition, { partition, settlement, batch: new EventTable() });
    }
  }

  /** @param rows as the store gives events, after all that were added before */
  add(rows: readonly (readonly string[])[]): void {
    for (const row of rows) {
      const event = this.#guide.guide(row);
      if (isGuided(event)) this.#take(event);
      else this.unguided.push(event);
    }
  }

  /** To be called once, after the last event. */
  close(): SettledPartition[] {
    const { closedPeriods, invoiceRounding } = this.#reference;
    return [...this.#lanes.values()].map(({ partition, settlement, batch }) => {
      settlement.add(batch);
      const bill = settlement.close({ invoiceRounding });
      // A commitment is due once its period is closed.
      const totals = bill.totals.filter((total) => !isCommitment(total) || closedPeriods.has(total.period));
      return { partition, bill: { ...bill, totals }, refused: settlement.refused };
    });
  }

  #take(event: OfflineEvent): void {
    const partition = guidedPartition(event.profile.ratingKey, this.#partitions);
    const lane = this.#lanes.get(partition);
    // Passes are cut so that no SIM was moved out of its own.
    if (lane === undefined) throw new Error(`event ${event.id} belongs to partition ${partition}, outside of its pass`);
    lane.batch.add(event);
    if (lane.batch.count < BATCH_EVENTS) return;
    lane.settlement.add(lane.batch);
    lane.batch.clear();
  }
}

/** Facts come first, so nothing is given back: what is tagged an adjustment here is a commitment. */
function isCommitment({ tag }: Total): boolean {
  return tag === 'adjustment';
}
