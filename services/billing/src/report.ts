/** What a settlement says of itself once it is done. Pure. */
import type { Total, Unrated } from '@headrace/rating';
import type { SettlementRow } from '@headrace/store';
import type { Unguided } from './guide-again.ts';
import type { SettledPartition } from './pass.ts';
import { totalLines } from './rows.ts';
import { digestOf, type SettlementInput } from './settlement-input.ts';

export interface SettledPeriod {
  readonly row: SettlementRow;
  /** It was complete before, and nothing was written. */
  readonly repeated: boolean;
}

/** What was not billed, by what hinders it. */
interface UnratedCount {
  readonly code: string;
  readonly service: string;
  readonly firstEvent: string;
  events: number;
}

/** One period while its passes are settled. */
export class PeriodReport {
  readonly id: string;
  readonly input: SettlementInput;
  adjustments = 0;
  readonly counts = { rated: 0, duplicate: 0, suspended: 0 };
  readonly #digests = new Map<number, string>();
  readonly #unrated = new Map<string, UnratedCount>();

  constructor(id: string, input: SettlementInput) {
    this.id = id;
    this.input = input;
  }

  addDifferences(settled: readonly SettledPartition[], differences: readonly Total[]): void {
    this.adjustments += differences.length;
    for (const { partition, bill } of settled) {
      const totals = bill.totals.filter(({ period }) => period === this.input.period);
      this.#digests.set(partition, digestOf(totalLines(totals)));
    }
  }

  /** Of all events that were folded, those of other periods included. */
  addEvents(settled: readonly SettledPartition[], unguided: readonly Unguided[]): void {
    for (const { bill } of settled) {
      this.counts.rated += bill.events.rated;
      this.counts.duplicate += bill.events.duplicate;
      this.counts.suspended += bill.events.suspended;
      for (const unrated of bill.unrated) this.#addUnrated(unrated, unrated.events);
    }
    this.counts.suspended += unguided.length;
    for (const { code, service, id } of unguided) this.#addUnrated({ code, service, firstEvent: id }, 1);
  }

  /** Over the settled totals, partition by partition. */
  get digest(): string {
    const sorted = [...this.#digests].sort(([a], [b]) => a - b);
    return digestOf(sorted.map(([partition, digest]) => `${partition} ${digest}`));
  }

  get unrated(): readonly Readonly<UnratedCount>[] {
    return [...this.#unrated].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
  }

  #addUnrated(
    { code, service, firstEvent }: Pick<Unrated | UnratedCount, 'code' | 'service' | 'firstEvent'>,
    events: number,
  ): void {
    const key = `${code} ${service}`;
    const known = this.#unrated.get(key);
    if (known === undefined) this.#unrated.set(key, { code, service, firstEvent, events });
    else known.events += events;
  }
}

export function settlementRow(report: PeriodReport, conflicts: number): SettlementRow {
  const { id, input, adjustments, counts, digest, unrated } = report;
  return {
    settlement: id,
    period: input.period,
    positions: Object.fromEntries(
      input.positions.map(({ generation, partition, offset }) => [`${generation}/${partition}`, offset]),
    ),
    reference: input.reference,
    conflicts,
    conflicts_digest: input.conflictsDigest,
    fold_version: input.foldVersion,
    digest,
    adjustments,
    events_rated: counts.rated,
    events_duplicate: counts.duplicate,
    events_suspended: counts.suspended,
    unrated: JSON.stringify(unrated),
  };
}
