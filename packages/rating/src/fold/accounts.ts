/**
 * Accounts by number: their time zones as facts give them, and the line rules already made for them. The rules are a cache
 * and no state: one object for each combination keeps the codec from encoding it again for every line.
 */
import type { LineRule } from '../contract.ts';
import { Names } from './columns.ts';

/** Rules kept over all accounts; above it the cache starts anew. */
const RULES_MAX = 500_000;

export class Account {
  readonly number: number;
  readonly name: string;
  /** Sorted by `from`. */
  readonly zones: { readonly from: number; readonly timeZone: string }[] = [];
  readonly #rules = new Map<string, Map<number, LineRule>>();
  #lastPeriod = '';
  #lastRules: Map<number, LineRule> | undefined;

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

  /** Rules of a period by their key. */
  rules(period: string): Map<number, LineRule> {
    if (period === this.#lastPeriod && this.#lastRules !== undefined) return this.#lastRules;
    let rules = this.#rules.get(period);
    if (rules === undefined) {
      rules = new Map();
      this.#rules.set(period, rules);
    }
    this.#lastPeriod = period;
    this.#lastRules = rules;
    return rules;
  }

  forgetRules(): void {
    this.#rules.clear();
    this.#lastPeriod = '';
    this.#lastRules = undefined;
  }
}

export class Accounts {
  readonly names = new Names();
  readonly list: Account[] = [];
  #ruleCount = 0;

  account(name: string): Account {
    const number = this.names.number(name);
    let account = this.list[number];
    if (account === undefined) {
      account = new Account(number, name);
      this.list[number] = account;
    }
    return account;
  }

  /** Counts a new rule; the whole cache starts anew when there are too many. */
  countRule(): void {
    this.#ruleCount += 1;
    if (this.#ruleCount <= RULES_MAX) return;
    this.#ruleCount = 0;
    for (const account of this.list) account.forgetRules();
  }
}
