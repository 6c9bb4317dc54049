/**
 * From guided events to totals. Holds sums by bucket, meter and row, never events.
 */
import type { PoolUse } from '../contract.ts';
import { type AuditorBook, holdsIn } from './book.ts';
import { Calendar, type Cycle } from './calendar.ts';
import { type Bucket, type Demand, Demands, type Meter, OrderDecides, type TotalCell } from './demand.ts';
import type { Guided } from './outcomes.ts';
import { PoolSizes } from './pool-size.ts';
import { priceOf } from './price-function.ts';
import type { Grant, Reference, SubscriptionState } from './reference.ts';

/** A bucket with what decides its place in the waterfall. */
interface Candidate {
  readonly bucket: Bucket;
  readonly priority: number;
  readonly zones: number;
  readonly expires: number;
  readonly granted: number;
}

interface PoolBucket {
  readonly bucket: Bucket;
  readonly account: string;
  readonly rule: string;
  readonly period: string;
  readonly books: Set<AuditorBook>;
}

/** Where those events of a subscription go for which all of this is the same. */
interface Way extends Pick<Guided, 'account' | 'pool' | 'book' | 'price' | 'zone'> {
  readonly cycle: Cycle;
  /** The top-ups that were valid. */
  readonly held: string;
  /** The row of the subscription's own account. */
  readonly own: TotalCell;
  /** Null where each event is priced alone, or is free. */
  readonly demand: Demand | null;
}

const NO_GRANTS: readonly Grant[] = [];

export class Ledger {
  readonly #reference: Reference;
  readonly #poolSizes: PoolSizes;
  readonly #calendar = new Calendar();
  readonly #demands = new Demands();
  readonly #cells = new Map<string, TotalCell>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #poolBuckets = new Map<string, PoolBucket>();
  readonly #ways = new Map<SubscriptionState, Way[]>();
  readonly #numbers = new Map<string, number>();

  /** @param reference complete: facts that come later are not seen */
  constructor(reference: Reference) {
    this.#reference = reference;
    this.#poolSizes = new PoolSizes(reference);
  }

  add(guided: Guided, service: string, time: number): void {
    const { price, quantity } = guided;
    const way = this.#wayOf(guided, service, time);
    if (way.demand !== null) {
      way.demand.quantity += quantity;
      return;
    }
    way.own.quantity += quantity;
    if (price.function !== null) way.own.amount += priceOf(price.function, quantity);
  }

