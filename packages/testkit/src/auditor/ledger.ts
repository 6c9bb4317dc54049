/**
 * From guided events to the settled bill.
 *
 * 1. Events are kept, and taken in canonical order once all are there: by time, then by event id. So no result depends on
 *    the order in which they came.
 * 2. Hierarchies of accounts are settled one after the other; what happens in one touches no other.
 * 3. Buckets cover the front of an event; what is left goes to the meter of its price, or of each price that its seconds
 *    have. Costs are on the whole event.
 */
import type { PoolUse } from '../contract.ts';
import { Buckets, draw, isPool, type PoolBucket } from './buckets.ts';
import type { Calendar, Stretch } from './calendar.ts';
import { type Cell, Cells } from './cells.ts';
import { KEY_WORDS } from './events.ts';
import { Meters } from './meters.ts';
import { type Guided, isFailure, whoPays } from './outcomes.ts';
import { PoolSizes } from './pool-size.ts';
import { type PricedUse, type PricePart, priceParts } from './price-parts.ts';
import type { Reference } from './reference.ts';

/** A guided event, in few bytes: the rest is found again. */
export interface KeptEvent extends Pick<Guided, 'subscription' | 'kind' | 'quantity' | 'lasting'> {
  readonly key: string;
  /** Microseconds. */
  readonly time: number;
  /** What tells it from another payload under its key. */
  readonly payloadHash: number;
}

export interface SettledBill {
  readonly retail: readonly Cell[];
  readonly wholesale: readonly Cell[];
  readonly pools: readonly PoolUse[];
}

export class Ledger {
  readonly #reference: Reference;
  readonly #calendar: Calendar;
  readonly #byRoot = new Map<string, KeptEvent[]>();
  /** Kinds of use that are alike are one object: there are millions of events. */
  readonly #kinds = new Map<string, Guided['kind']>();

  /** @param reference complete: facts that come later are not seen */
  constructor(reference: Reference, calendar: Calendar) {
    this.#reference = reference;
    this.#calendar = calendar;
  }

  add(guided: Guided, key: string, time: number, payloadHash: number): KeptEvent {
    const { subscription, quantity, lasting } = guided;
    const { service, zone, rat } = guided.kind;
    const name = `${service}|${zone}|${rat}`;
    const kind = this.#kinds.get(name) ?? guided.kind;
    this.#kinds.set(name, kind);
    const kept = { key, time, subscription, kind, quantity, lasting, payloadHash };
    const root = this.#reference.rootOf(subscription.account);
    const events = this.#byRoot.get(root);
    if (events === undefined) this.#byRoot.set(root, [kept]);
    else events.push(kept);
    return kept;
  }

