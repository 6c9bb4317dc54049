/**
 * Accounts by number: their time zones as facts give them, and the line rules made for them last.
 */
import type { LineRule } from '../contract.ts';
import { Names } from './columns.ts';

export class Account {
  readonly number: number;
  readonly name: string;
  /** Sorted by `from`. */
  readonly zones: { readonly from: number; readonly timeZone: string }[] = [];
  /** Rules made last, by slot (`line-rules.ts`); a cache, made at first use. */
  rules: (LineRule | undefined)[] | undefined = undefined;

  constructor(number: number, name: string) {
    this.number = number;
    this.name = name;
  }

  /** The time zone in force at a time (the first one before all), or undefined if no fact gave any. */
  timeZone(time: number): string | undefined {
    return (this.zones.findLast((zone) => zone.from <= time) ?? this.zones[0])?.timeZone;
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
