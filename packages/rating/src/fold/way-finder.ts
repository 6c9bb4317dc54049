/**
 * Whether what an event just went through by the general steps is a way that can be gone again by numbers alone, and the row
 * that says so. What a way may have is what most books have: one price for each leg without hours or directions, behind
 * buckets without steps, limits, devices or times of their own.
 */

import type { Cycle } from '../calendar.ts';
import { type LineRule, PAYER_POOL_ACCOUNT, PAYER_USAGE_ACCOUNT } from '../contract.ts';
import { MICROS_PER_DAY } from '../time.ts';
import { allowanceSize, rolledOverSize } from './bucket-sizes.ts';
import { type BucketSource, ONCE } from './bucket-source.ts';
import { claimsInOrder, type OrderedBucket } from './draws.ts';
import { grantName } from './grants.ts';
import { accountOwner, poolOwner } from './owners.ts';
import type { Party } from './parties.ts';
import type { PoolCycle } from './pools.ts';
import type { PriceItem } from './price-item.ts';
import { OWNED_BY_ACCOUNT, OWNED_BY_POOL, OWNED_BY_SUBSCRIPTION } from './route.ts';
import type { LegChoices, RoutePrice } from './route-price.ts';
import type { PartitionState } from './state.ts';
import type { Usage } from './usage.ts';
import * as N from './way-numbers.ts';
import type { WayParts } from './ways.ts';

/** How a price is met on the way: who owns its meter, as rules and as counters name owners, and in which cycle or day. */
interface Meeting {
  readonly ownedBy: number;
  readonly owner: number;
  readonly cycle: { readonly index: number; readonly period: string };
}

export class WayFinder {
  /** The row of the way found last. */
  readonly row = new Float64Array(N.WAY_NUMBERS);
  readonly #state: PartitionState;

  constructor(state: PartitionState) {
    this.#state = state;
  }

  /** What the event in hand has gone along, if that can be a way; `row` then has its numbers. */
  find(usage: Usage): WayParts | undefined {
    const { route, party } = usage;
    const { book } = route.offer.book;
    const { retail, wholesale, service } = route.offer;
    const counts = (N.COUNTED as readonly (string | undefined)[]).indexOf(service?.counts);
    if (counts === -1 || book.attribution !== 'start' || (book.thresholds.at(-1) ?? 0) > 100) return undefined;
    const price = plainPrice(retail);
    const cost = wholesale === undefined ? undefined : plainPrice(wholesale);
    if (price === undefined || (wholesale !== undefined && cost === undefined)) return undefined;
    const buckets = this.#buckets(usage);
    if (buckets === undefined) return undefined;
    const hasPool = buckets.some(({ source }) => source?.kind === 'pool');
    const pool = hasPool && party.pool !== undefined ? usage.poolCycle(party.pool) : undefined;
    const met = meet(usage, price.item);
    const lasting = price.item.scope === 'cycle';
    const share = pool !== undefined && lasting ? pool.share(price.item.number, met.owner) : undefined;
    // The first use of a meter opens the pool's record of it, by the general steps.
    if (pool !== undefined && lasting && share === undefined) return undefined;
    this.row.fill(N.NONE);
    this.#writeHead(usage, counts, buckets, pool);
    if (price.item.scope === 'day' || cost?.item.scope === 'day') this.#keepInDay(usage);
    buckets.forEach((bucket, index) => {
      this.#writeBucket(usage, bucket, N.BUCKET_ROWS + index * N.BUCKET_NUMBERS);
    });
    const rules: (LineRule | undefined)[] = new Array<undefined>(N.WAY_RULES).fill(undefined);
    buckets.forEach((bucket, index) => {
      const { period } = bucket.source?.kind === 'pool' && pool !== undefined ? pool.cycle : usage.cycle;
      rules[index] =
        bucket.source === undefined
          ? route.grantRule(grantName(bucket.grant), period)
          : route.bucketRule(bucket.source, period);
    });
    rules[N.RULE_RETAIL] = this.#writeRetail(usage, price, met, buckets);
    if (cost !== undefined) rules[N.RULE_WHOLESALE] = this.#writeWholesale(usage, cost);
    const { thresholds } = book;
    const grants = buckets.map(({ grant }) => grant);
    return {
      context: usage.context,
      party,
      pool,
      share,
      retail: price.item,
      wholesale: cost?.item,
      grants,
      rules,
      thresholds,
    };
  }

