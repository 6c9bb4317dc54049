/**
 * Pools: one bucket for each pool, rule and cycle, sized by its members' stretches as known, and the record of what of its
 * members' use it covered and what went over, by meter. That record is what growth gives back from (`give-back.ts`).
 *
 * 1. A cycle's size is worked out when it is first used (once over the members) and then kept by differences.
 * 2. covered + overage of a share is all use that was eligible for the pool, on that meter, and not taken by other buckets.
 * 3. A stretch counts by the book in force at its start, inside the cycle. A member with several plans in a cycle of a
 *    pool without proration adds the largest of their contributions, once.
 */
import type { Cycle } from '../calendar.ts';
import type { Catalogue } from './catalogue.ts';
import { Names } from './columns.ts';
import { prorate } from './proration.ts';
import type { Stretch, Subscriptions } from './subscriptions.ts';

/** Use of one meter that was eligible for a pool. */
export interface Share {
  /** Number of the price. */
  readonly item: number;
  /** Who owns the meter: see `owners.ts`. */
  readonly owner: number;
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
  readonly cycle: Cycle;
  /** Who pays. */
  readonly account: string;
  readonly bucketId: string;
  /** Sum of all contributions; may pass what a number holds. */
  exactSize = 0n;
  /** The same, at most 2^53 - 1, which no use can pass. */
  size = 0;
  used = 0;
  /** Sum of the shares' overage. */
  overage = 0;
  /** By owner and price. */
  readonly shares = new Map<string, Share>();
  #lastItem = -1;
  #lastOwner = -1;
  #lastShare: Share | undefined;

  constructor(pool: PoolState, rule: string, cycle: Cycle, account: string) {
    this.pool = pool;
    this.rule = rule;
    this.cycle = cycle;
    this.account = account;
    this.bucketId = `pool:${pool.name}/${rule}/${cycle.period}`;
  }

  resize(exactSize: bigint): void {
    this.exactSize = exactSize;
    this.size = exactSize > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(exactSize);
  }

  /** The share of a meter, if there is one. */
  share(item: number, owner: number): Share | undefined {
    if (item === this.#lastItem && owner === this.#lastOwner) return this.#lastShare;
    const share = this.shares.get(`${owner}/${item}`);
    if (share !== undefined) {
      this.#lastItem = item;
      this.#lastOwner = owner;
      this.#lastShare = share;
    }
    return share;
  }

  addShare(share: Share): Share {
    this.shares.set(`${share.owner}/${share.item}`, share);
    return share;
  }
}

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

  find(rule: string, time: number): PoolCycle | undefined {
    const last = this.#last;
    if (last !== undefined && last.rule === rule && time >= last.cycle.start && time < last.cycle.end) return last;
    const found = this.cycles.find(
      (entry) => entry.rule === rule && time >= entry.cycle.start && time < entry.cycle.end,
    );
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
    const opened = new PoolCycle(pool, rule, cycle, account);
    opened.resize(this.exactSize(opened));
    pool.addCycle(opened);
    return opened;
  }

  /** The size from scratch. */
  exactSize(cycle: PoolCycle): bigint {
    const rule = this.#catalogue.poolRule(cycle.rule, cycle.cycle.start);
    if (rule?.kind === 'fixed') return BigInt(rule.quantity);
    let sum = 0n;
    let batch = 0;
    for (const member of cycle.pool.members) {
      batch += this.contribution(member, cycle);
      if (batch < 2 ** 52) continue;
      sum += BigInt(batch);
      batch = 0;
    }
    return sum + BigInt(batch);
  }

  /** What one member adds to a stacked pool's cycle, in raw units; 0 to a fixed one. */
  contribution(member: number, cycle: PoolCycle): number {
    const { start, end } = cycle.cycle;
    const rule = this.#catalogue.poolRule(cycle.rule, start);
    if (rule === undefined || rule.kind === 'fixed') return 0;
    const stretches = this.#subscriptions.stretches(member, cycle.pool.number, start, end);
    const quantity = (stretch: Stretch): number =>
      this.#catalogue.nearest(stretch.start)?.book.plans.get(stretch.plan)?.contributes.get(cycle.rule) ?? 0;
    if (rule.proration === 'none') return stretches.reduce((most, stretch) => Math.max(most, quantity(stretch)), 0);
    return stretches.reduce(
      (sum, stretch) => sum + prorate(quantity(stretch), stretch.end - stretch.start, end - start),
      0,
    );
  }
}
