/**
 * Meters that outlive an event: by cycle, by day, by session.
 *
 * 1. A meter was reached if its counter was ever set, also to 0.
 * 2. Meters of a day go when the day leaves the duplicate window (no event of that day is rated after), those of a session
 *    as `sessions.ts` says. A day's meter with a commitment stays, since it is due at the close.
 */
import type { PerEventState } from '../price-functions/metered-price.ts';
import { CounterTable } from './counter-table.ts';
import type { PriceItem } from './price-item.ts';
import { Sessions } from './sessions.ts';

/** Meters by owner, price and instance (index of the cycle or day). */
export class MeterTable {
  counters = new CounterTable();
  /** Of prices with per-event terms, by `keyOf`. */
  readonly perEvent = new Map<string, PerEventState>();

  static keyOf(owner: number, item: number, instance: number): string {
    return `${owner}/${item}/${instance}`;
  }
}

export class MeterTables {
  /** Of cycles, and of days where they stay. */
  readonly lasting = new MeterTable();
  /** By day since 1970, local. */
  readonly days = new Map<number, MeterTable>();
  readonly sessions = new Sessions();

  get count(): number {
    let count = this.lasting.counters.count + this.sessions.count;
    for (const table of this.days.values()) count += table.counters.count;
    return count;
  }

  get bytes(): number {
    let bytes = this.lasting.counters.bytes;
    for (const table of this.days.values()) bytes += table.counters.bytes;
    return bytes;
  }

  /** The table of a price's meters with a scope that is no event or session; undefined where nothing has reached it. */
  find(item: PriceItem, instance: number): MeterTable | undefined {
    return item.scope === 'day' && item.minimum === undefined ? this.days.get(instance) : this.lasting;
  }

  /** The same, made if need be. */
  open(item: PriceItem, instance: number): MeterTable {
    return this.find(item, instance) ?? this.day(instance);
  }

  /** The table of a day, made if need be. */
  day(instance: number): MeterTable {
    let table = this.days.get(instance);
    if (table === undefined) {
      table = new MeterTable();
      this.days.set(instance, table);
    }
    return table;
  }

  /** Lets days and sessions go that are over, when the days (UTC) below one have left the duplicate window. */
  forgetBefore(day: number): void {
    // A local day reaches into the next day of UTC.
    for (const local of this.days.keys()) if (local + 1 < day) this.days.delete(local);
    this.sessions.forgetBefore(day);
  }
}