  /** What the event may draw, in order; undefined if any of it is not plain. */
  #buckets(usage: Usage): OrderedBucket[] | undefined {
    const { route, party, cycle } = usage;
    const { grants } = party.subscription;
    const sources = route.offer.sources(party.poolRule);
    const ordered = claimsInOrder(this.#state, usage, sources, grants ?? []).filter(({ source }) => {
      if (source?.kind === 'pool') return party.pool !== undefined;
      // Nothing rolled over is no bucket.
      return source?.kind !== 'rolled-over' || this.#sizeOf(source, party, cycle) > 0;
    });
    if (ordered.length > N.BUCKETS_MAX || !ordered.every(isPlainBucket)) return undefined;
    if (!ordered.some(rolls)) return ordered;
    // Late use of an allowance that rolls over keeps to the general steps.
    if (cycle.index < party.subscription.latestRolling) return undefined;
    party.subscription.noteRollingUse(cycle.index);
    return ordered;
  }

  #sizeOf({ allowance, items, kind }: BucketSource, party: Party, cycle: Cycle): number {
    if (allowance === undefined || items === undefined) return 0;
    return kind === 'fresh'
      ? allowanceSize(this.#state, allowance, party, cycle)
      : rolledOverSize(this.#state, items, party, party.owner, cycle);
  }

  #writeHead(usage: Usage, counts: number, buckets: readonly OrderedBucket[], pool: PoolCycle | undefined): void {
    const { row } = this;
    const { route, cycle, party, time } = usage;
    const within = pool?.cycle ?? cycle;
    row[N.FROM] = Math.max(route.from, cycle.start, within.start);
    row[N.TO] = Math.min(route.to, cycle.end, within.end);
    for (const { validFrom, validTo } of party.subscription.grants ?? []) {
      for (const change of [validFrom, validTo]) {
        if (change <= time) row[N.FROM] = Math.max(row[N.FROM] as number, change);
        else row[N.TO] = Math.min(row[N.TO] as number, change);
      }
    }
    row[N.CHANGES] = this.#state.changes;
    row[N.COUNTS] = counts;
    row[N.BUCKETS] = buckets.length;
    row[N.MEMBER] = party.subscription.number;
    row[N.POOL] = pool?.pool.number ?? 0;
    row[N.POOL_CYCLE] = pool?.counterCycle ?? 0;
    row[N.ROLLING] = buckets.some(rolls) ? cycle.index : 0;
    row[N.LATE_ROLLING] = party.subscription.lateRolling;
  }

  /** A day's meter is another one on the day after; a change of clock ends the way as well. */
  #keepInDay({ party, time }: Usage): void {
    const { row } = this;
    const clock = party.calendar.clockAt(time);
    const start = party.calendar.dayAt(time) * MICROS_PER_DAY - clock.offset;
    row[N.FROM] = Math.max(row[N.FROM] as number, start, clock.from);
    row[N.TO] = Math.min(row[N.TO] as number, start + MICROS_PER_DAY, clock.to);
  }

  #writeBucket({ party, cycle }: Usage, { source, terms }: OrderedBucket, at: number): void {
    const { row } = this;
    const { allowance, items } = source ?? {};
    row[at + N.BUCKET_LIMIT] = terms.limitPerSubscription ?? N.NO_LIMIT;
    if (source === undefined) {
      row[at + N.BUCKET_KIND] = N.KIND_GRANT;
      row[at + N.BUCKET_SIZE] = terms.quantity;
    } else if (allowance === undefined || items === undefined) {
      row[at + N.BUCKET_KIND] = N.KIND_POOL;
    } else {
      row[at + N.BUCKET_KIND] = N.KIND_ALLOWANCE;
      row[at + N.BUCKET_OWNER] = allowance.owner === 'account' ? accountOwner(party.account.number) : party.owner;
      row[at + N.BUCKET_ITEM] = source.kind === 'fresh' ? items.fresh : items.rolledOver;
      row[at + N.BUCKET_CYCLE] = allowance.recurs === 'once' ? ONCE : cycle.index;
      row[at + N.BUCKET_SIZE] = this.#sizeOf(source, party, cycle);
    }
  }

  #writeRetail(usage: Usage, { price, item }: PlainPrice, met: Meeting, buckets: readonly OrderedBucket[]): LineRule {
    const over = buckets.length > 0;
    const poolPays = over && met.ownedBy === OWNED_BY_POOL;
    this.#writePrice(item, met, poolPays ? PAYER_POOL_ACCOUNT : PAYER_USAGE_ACCOUNT, N.RETAIL);
    const period = poolPays && item.scope === 'cycle' ? met.cycle.period : usage.cycle.period;
    const stops = buckets.find(({ terms }) => terms.atEnd === 'stop');
    const stopped = stops === undefined ? '' : nameOf(stops);
    return usage.route.priceRule(price, period, over ? 'overage' : 'pay-per-use', met.ownedBy, stopped);
  }

  #writeWholesale(usage: Usage, { price, item }: PlainPrice): LineRule {
    const met = meet(usage, item);
    this.#writePrice(item, met, PAYER_USAGE_ACCOUNT, N.WHOLESALE);
    return usage.route.priceRule(price, usage.cycle.period, 'pay-per-use', met.ownedBy, '');
  }

  #writePrice(item: PriceItem, { owner, cycle }: Meeting, payer: number, at: number): void {
    const { row } = this;
    row[at + N.PRICE_SCOPE] =
      item.scope === 'event' ? N.SCOPE_EVENT : item.scope === 'day' ? N.SCOPE_DAY : N.SCOPE_CYCLE;
    row[at + N.PRICE_OWNER] = owner;
    row[at + N.PRICE_ITEM] = item.number;
    row[at + N.PRICE_CYCLE] = cycle.index;
    row[at + N.PRICE_PAYER] = payer;
    row[at + N.PRICE_STRAIGHT] = item.price.writeLine(row, at + N.PRICE_LINE) ? 1 : 0;
  }
}

