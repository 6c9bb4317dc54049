/**
 * Settles periods on what is rated: folds their events again in canonical order, with all facts, and writes what that
 * changes against what was billed as signed adjustments.
 *
 *   1. name the input: positions of the guided partitions, end of the reference log, undecided conflicts
 *   2. for each pass: read events in order, fold them; read what was billed; write adjustments, pools and shares
 *   3. write the settlement's row, which makes it count
 *
 * 1. The same input has the same id and writes the same rows, so a run that broke off is simply repeated; what it left
 *    does not count before step 3, and is not seen by a settlement with another input.
 * 2. A settlement that is complete is not done again.
 * 3. One settlement runs at a time: two with different inputs at once would both correct the same bill.
 */
import type { Logger } from '@headrace/platform';
import { FOLD_VERSION } from '@headrace/rating';
import { type ReadPosition, SettlementStore, type Store, TABLES } from '@headrace/store';
import type { Broker } from '@headrace/stream';
import { Pass, type SettledPartition } from './pass.ts';
import { passesOf } from './passes.ts';
import { needsHistory, periodBounds } from './period.ts';
import { type Reference, readReference } from './reference.ts';
import { PeriodReport, type SettledPeriod, settlementRow } from './report.ts';
import { adjustmentRows, billedTotal, poolRows, poolShareRows } from './rows.ts';
import { digestOf, type SettlementInput, settlementId, sortedPositions } from './settlement-input.ts';
import { Unequal } from './unequal.ts';

export type { SettledPeriod } from './report.ts';

export interface SettleReport {
  /** One for each period, in order. */
  readonly periods: readonly SettledPeriod[];
  /** Facts of the reference log that could not hold, in words. */
  readonly refused: readonly string[];
}

export interface SettleServices {
  readonly broker: Broker;
  readonly store: Store;
  readonly log: Logger;
}

/** @param periods to settle; none: all that have rated lines. @throws HeadraceError */
export async function settle(services: SettleServices, periods: readonly string[]): Promise<SettleReport> {
  const rows = new SettlementStore(services.store);
  // Positions first: what is rated up to them was guided by facts that the log holds by now.
  const positions = await loadedPositions(services.store);
  const undecided = await rows.undecided();
  const reference = await readReference(services.broker);
  const wanted = periods.length > 0 ? [...new Set(periods)].sort() : await rows.periods();
  const named = wanted.map((period): SettlementInput => {
    const conflictsDigest = digestOf(undecided);
    return { period, positions, reference: reference.index.end, conflictsDigest, foldVersion: FOLD_VERSION };
  });
  const settlement = new PeriodSettlement(services, rows, reference, undecided, positions);
  return settlement.run(named);
}

async function loadedPositions(store: Store): Promise<readonly ReadPosition[]> {
  const loaded = await store.loadedPositions(TABLES.ratedUsage);
  return sortedPositions(loaded.map(({ generation, partition, to }) => ({ generation, partition, offset: to.offset })));
}

class PeriodSettlement {
  readonly #log: Logger;
  readonly #rows: SettlementStore;
  readonly #reference: Reference;
  readonly #undecided: readonly string[];
  readonly #positions: readonly ReadPosition[];
  readonly #refused = new Set<string>();

  constructor(
    { log }: SettleServices,
    rows: SettlementStore,
    reference: Reference,
    undecided: readonly string[],
    positions: readonly ReadPosition[],
  ) {
    this.#log = log;
    this.#rows = rows;
    this.#reference = reference;
    this.#undecided = undecided;
    this.#positions = positions;
  }

  async run(inputs: readonly SettlementInput[]): Promise<SettleReport> {
    const done: SettledPeriod[] = [];
    const open: PeriodReport[] = [];
    for (const input of inputs) {
      const id = settlementId(input);
      const row = await this.#rows.find(id);
      if (row === null) open.push(new PeriodReport(id, input));
      else done.push({ row, repeated: true });
    }
    if (open.length > 0) {
      for (const partitions of this.#passes()) await this.#settlePass(partitions, open);
      for (const report of open) {
        const row = settlementRow(report, this.#undecided.length);
        await this.#rows.complete(row);
        done.push({ row, repeated: false });
      }
    }
    const periods = done.sort((a, b) => (a.row.period < b.row.period ? -1 : 1));
    return { periods, refused: [...this.#refused].sort() };
  }

  /** Of several generations the partitions of one number are not the same accounts: then all go together. */
  #passes(): number[][] {
    const generations = new Set(this.#positions.map(({ generation }) => generation));
    const partitions = Array.from({ length: this.#reference.partitions }, (_, partition) => partition);
    return generations.size > 1 ? [partitions] : passesOf(partitions, this.#reference.moves());
  }

  async #settlePass(partitions: readonly number[], reports: readonly PeriodReport[]): Promise<void> {
    const all = partitions.length === this.#reference.partitions;
    const positions = this.#positions.filter(({ partition }) => all || partitions.includes(partition));
    if (positions.length === 0) return;
    const periods = reports.map(({ input }) => input.period);
    const pass = new Pass(this.#reference, partitions, new Set(this.#undecided));
    let events = 0;
    for await (const rows of this.#rows.events({ positions, ...this.#bounds(periods) })) {
      pass.add(rows);
      events += rows.length;
    }
    const settled = pass.close();
    this.#log.info('events folded in canonical order', { partitions: partitions.join(','), events });
    for (const { refused } of settled) for (const { id, reason } of refused) this.#refused.add(`${id}: ${reason}`);
    const unequal = new Unequal(settled.flatMap(({ bill }) => bill.totals));
    for await (const rows of this.#rows.billed(positions, periods)) {
      for (const row of rows) unequal.bill(billedTotal(row));
    }
    for (const report of reports) await this.#write(report, partitions, settled, unequal);
    for (const report of reports) report.addEvents(settled, pass.unguided);
  }

  /** From when on events are read, and until when. */
  #bounds(periods: readonly string[]): { readonly from: number | undefined; readonly to: number | undefined } {
    const bounds = periods.map(periodBounds);
    if (bounds.includes(undefined)) return { from: undefined, to: undefined };
    const known = bounds.filter((each) => each !== undefined);
    const from = Math.min(...known.map((each) => each.from));
    const to = Math.max(...known.map((each) => each.to));
    const { books, grants } = this.#reference;
    return { from: needsHistory(books, grants, from) ? undefined : from, to };
  }

  async #write(
    report: PeriodReport,
    partitions: readonly number[],
    settled: readonly SettledPartition[],
    unequal: Unequal,
  ): Promise<void> {
    const { period } = report.input;
    const isOf = (entry: { readonly period: string }): boolean => entry.period === period;
    const differences = unequal.differences(period);
    const [lane = 0] = partitions;
    await this.#rows.insertAdjustments(report.id, String(lane), adjustmentRows(report.id, lane, differences));
    for (const { partition, bill } of settled) {
      const pools = bill.pools.filter(isOf);
      const shares = poolShareRows(report.id, pools);
      await this.#rows.insertPools(report.id, String(partition), poolRows(report.id, pools), shares);
    }
    report.addDifferences(settled, differences);
  }
}
