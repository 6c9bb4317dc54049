/**
 * Which events were rated: their keys by event day (UTC), with a digest of the payload that tells a duplicate from a
 * conflict. A false duplicate needs two of n keys of a day to agree in 128 bits: n * n / 2^129, for 100 million keys a
 * day about 1.5e-23.
 *
 * 1. A key is remembered only once its event is rated.
 * 2. Days leave whole, when the latest receipt time seen is `KEPT_DAYS` past their end: a function of the log.
 * 3. An event of a day that left cannot be told from its duplicate; it is never rated (the caller suspends it).
 */
import { MICROS_PER_DAY } from '../time.ts';
import { KeyTable } from './key-table.ts';

/** Late-arrival horizon by receipt time, which guiding enforces. */
export const HORIZON_DAYS = 45;
/** How far raw partitions may be apart in receipt time while a partition's events still find their duplicates. */
export const MARGIN_DAYS = 15;
const KEPT_DAYS = HORIZON_DAYS + MARGIN_DAYS;

export class Duplicates {
  /** By day number since 1970. */
  readonly days = new Map<number, KeyTable>();
  /** Latest receipt time seen, in microseconds. */
  receivedMax = 0;
  /** Days below this one left. */
  firstDay = 0;
  #lastDay = -1;
  #lastTable: KeyTable | undefined;

  get count(): number {
    let count = 0;
    for (const table of this.days.values()) count += table.count;
    return count;
  }

  get bytes(): number {
    let bytes = 0;
    for (const table of this.days.values()) bytes += table.bytes;
    return bytes;
  }

  /** The keys of the day that a time lies in; undefined if the day has left. */
  table(eventTime: number): KeyTable | undefined {
    const day = Math.floor(eventTime / MICROS_PER_DAY);
    if (day === this.#lastDay) return this.#lastTable;
    if (day < this.firstDay) return undefined;
    let table = this.days.get(day);
    if (table === undefined) {
      table = new KeyTable();
      this.days.set(day, table);
    }
    this.#lastDay = day;
    this.#lastTable = table;
    return table;
  }

  /** Notes the receipt times of a block once it is rated, and lets days go that are over for good. @returns if any went */
  advance(receivedMax: number): boolean {
    if (receivedMax <= this.receivedMax) return false;
    this.receivedMax = receivedMax;
    const first = Math.floor(receivedMax / MICROS_PER_DAY) - KEPT_DAYS;
    if (first <= this.firstDay) return false;
    this.firstDay = first;
    this.#lastDay = -1;
    this.#lastTable = undefined;
    for (const day of this.days.keys()) {
      if (day < first) this.days.delete(day);
    }
    return true;
  }
}