interface PlainPrice {
  readonly price: RoutePrice;
  readonly item: PriceItem;
}

/** The one metered price of a leg that is the same at every hour, with a meter of an event, or of a day or cycle if it starts at 0. */
function plainPrice({ whole, up, down }: LegChoices): PlainPrice | undefined {
  const price = up === undefined && down === undefined ? whole?.fixed : undefined;
  const item = price?.item;
  if (price === undefined || item === undefined || item.feesWhenCovered || item.price.perEvent) return undefined;
  if (item.scope === 'event') return { price, item };
  const simple = item.scope !== 'session' && item.minimum === undefined && item.price.startsAtZero;
  return simple ? { price, item } : undefined;
}

function nameOf(bucket: OrderedBucket): string {
  return bucket.source === undefined ? grantName(bucket.grant) : bucket.source.name;
}

function rolls({ source }: OrderedBucket): boolean {
  return source?.allowance?.rollover !== undefined;
}

function isPlainBucket({ source, terms }: OrderedBucket): boolean {
  if (terms.step !== 1) return false;
  if (source === undefined) return !terms.boundToDevice && terms.limitPerSubscription === undefined;
  if (source.kind === 'pool') return true;
  if (source.boundToDevice || terms.limitPerSubscription !== undefined) return false;
  // What rolls over for an account is changed by others' late use.
  return source.allowance?.rollover === undefined || source.allowance.owner === 'subscription';
}

function meet(usage: Usage, item: PriceItem): Meeting {
  const { party } = usage;
  const day = { index: party.calendar.dayAt(usage.cycleTime), period: usage.cycle.period };
  const cycle = item.scope === 'day' ? day : usage.cycle;
  if (item.owner === 'pool' && party.pool !== undefined) {
    const { number } = party.pool;
    const meeting = { ownedBy: OWNED_BY_POOL, owner: poolOwner(number) };
    return { ...meeting, cycle: item.scope === 'day' ? day : usage.poolCycle(party.pool).cycle };
  }
  return item.owner === 'account'
    ? { ownedBy: OWNED_BY_ACCOUNT, owner: accountOwner(party.account.number), cycle }
    : { ownedBy: OWNED_BY_SUBSCRIPTION, owner: party.owner, cycle };
}
