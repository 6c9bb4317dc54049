/**
 * Subscriptions by number, and what their facts say over time: plan, pool, account, state and device. Rows of facts are
 * columns, so that a million subscriptions with one fact each stay small; the rows of a subscription are a list in the order
 * of `validFrom`.
 */
import type { LifecycleState } from '../facts.ts';
import { IntegerColumn, Names, TimeColumn } from './columns.ts';
import { Subscription } from './subscription.ts';

/** States by number. */
const STATES: readonly LifecycleState[] = [
  'test-ready',
  'activation-ready',
  'active',
  'suspended',
  'terminated',
  'retired',
];

/** A set of states as bits. */
export function statesOf(...states: readonly LifecycleState[]): number {
  return states.reduce((bits, state) => bits | (1 << STATES.indexOf(state)), 0);
}

/** States in which a subscription has its plan. */
export const SUBSCRIBED = statesOf('test-ready', 'activation-ready', 'active', 'suspended');

/** A stretch of time, [start, end) in microseconds, in which a subscription had one plan and counted. */
export interface Stretch {
  start: number;
  end: number;
  plan: string;
}

/** What a fact says of a subscription. */
export interface SubscriptionRow {
  readonly plan: string;
  /** Pool number; -1 if none. */
  readonly pool: number;
  /** Account number. */
  readonly account: number;
  readonly state: LifecycleState;
  /** Empty if none. */
  readonly device: string;
  /** Microseconds. */
  readonly validFrom: number;
}

export class Subscriptions {
  /** By number. */
  readonly list: Subscription[] = [];
  readonly #byName = new Map<string, Subscription>();
  readonly plans = new Names();
  readonly devices = new Names();
  /** First row of each subscription; -1 if it has none. */
  readonly head = new IntegerColumn();
  // One entry for each row.
  readonly rowPlan = new IntegerColumn();
  /** Pool number; -1 if none. */
  readonly rowPool = new IntegerColumn();
  readonly rowAccount = new IntegerColumn();
  /** Index in STATES. */
  readonly rowState = new IntegerColumn();
  /** Number of the device; -1 if none. */
  readonly rowDevice = new IntegerColumn();
  readonly rowFrom = new TimeColumn();
  /** Next row of the subscription; -1 at the end. */
  readonly rowNext = new IntegerColumn();
  // What `stretches` gave last, and the objects that it uses again.
  readonly #found: Stretch[] = [];
  readonly #made: Stretch[] = [];

  /** The subscription with a name, new if need be. */
  of(name: string): Subscription {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    this.head.push(-1);
    return this.add(name);
  }

  /** Adds a subscription whose `head` is, or will be, there: a snapshot brings names before columns. */
  add(name: string): Subscription {
    const subscription = new Subscription(this.list.length, name);
    this.#byName.set(name, subscription);
    this.list.push(subscription);
    return subscription;
  }

  /** Adds a fact's row. Of two with the same `validFrom` the later added holds. */
  insert(subscription: number, fact: SubscriptionRow): void {
    const row = this.rowPlan.length;
    this.rowPlan.push(this.plans.number(fact.plan));
    this.rowPool.push(fact.pool);
    this.rowAccount.push(fact.account);
    this.rowState.push(STATES.indexOf(fact.state));
    this.rowDevice.push(fact.device === '' ? -1 : this.devices.number(fact.device));
    this.rowFrom.push(fact.validFrom);
    let before = -1;
    let after = this.head.at(subscription);
    while (after !== -1 && this.rowFrom.at(after) <= fact.validFrom) {
      before = after;
      after = this.rowNext.at(after);
    }
    this.rowNext.push(after);
    if (before === -1) this.head.set(subscription, row);
    else this.rowNext.set(before, row);
  }

  /** The pools (numbers) that any fact of a subscription names, each once. */
  pools(subscription: number): number[] {
    const pools: number[] = [];
    for (let row = this.head.at(subscription); row !== -1; row = this.rowNext.at(row)) {
      const pool = this.rowPool.at(row);
      if (pool !== -1 && !pools.includes(pool)) pools.push(pool);
    }
    return pools;
  }

  /** The row in force at a time; -1 if none is. */
  rowAt(subscription: number, time: number): number {
    let found = -1;
    for (let row = this.head.at(subscription); row !== -1; row = this.rowNext.at(row)) {
      if (this.rowFrom.at(row) > time) break;
      found = row;
    }
    return found;
  }

  /** The device that a subscription is bound to at a time; empty if none. */
  device(subscription: number, time: number): string {
    const row = this.rowAt(subscription, time);
    return row === -1 || this.rowDevice.at(row) === -1 ? '' : this.devices.name(this.rowDevice.at(row));
  }

  /** Name of the plan that a subscription has at a time, whatever its state; undefined if it has none. */
  planAt(subscription: number, time: number): string | undefined {
    const row = this.rowAt(subscription, time);
    if (row === -1 || (SUBSCRIBED & (1 << this.rowState.at(row))) === 0) return undefined;
    return this.plans.name(this.rowPlan.at(row));
  }

  /** Number of the account that pays for a subscription's own use at a time: by its facts, else by its last event. */
  accountAt(subscription: Subscription, time: number): number {
    const row = this.rowAt(subscription.number, time);
    return row === -1 ? subscription.account : this.rowAccount.at(row);
  }

  #stretch(index: number, start: number, end: number, plan: string): Stretch {
    const made = this.#made[index];
    if (made === undefined) {
      const stretch = { start, end, plan };
      this.#made.push(stretch);
      return stretch;
    }
    made.start = start;
    made.end = end;
    made.plan = plan;
    return made;
  }

  /**
   * The stretches inside [start, end) in which a subscription was in one of the states; adjacent ones with one plan are one.
   * The list holds until the next call: rating an event may ask for it, and must not make objects.
   * @param pool its number, or undefined for stretches in any pool or none
   */
  stretches(
    subscription: number,
    pool: number | undefined,
    start: number,
    end: number,
    states: number = SUBSCRIBED,
  ): readonly Stretch[] {
    const found = this.#found;
    found.length = 0;
    for (let row = this.head.at(subscription); row !== -1; row = this.rowNext.at(row)) {
      const next = this.rowNext.at(row);
      const from = Math.max(start, this.rowFrom.at(row));
      const to = next === -1 ? end : Math.min(end, this.rowFrom.at(next));
      if (from >= to || (states & (1 << this.rowState.at(row))) === 0) continue;
      if (pool !== undefined && this.rowPool.at(row) !== pool) continue;
      const plan = this.plans.name(this.rowPlan.at(row));
      const last = found[found.length - 1];
      if (last !== undefined && last.end === from && last.plan === plan) last.end = to;
      else found.push(this.#stretch(found.length, from, to, plan));
    }
    return found;
  }
}
