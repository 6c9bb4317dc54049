/**
 * From guided events to totals. Holds sums by bucket, meter and row, never events.
 */
import type { PoolUse } from '../contract.ts';
import { type AuditorBook, holdsIn, type Price } from './book.ts';
import { Calendar, type Cycle } from './calendar.ts';
import { type Bucket, Demands, type Meter, OrderDecides, type TotalCell } from './demand.ts';
import type { Guided } from './outcomes.ts';
import { PoolSizes } from './pool-size.ts';
import { priceOf } from './price-function.ts';
import type { Reference } from './reference.ts';

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

export class Ledger {
  readonly #reference: Reference;
  readonly #poolSizes: PoolSizes;
  readonly #calendar = new Calendar();
  readonly #demands = new Demands();
  readonly #cells = new Map<string, TotalCell>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #poolBuckets = new Map<string, PoolBucket>();
  readonly #priceNumbers = new Map<string, number>();

  /** @param reference complete: facts that come later are not seen */
  constructor(reference: Reference) {
    this.#reference = reference;
    this.#poolSizes = new PoolSizes(reference);
  }

  add(guided: Guided, service: string, time: number): void {
    const { account, price, quantity } = guided;
    const cycle = this.#calendar.cycleOf(account.timeZone, time);
    const own = this.#cell(account.account, cycle.period, service, account.currency);
    if (price.function === null) {
      own.quantity += quantity;
      return;
    }
    const buckets = this.#eligible(guided, service, time, cycle);
    if (price.scope === 'event') {
      if (buckets.length > 0) throw new OrderDecides(`Price ${price.id} is charged by event behind a bucket.`);
      own.quantity += quantity;
      own.amount += priceOf(price.function, quantity);
      return;
    }
    this.#demands.add(buckets, this.#meter(guided, buckets, cycle, own), quantity);
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
    const id = `${this.#ownerOf(guided)}|${cycle.period}|${this.#numberOf(price)}`;
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
  #numberOf(price: Price): number {
    let number = this.#priceNumbers.get(price.identity);
    if (number === undefined) {
      number = this.#priceNumbers.size;
      this.#priceNumbers.set(price.identity, number);
    }
    return number;
  }

  /** In the order of the waterfall. */
  #eligible(guided: Guided, service: string, time: number, cycle: Cycle): Bucket[] {
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
    for (const { grant, addOn, from, to } of this.#reference.grants.get(name) ?? []) {
      if (time < from || time >= to) continue;
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