  /** Found once for all events that the same buckets and the same meter are for. */
  #wayOf(guided: Guided, service: string, time: number): Way {
    const { subscription, account, pool, price, book } = guided;
    // Zones that no bucket names are all alike, and there are many of them.
    const zone = book.bucketZones(service).has(guided.zone) ? guided.zone : '';
    const cycle = this.#calendar.cycleOf(account.timeZone, time);
    const grants = this.#grantsAt(subscription.subscription, time);
    const held = grants.map((grant) => grant.grant).join();
    const ways = this.#ways.get(subscription);
    for (const way of ways ?? []) {
      const same = way.price === price && way.cycle === cycle && way.zone === zone && way.held === held;
      if (same && way.pool === pool && way.book === book && way.account === account) return way;
    }
    const { own, demand } = this.#findWay(guided, service, cycle, grants);
    const way = { cycle, price, zone, held, pool, book, account, own, demand };
    if (ways === undefined) this.#ways.set(subscription, [way]);
    else ways.push(way);
    return way;
  }

  #findWay(guided: Guided, service: string, cycle: Cycle, grants: readonly Grant[]): Pick<Way, 'own' | 'demand'> {
    const { account, price } = guided;
    const own = this.#cell(account.account, cycle.period, service, account.currency);
    if (price.function === null) return { own, demand: null };
    const buckets = this.#eligible(guided, service, cycle, grants);
    if (price.scope === 'cycle') {
      return { own, demand: this.#demands.create(buckets, this.#meter(guided, buckets, cycle, own)) };
    }
    if (buckets.length > 0) throw new OrderDecides(`Price ${price.id} is charged by event behind a bucket.`);
    return { own, demand: null };
  }

  #grantsAt(subscription: string, time: number): readonly Grant[] {
    const grants = this.#reference.grants.get(subscription);
    return grants === undefined ? NO_GRANTS : grants.filter(({ from, to }) => from <= time && time < to);
  }

  /** To be called once, at the end. */
  settle(): { readonly cells: readonly TotalCell[]; readonly pools: readonly PoolUse[] } {
    const pools: PoolUse[] = [];
    for (const { bucket, used, overage } of this.#demands.settle()) {
      const pool = this.#poolBuckets.get(bucket.id);
      if (pool === undefined || bucket.pool === null) continue;
      const { account, rule, period } = pool;
      const quantities = { size: String(bucket.size), used: String(used), overage: String(overage) };
      pools.push({ pool: bucket.pool, account, rule, period, ...quantities });
    }
    pools.sort((a, b) => compareText(a.period, b.period) || compareText(a.pool, b.pool));
    return { cells: [...this.#cells.values()], pools };
  }

  #cell(account: string, period: string, service: string, currency: string): TotalCell {
    const key = `${account}|${period}|${service}|${currency}`;
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = { account, period, service, currency, quantity: 0n, amount: 0n };
      this.#cells.set(key, cell);
    }
    return cell;
  }

  /** Overage of a pool is paid by the pool's account; everything else by the subscription's. */
  #meter(guided: Guided, buckets: readonly Bucket[], cycle: Cycle, own: TotalCell): Meter {
    const { subscription, account, pool, price } = guided;
    const id = [this.#ownerOf(guided), cycle.period, this.#numberOf(price.identity)].join('|');
    const payer = price.owner === 'pool' && pool !== null && buckets.length > 0 ? pool.account : subscription.account;
    const row = payer === own.account ? own : this.#cell(payer, cycle.period, own.service, account.currency);
    if (price.function === null) throw new Error(`Price ${price.id} has no function.`);
    return { id, function: price.function, row };
  }

  #ownerOf({ subscription, pool, price }: Guided): string {
    if (price.owner === 'subscription') return `s/${subscription.subscription}`;
    if (price.owner === 'account') return `a/${subscription.account}`;
    if (pool === null) throw new OrderDecides(`Price ${price.id} meters by pool a subscription that is in none.`);
    return `p/${pool.pool}`;
  }

  /** Equal prices have the same number, in whatever book. */
  #numberOf(identity: string): number {
    let number = this.#numbers.get(identity);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(identity, number);
    }
    return number;
  }

  /** In the order of the waterfall. */
  #eligible(guided: Guided, service: string, cycle: Cycle, grants: readonly Grant[]): Bucket[] {
    const candidates: Candidate[] = [];
    const pool = this.#poolCandidate(guided, service, cycle);
    if (pool !== null) candidates.push(pool);
    const { subscription, plan, zone, book } = guided;
    const name = subscription.subscription;
    const own = { account: subscription.account, service, currency: guided.account.currency, period: cycle.period };
    for (const { id, service: of, zones, quantity, priority } of plan.allowances) {
      if (of !== service || !holdsIn(zones, zone)) continue;
      const bucket = this.#bucket(`a|${name}|${plan.name}|${id}|${cycle.period}`, null, own, quantity);
      candidates.push({ bucket, priority, zones: widthOf(zones), expires: cycle.to, granted: cycle.from });
    }
    for (const { grant, addOn, from, to } of grants) {
      const rule = book.addOns.get(addOn);
      if (rule === undefined) throw new Error(`The top-up ${grant} names ${addOn}, which is not in the book.`);
      if (rule.service !== service || !holdsIn(rule.zones, zone)) continue;
      const bucket = this.#bucket(`g|${grant}`, null, own, rule.quantity);
      candidates.push({ bucket, priority: rule.priority, zones: widthOf(rule.zones), expires: to, granted: from });
    }
    return candidates.sort(byWaterfall).map((candidate) => candidate.bucket);
  }

  #poolCandidate(guided: Guided, service: string, cycle: Cycle): Candidate | null {
    const { pool, book, zone, account } = guided;
    if (pool === null) return null;
    const rule = book.pools.get(pool.rule);
    if (rule === undefined || rule.service !== service || !holdsIn(rule.zones, zone)) return null;
    const id = `p|${pool.pool}|${cycle.period}`;
    let known = this.#poolBuckets.get(id);
    if (known === undefined || !known.books.has(book)) {
      const size = this.#poolSizes.sizeOf(pool.pool, pool.rule, book, cycle);
      const row = { account: pool.account, service, currency: account.currency, period: cycle.period };
      const bucket = this.#bucket(id, pool.pool, row, size);
      if (bucket.size !== size) throw new OrderDecides(`Pool ${pool.pool} has two sizes in ${cycle.period}.`);
      known ??= { bucket, account: pool.account, rule: pool.rule, period: cycle.period, books: new Set() };
      known.books.add(book);
      this.#poolBuckets.set(id, known);
    }
    const { bucket, account: payer, rule: named } = known;
    if (payer !== pool.account || named !== pool.rule)
      throw new OrderDecides(`Pool ${pool.pool} changes inside a cycle.`);
    const { priority, zones } = rule;
    return { bucket, priority, zones: widthOf(zones), expires: cycle.to, granted: cycle.from };
  }

  #bucket(id: string, pool: string | null, row: Omit<TotalCell, 'quantity' | 'amount'>, size: bigint): Bucket {
    let bucket = this.#buckets.get(id);
    if (bucket === undefined) {
      bucket = { id, pool, row: this.#cell(row.account, row.period, row.service, row.currency), size };
      this.#buckets.set(id, bucket);
    }
    return bucket;
  }
}

/** Narrower first: a bucket that holds everywhere is the widest. */
function widthOf(zones: readonly string[] | null): number {
  return zones === null ? Number.POSITIVE_INFINITY : zones.length;
}

function byWaterfall(a: Candidate, b: Candidate): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.zones !== b.zones) return a.zones < b.zones ? -1 : 1;
  if (a.expires !== b.expires) return a.expires - b.expires;
  if (a.granted !== b.granted) return a.granted - b.granted;
  return compareText(a.bucket.id, b.bucket.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
