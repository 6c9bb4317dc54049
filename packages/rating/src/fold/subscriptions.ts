/**
 * Subscriptions by number, and what their facts say over time: plan, pool and whether they count as a pool's member. Rows
 * of facts are columns, so that a million subscriptions with one fact each stay small; the rows of a subscription are a
 * list in the order of `validFrom`.
 */
import type { LifecycleState } from '../facts.ts';
import { IntegerColumn, Names, TimeColumn } from './columns.ts';
import { Subscription } from './subscription.ts';

/** States in which a subscription contributes to its pool. */
const CONTRIBUTING: readonly LifecycleState[] = ['test-ready', 'activation-ready', 'active', 'suspended'];

/** A stretch of time, [start, end) in microseconds, in which a subscription had one plan and counted. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly plan: string;
}

export class Subscriptions {
  /** By number. */
  readonly list: Subscription[] = [];
  readonly #byName = new Map<string, Subscription>();
  readonly plans = new Names();
  /** First row of each subscription; -1 if it has none. */
  readonly head = new IntegerColumn();
  // One entry for each row.
  readonly rowPlan = new IntegerColumn();
  /** Pool number; -1 if none. */
  readonly rowPool = new IntegerColumn();
  /** 1 if the state contributes. */
  readonly rowCounts = new IntegerColumn();
  readonly rowFrom = new TimeColumn();
  /** Next row of the subscription; -1 at the end. */
  readonly rowNext = new IntegerColumn();

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
  insert(subscription: number, plan: string, pool: number, state: LifecycleState, validFrom: number): void {
    const row = this.rowPlan.length;
    this.rowPlan.push(this.plans.number(plan));
    this.rowPool.push(pool);
    this.rowCounts.push(CONTRIBUTING.includes(state) ? 1 : 0);
    this.rowFrom.push(validFrom);
    let before = -1;
    let after = this.head.at(subscription);
    while (after !== -1 && this.rowFrom.at(after) <= validFrom) {
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

  /**
   * The stretches inside [start, end) in which a subscription contributed; adjacent ones with one plan are one.
   * @param pool its number, or undefined for stretches in any pool or none
   */
  stretches(subscription: number, pool: number | undefined, start: number, end: number): Stretch[] {
    const stretches: Stretch[] = [];
    for (let row = this.head.at(subscription); row !== -1; row = this.rowNext.at(row)) {
      const next = this.rowNext.at(row);
      const from = Math.max(start, this.rowFrom.at(row));
      const to = next === -1 ? end : Math.min(end, this.rowFrom.at(next));
      if (from >= to || this.rowCounts.at(row) === 0) continue;
      if (pool !== undefined && this.rowPool.at(row) !== pool) continue;
      const plan = this.plans.name(this.rowPlan.at(row));
      const last = stretches.at(-1);
      if (last !== undefined && last.end === from && last.plan === plan)
        stretches[stretches.length - 1] = { ...last, end: to };
      else stretches.push({ start: from, end: to, plan });
    }
    return stretches;
  }
}
