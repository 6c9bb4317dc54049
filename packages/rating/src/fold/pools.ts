/**
 * Pools: one bucket for each pool, rule and cycle, sized by its members' stretches as known, and the record of what of its
 * members' use it covered and what went over, by meter. That record is what growth gives back from (`give-back.ts`).
 *
 * 1. A cycle's size is worked out when it is first used (once over the members) and then kept by differences; where it is
 *    a peak, which is no sum over the members, each fact works it out anew.
 * 2. covered + overage of a share is all use that was eligible for the pool, on that meter, and not taken by other buckets.
 * 3. A stretch counts by the book in force at its start, inside the cycle. A member with several plans in a cycle of a
 *    pool without proration adds the largest of their contributions, once.
 */
import { ALL_TIME, type Cycle } from '../calendar.ts';
import type { PoolRule } from '../price-book/price-book.ts';
import type { Catalogue } from './catalogue.ts';
import { Names } from './columns.ts';
import { prorate } from './proration.ts';
import { type Stretch, type Subscriptions, statesOf } from './subscriptions.ts';

/** Use of one meter that was eligible for a pool. */
export interface Share {
  /** Number of the price. */
  readonly item: number;
  /** Who owns the meter: see `owners.ts`. */
  readonly owner: number;
  /** Names the meter among all: growth serves them in this order. */
  readonly meterId: string;
  /** Subscription that owns the meter; empty if the pool or an account does. */
  readonly subscription: string;
  /** Who is charged for overage on the meter. */
  readonly account: string;
  covered: number;
  overage: number;
}

export class PoolCycle {
  readonly pool: PoolState;
  readonly rule: string;
  /** Tells the cycles of one pool that differ only in their rule apart, by number. */
  readonly ordinal: number;
  readonly cycle: Cycle;
  /** Who pays. */
  readonly account: string;
  /** Sum of all contributions; may pass what a number holds. */
  exactSize = 0n;
  /** The same, at most 2^53 - 1, which no use can pass. */
  size = 0;
  used = 0;
  /** All use that went over. */
  overage = 0;
  /** By owner and price. */
  readonly shares = new Map<number, Share>();
  #lastItem = -1;
  #lastOwner = -1;
  #lastShare: Share | undefined;

  constructor(pool: PoolState, rule: string, ordinal: number, cycle: Cycle, account: string) {
    this.pool = pool;
    this.rule = rule;
    this.ordinal = ordinal;
    this.cycle = cycle;
    this.account = account;
  }

  resize(exactSize: bigint): void {
    this.exactSize = exactSize;
    this.size = exactSize > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(exactSize);
  }

  /** True if it is the bucket of a time, in a book whose cycle is a month or all time. */
  holdsAt(allTime: boolean, time: number): boolean {
    return time >= this.cycle.start && time < this.cycle.end && (this.cycle.index === ALL_TIME.index) === allTime;
  }

  /** Names cycle and rule as the cycle word of counters by member. */
  get counterCycle(): number {
    return this.cycle.index * RULES_PER_POOL_MAX + this.ordinal;
  }

  /** The share of a meter, if there is one. */
  share(item: number, owner: number): Share | undefined {
    if (item === this.#lastItem && owner === this.#lastOwner) return this.#lastShare;
    const share = this.shares.get(shareKey(owner, item));
    if (share !== undefined) {
      this.#lastItem = item;
      this.#lastOwner = owner;
      this.#lastShare = share;
    }
    return share;
  }

  addShare(share: Share): Share {
    this.shares.set(shareKey(share.owner, share.item), share);
    return share;
  }
}

/** Owner and price as one number. */
function shareKey(owner: number, item: number): number {
  return owner * ITEMS_MAX + item;
}

/** More than there are prices; owners times this stay below 2^53. */
const ITEMS_MAX = 2 ** 24;

/** Rules that one pool may have over all time; cycle indexes times this stay below 2^32. */
const RULES_PER_POOL_MAX = 65_536;

export class PoolState {
  readonly number: number;
  readonly name: string;
  /** Numbers of all subscriptions that any fact put into this pool. */
  readonly members: number[] = [];
  readonly cycles: PoolCycle[] = [];
  #last: PoolCycle | undefined;

  constructor(number: number, name: string) {
    this.number = number;
    this.name = name;
  }

  /** Keeps cycles in an order that does not tell when they were opened. */
  addCycle(cycle: PoolCycle): void {
    this.cycles.push(cycle);
    this.cycles.sort((a, b) => a.cycle.start - b.cycle.start || (a.rule < b.rule ? -1 : 1));
  }

  /** The number of a rule among those of the pool, new if need be. */
  ordinal(rule: string): number {
    const known = this.cycles.find((cycle) => cycle.rule === rule);
    return known?.ordinal ?? this.cycles.reduce((next, { ordinal }) => Math.max(next, ordinal + 1), 0);
  }