  /** To be called once, at the end. @param undecided is billed to nobody */
  settle(undecided: ReadonlySet<KeptEvent>): SettledBill {
    const retail = new Cells();
    const wholesale = new Cells();
    const pools: PoolBucket[] = [];
    const sizes = new PoolSizes(this.#reference);
    for (const [root, events] of this.#byRoot) {
      events.sort(canonically);
      const buckets = new Buckets(this.#reference, sizes, this.#calendar);
      const settlement = new Settlement(this.#reference, this.#calendar, buckets, retail, wholesale);
      for (const event of events) if (!undecided.has(event)) settlement.take(event);
      settlement.close();
      pools.push(...buckets.pools);
      this.#byRoot.set(root, []);
    }
    pools.sort((a, b) => compareText(a.period, b.period) || compareText(a.pool, b.pool));
    return { retail: retail.all(), wholesale: wholesale.all(), pools: pools.map(poolUse) };
  }
}

interface MeterPlace extends Pick<PricedUse, 'timeZone' | 'time'> {
  readonly cycle: Stretch;
  /** A part of the event before this one has paid for the connection. */
  readonly connected: boolean;
}

/** One hierarchy of accounts. Events come in canonical order. */
class Settlement {
  readonly #reference: Reference;
  readonly #calendar: Calendar;
  readonly #buckets: Buckets;
  readonly #retail: Cells;
  readonly #wholesale: Cells;
  readonly #meters = new Meters();

  constructor(reference: Reference, calendar: Calendar, buckets: Buckets, retail: Cells, wholesale: Cells) {
    this.#reference = reference;
    this.#calendar = calendar;
    this.#buckets = buckets;
    this.#retail = retail;
    this.#wholesale = wholesale;
  }

  take(event: KeptEvent): void {
    const who = whoPays(event.subscription, event.time, this.#reference);
    const plan = isFailure(who) ? undefined : who.book.plans.get(event.subscription.plan);
    if (isFailure(who) || plan === undefined) throw new Error(`${event.key} was guided before, and is not now.`);
    const { account, book } = who;
    const cycle = this.#calendar.cycleOf(account.timeZone, event.time);
    const use: PricedUse = { ...event, timeZone: account.timeZone };
    this.#takeRetail({ ...who, ...event, plan }, use, cycle);
    for (const part of priceParts(book.wholesale, use, 0, this.#calendar) ?? []) {
      const row = this.#wholesale.of(account.account, cycle.name, event.kind.service, book.wholesaleCurrency);
      const owner = `w|${ownerOf(part, { ...who, ...event, plan })}`;
      this.#meter(part, row, owner, { ...use, cycle, connected: false });
    }
  }

  close(): void {
    this.#meters.close();
  }

  #takeRetail(guided: Guided, use: PricedUse, cycle: Stretch): void {
    const { account, subscription, pool, plan, kind } = guided;
    const rowOf = (payer: string): Cell => this.#retail.of(payer, cycle.name, kind.service, account.currency);
    const own = rowOf(account.account);
    if (priceParts(plan.prices, { ...use, lasting: false }, 0, this.#calendar)?.[0]?.price.function === null) {
      own.quantity += BigInt(use.quantity);
      return;
    }
    const buckets = this.#buckets.eligible(guided, use.time, cycle);
    const quantity = BigInt(use.quantity);
    let rest = quantity;
    for (const bucket of buckets) {
      const covered = draw(bucket, subscription.subscription, rest);
      rest -= covered;
      if (covered > 0n) (isPool(bucket) ? rowOf(bucket.account) : own).quantity += covered;
    }
    for (const bucket of buckets) if (isPool(bucket)) bucket.overage += rest;
    if (rest === 0n && quantity > 0n) return;
    let connected = false;
    for (const part of priceParts(plan.prices, use, Number(quantity - rest), this.#calendar) ?? []) {
      // Overage of a pool is paid by the pool's account; everything else by the subscription's.
      const byPool = part.price.owner === 'pool' && pool !== null && buckets.length > 0;
      const row = byPool ? rowOf(pool.account) : own;
      this.#meter(part, row, ownerOf(part, guided), { ...use, cycle, connected });
      connected = true;
    }
  }

  #meter({ price, quantity }: PricePart, row: Cell, owner: string, place: MeterPlace): void {
    const { timeZone, time, cycle, connected } = place;
    const within = price.scope === 'day' ? this.#calendar.dayOf(timeZone, time) : cycle;
    const instance = price.scope === 'event' ? null : `${owner}|${within.name}`;
    this.#meters.add(price, instance, row, BigInt(quantity), connected);
  }
}

function ownerOf({ price }: PricePart, { subscription, account, pool }: Guided): string {
  if (price.owner === 'account') return `a/${account.account}`;
  return price.owner === 'pool' && pool !== null ? `p/${pool.pool}` : `s/${subscription.subscription}`;
}

function poolUse({ pool, account, rule, period, size, used, overage }: PoolBucket): PoolUse {
  return { pool, account, rule, period, size: String(size), used: String(used), overage: String(overage) };
}

/** By time, then by event id, by code points, which is the order of UTF-8. */
function canonically(a: KeptEvent, b: KeptEvent): number {
  if (a.time !== b.time) return a.time - b.time;
  return Buffer.compare(Buffer.from(a.key.slice(KEY_WORDS)), Buffer.from(b.key.slice(KEY_WORDS)));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
