/** Accounts by number: their time zones as facts give them, or as events named them. */
import { Names } from './columns.ts';

export class Account {
  readonly number: number;
  readonly name: string;
  /** Sorted by `from`. */
  readonly zones: { readonly from: number; readonly timeZone: string }[] = [];
  /** The time zone that the last rated event named; it holds where no fact gives one. Empty before any. */
  seenZone = '';

  constructor(number: number, name: string) {
    this.number = number;
    this.name = name;
  }

  /** The time zone in force at a time (the first one before all), or undefined if no fact gave any. */
  timeZone(time: number): string | undefined {
    return (this.zones.findLast((zone) => zone.from <= time) ?? this.zones[0])?.timeZone;
  }

  /** The time zone of its cycles at a time, as far as anything is known of it. */
  zoneAt(time: number): string {
    return this.timeZone(time) ?? (this.seenZone === '' ? 'UTC' : this.seenZone);
  }

  setTimeZone(from: number, timeZone: string): void {
    const at = this.zones.findLastIndex((zone) => zone.from <= from) + 1;
    this.zones.splice(at, 0, { from, timeZone });
  }
}

export class Accounts {
  readonly names = new Names();
  readonly list: Account[] = [];

  account(name: string): Account {
    const number = this.names.number(name);
    let account = this.list[number];
    if (account === undefined) {
      account = new Account(number, name);
      this.list[number] = account;
    }
    return account;
  }
}