  /** The bucket of a rule at a time: of a month, or of all time. */
  find(rule: string, allTime: boolean, time: number): PoolCycle | undefined {
    const last = this.#last;
    if (last !== undefined && last.rule === rule && last.holdsAt(allTime, time)) return last;
    const found = this.cycles.find((entry) => entry.rule === rule && entry.holdsAt(allTime, time));
    if (found !== undefined) this.#last = found;
    return found;
  }
}

export class Pools {
  readonly names = new Names();
  readonly states: PoolState[] = [];
  readonly #catalogue: Catalogue;
  readonly #subscriptions: Subscriptions;

  constructor(catalogue: Catalogue, subscriptions: Subscriptions) {
    this.#catalogue = catalogue;
    this.#subscriptions = subscriptions;
  }

  /** The state of a pool, new if need be. */
  state(name: string): PoolState {
    const number = this.names.number(name);
    let state = this.states[number];
    if (state === undefined) {
      state = new PoolState(number, name);
      this.states[number] = state;
    }
    return state;
  }

  /** Opens a pool's bucket for a cycle. */
  open(pool: PoolState, rule: string, cycle: Cycle, account: string): PoolCycle {
    const opened = new PoolCycle(pool, rule, pool.ordinal(rule), cycle, account);
    opened.resize(this.exactSize(opened));
    pool.addCycle(opened);
    return opened;
  }

  /** The rule of a cycle, by the book in force at its start. */
  rule(cycle: PoolCycle): PoolRule | undefined {
    return this.#catalogue.poolRule(cycle.rule, cycle.cycle.start);
  }

  /** The size from scratch. */
  exactSize(cycle: PoolCycle): bigint {
    const rule = this.rule(cycle);
    if (rule === undefined) return 0n;
    if (rule.kind === 'fixed') return BigInt(rule.quantity);
    if (rule.contributors === 'peak') return this.#peak(cycle, rule);
    let sum = 0n;
    let batch = 0;
    for (const member of cycle.pool.members) {
      batch += this.#contribution(member, cycle, rule);
      if (batch < 2 ** 52) continue;
      sum += BigInt(batch);
      batch = 0;
    }
    return sum + BigInt(batch);
  }

  /** True if a cycle's size is the sum of its members' contributions. */
  isSum(cycle: PoolCycle): boolean {
    return this.rule(cycle)?.contributors !== 'peak';
  }

  /** What one member adds to a stacked pool's cycle, in raw units; 0 to a fixed one. Of a peak: while it is a member. */
  contribution(member: number, cycle: PoolCycle): number {
    const rule = this.rule(cycle);
    return rule === undefined || rule.kind === 'fixed' ? 0 : this.#contribution(member, cycle, rule);
  }

  #contribution(member: number, cycle: PoolCycle, rule: PoolRule): number {
    const whole = cycle.cycle.end - cycle.cycle.start;
    const prorated = rule.proration !== 'none' && rule.contributors !== 'peak';
    let contribution = 0;
    for (const stretch of this.#stretches(member, cycle, rule)) {
      const quantity = this.#contributed(stretch, cycle);
      if (prorated) contribution += prorate(quantity, stretch.end - stretch.start, whole);
      else contribution = Math.max(contribution, quantity);
    }
    return contribution;
  }

  #stretches(member: number, cycle: PoolCycle, rule: PoolRule): readonly Stretch[] {
    const { start, end } = cycle.cycle;
    return this.#subscriptions.stretches(member, cycle.pool.number, start, end, contributingStates(rule));
  }

  #contributed(stretch: Stretch, cycle: PoolCycle): number {
    return this.#catalogue.nearest(stretch.start)?.book.plans.get(stretch.plan)?.contributes.get(cycle.rule) ?? 0;
  }

  /** The most that the members of one instant contribute together. */
  #peak(cycle: PoolCycle, rule: PoolRule): bigint {
    const changes: { readonly at: number; readonly by: bigint }[] = [];
    for (const member of cycle.pool.members) {
      for (const stretch of this.#stretches(member, cycle, rule)) {
        const by = BigInt(this.#contributed(stretch, cycle));
        changes.push({ at: stretch.start, by }, { at: stretch.end, by: -by });
      }
    }
    // At one instant those that leave go before those that join.
    changes.sort((a, b) => a.at - b.at || (a.by < b.by ? -1 : a.by > b.by ? 1 : 0));
    let now = 0n;
    let most = 0n;
    for (const { by } of changes) {
      now += by;
      if (now > most) most = now;
    }
    return most;
  }
}

function contributingStates({ contributors, suspension }: PoolRule): number {
  const states = contributors === 'billed' ? statesOf('active') : statesOf('test-ready', 'activation-ready', 'active');
  return suspension === 'keeps' ? states | statesOf('suspended') : states;
}
