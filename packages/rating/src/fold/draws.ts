/**
 * What one event draws from buckets: worked out first (`plan`), made true later (`commit`), so that an event that cannot
 * be rated has drawn nothing. One object serves all events.
 *
 * 1. Buckets are drawn in the order of the waterfall, each as far as it goes, and the draws never exceed the event.
 * 2. An event of quantity 0 draws nothing: it goes to its meter.
 * 3. Of a bucket with steps only whole steps are drawn, and a started step is used up: what a line covers may be less than
 *    what its bucket loses.
 */
import type { LineRule } from '../contract.ts';
import type { AddOn, BucketTerms } from '../price-book/price-book.ts';
import { allowanceSize, rolledOverSize } from './bucket-sizes.ts';
import { type BucketSource, ONCE } from './bucket-source.ts';
import { fits } from './criteria.ts';
import { type Grant, grantName } from './grants.ts';
import { EVENT_LINES_MAX, EVENT_LINES_SURE } from './limits.ts';
import { accountOwner } from './owners.ts';
import type { PoolCycle } from './pools.ts';
import type { Sources } from './route.ts';
import type { PartitionState } from './state.ts';
import type { Usage } from './usage.ts';
import { type Claim, compareClaims, zoneCount } from './waterfall.ts';

/** One bucket drawn: a source of the route, with the pool's cycle where that is it, or a grant. */
class Draw {
  source: BucketSource | undefined = undefined;
  poolCycle: PoolCycle | undefined = undefined;
  grant: Grant | undefined = undefined;
  /** Of an allowance's counter: owner, number and cycle. */
  owner = 0;
  item = 0;
  cycle = 0;
  before = 0;
  size = 0;
  /** What is covered of the event. */
  covered = 0;
  /** What the bucket loses. */
  drawn = 0;
}

export class Draws {
  /** Buckets drawn by the event planned last. */
  count = 0;
  covered = 0;
  /** True if any bucket held is for this use, empty or not: what is left is overage. */
  eligible = false;
  /** Name of the first bucket in order whose end should have stopped the use; empty if none. */
  stopped = '';
  /** The pool's bucket, if it is eligible; what it covers of the event, and where in the event that begins. */
  poolCycle: PoolCycle | undefined = undefined;
  poolCovered = 0;
  poolBegins = 0;
  /** Size of the last eligible bucket, for thresholds above all of it. */
  lastSize = 0;
  readonly #state: PartitionState;
  readonly #draws: Draw[] = Array.from({ length: EVENT_LINES_SURE }, () => new Draw());

  constructor(state: PartitionState) {
    this.#state = state;
  }

  at(index: number): Draw {
    return this.#draws[index] as Draw;
  }

  /** Nothing is drawn, whatever there is. */
  clear(): void {
    this.count = 0;
    this.covered = 0;
    this.eligible = false;
    this.stopped = '';
    this.poolCycle = undefined;
    this.poolCovered = 0;
    this.poolBegins = 0;
    this.lastSize = 0;
  }

  /** Plans what covers the front of a quantity. False if the event would need more buckets than it may have lines. */
  plan(usage: Usage, sources: Sources, quantity: number): boolean {
    this.clear();
    const { grants } = usage.party.subscription;
    if (sources.timed || (grants !== undefined && anyHolds(grants, usage.time))) {
      return this.#planInTime(usage, sources, quantity, grants ?? NO_GRANTS);
    }
    for (const source of sources.list) if (!this.#drawSource(usage, source, quantity)) return false;
    return true;
  }

  /** The rule of a draw's line. */
  rule(usage: Usage, index: number): LineRule {
    const { source, poolCycle, grant } = this.at(index);
    const { period } = poolCycle?.cycle ?? usage.cycle;
    if (source !== undefined) return usage.route.bucketRule(source, period);
    return usage.route.grantRule(grant === undefined ? '' : grantName(grant), period);
  }

  commit(usage: Usage): void {
    const { buckets, poolDraws } = this.#state;
    const { subscription, owner } = usage.party;
    for (let index = 0; index < this.count; index += 1) {
      const { source, poolCycle, grant, owner: bucketOwner, item, cycle, before, drawn } = this.at(index);
      if (drawn === 0) continue;
      if (poolCycle !== undefined) {
        poolCycle.used += drawn;
        if (source?.terms.limitPerSubscription === undefined) continue;
        const { number } = poolCycle.pool;
        const sofar = poolDraws.get(subscription.number, number, poolCycle.counterCycle);
        poolDraws.set(subscription.number, number, poolCycle.counterCycle, sofar + drawn);
      } else if (grant !== undefined) {
        grant.used += drawn;
      } else {
        buckets.set(bucketOwner, item, cycle, before + drawn);
        const { items, terms } = source ?? {};
        if (items?.allowance.rollover !== undefined) subscription.noteRollingUse(cycle);
        if (items === undefined || terms?.limitPerSubscription === undefined) continue;
        buckets.set(owner, items.limit, cycle, buckets.get(owner, items.limit, cycle) + drawn);
      }
    }
  }

  /** False if there is no line left for a bucket that is needed. */
  #drawSource(usage: Usage, source: BucketSource, quantity: number): boolean {
    const { party } = usage;
    if (source.kind === 'pool') return party.pool === undefined || this.#drawPool(usage, source, quantity);
    const { allowance, items } = source;
    if (allowance === undefined || items === undefined) return true;
    if (source.boundToDevice && !this.#deviceFits(usage)) return true;
    const fresh = source.kind === 'fresh';
    const owner = allowance.owner === 'account' ? accountOwner(party.account.number) : party.owner;
    const cycle = allowance.recurs === 'once' ? ONCE : usage.cycle.index;
    const item = fresh ? items.fresh : items.rolledOver;
    const before = this.#state.buckets.get(owner, item, cycle);
    const size = fresh
      ? allowanceSize(this.#state, allowance, party, usage.cycle)
      : rolledOverSize(this.#state, items, party, owner, usage.cycle);
    // A rolled-over part that is not there is no bucket; a fresh one of size 0 is.
    if (!fresh && size === 0) return true;
    this.#note(source.terms, source.name, size);
    const limit = allowance.limitPerSubscription;
    // What the event itself drew of the same allowance, rolled over, counts against the limit as well.
    const limited =
      limit === undefined
        ? 0
        : this.#state.buckets.get(party.owner, items.limit, cycle) + this.#drawnBefore(items.limit);
    const draw = this.#draw(source.terms, before, size, limit === undefined ? size : limit - limited, quantity);
    if (draw === undefined) return this.#fits;
    draw.source = source;
    draw.owner = owner;
    draw.item = item;
    draw.cycle = cycle;
    return true;
  }

  #drawPool(usage: Usage, source: BucketSource, quantity: number): boolean {
    const { pool, subscription } = usage.party;
    if (pool === undefined) return true;
    const cycle = usage.poolCycle(pool);
    this.poolCycle = cycle;
    this.poolBegins = this.covered;
    this.#note(source.terms, source.name, cycle.size);
    const limit = source.terms.limitPerSubscription;
    const left =
      limit === undefined
        ? cycle.size
        : limit - this.#state.poolDraws.get(subscription.number, pool.number, cycle.counterCycle);
    const draw = this.#draw(source.terms, cycle.used, cycle.size, left, quantity);
    if (draw === undefined) return this.#fits;
    draw.source = source;
    draw.poolCycle = cycle;
    this.poolCovered = draw.covered;
    return true;
  }

  /** Notes that a bucket is for this use, whether or not it covers any of it. */
  #note(terms: BucketTerms, name: string, size: number): void {
    this.eligible = true;
    this.lastSize = size;
    if (terms.atEnd === 'stop' && this.stopped === '') this.stopped = name;
  }

  /** What draws planned before took of the allowance with a limit. */
  #drawnBefore(limitItem: number): number {
    let drawn = 0;
    for (let index = 0; index < this.count; index += 1) {
      const draw = this.at(index);
      if (draw.source?.items?.limit === limitItem) drawn += draw.drawn;
    }
    return drawn;
  }

  #fits = true;

  /**
   * Draws on a bucket; undefined if it is empty, or not needed, or (then `#fits` is false) there is no line left for it.
   * @param limit what may be drawn whatever is in the bucket
   */
  #draw(terms: BucketTerms, before: number, size: number, limit: number, quantity: number): Draw | undefined {
    this.#fits = true;
    const { step } = terms;
    const wanted = quantity - this.covered;
    const free = Math.min(size - before, limit);
    const available = step === 1 ? free : Math.floor(free / step) * step;
    if (available <= 0 || wanted === 0) return undefined;
    if (this.count === EVENT_LINES_MAX) {
      this.#fits = false;
      return undefined;
    }
    if (this.count === this.#draws.length) this.#draws.push(new Draw());
    const draw = this.at(this.count);
    draw.source = undefined;
    draw.poolCycle = undefined;
    draw.grant = undefined;
    draw.before = before;
    draw.size = size;
    draw.covered = Math.min(wanted, available);
    draw.drawn = step === 1 ? draw.covered : Math.ceil(draw.covered / step) * step;
    this.count += 1;
    this.covered += draw.covered;
    return draw;
  }

  #deviceFits({ events, index, party, time }: Usage): boolean {
    const device = this.#state.subscriptions.device(party.subscription.number, time);
    return device !== '' && device === events.imei(index);
  }

  /** The rare way: buckets with times of their own, so the order is worked out for the event. */
  #planInTime(usage: Usage, sources: Sources, quantity: number, grants: readonly Grant[]): boolean {
    for (const { source, grant, terms } of claimsInOrder(this.#state, usage, sources, grants)) {
      if (source !== undefined) {
        if (!this.#drawSource(usage, source, quantity)) return false;
      } else if (grant !== undefined) {
        if (terms.boundToDevice && !this.#deviceFits(usage)) continue;
        this.#note(terms, grantName(grant), terms.quantity);
        const limit = (terms.limitPerSubscription ?? terms.quantity) - grant.used;
        const draw = this.#draw(terms, grant.used, terms.quantity, limit, quantity);
        if (draw !== undefined) draw.grant = grant;
        else if (!this.#fits) return false;
      }
    }
    return true;
  }
}

/** One bucket that an event may draw: a source of its route, or a grant and what it grants. */
export type OrderedBucket =
  | { readonly source: BucketSource; readonly grant: undefined; readonly terms: BucketTerms }
  | { readonly source: undefined; readonly grant: Grant; readonly terms: AddOn };

/** What an event may draw where grants or buckets with times of their own are among it, in the waterfall's order. */
export function claimsInOrder(
  state: PartitionState,
  usage: Usage,
  sources: Sources,
  grants: readonly Grant[],
): OrderedBucket[] {
  const { time, cycle, context } = usage;
  const claims: { readonly claim: Claim; readonly bucket: OrderedBucket }[] = [];
  for (const grant of grants) {
    if (time < grant.validFrom || time >= grant.validTo) continue;
    const terms = state.catalogue.addOn(grant.addOn, grant.validFrom);
    if (terms === undefined || !fits(terms, context)) continue;
    const { id, validFrom: granted, validTo: expires } = grant;
    const common = { priority: terms.priority, zoneCount: zoneCount(terms), rolledOver: false };
    const claim = { ...common, expires, granted, id, name: grantName(grant) };
    claims.push({ claim, bucket: { source: undefined, grant, terms } });
  }
  for (const source of sources.list) {
    claims.push({ claim: source.claim(cycle.end), bucket: { source, grant: undefined, terms: source.terms } });
  }
  claims.sort((left, right) => compareClaims(left.claim, right.claim));
  return claims.map(({ bucket }) => bucket);
}

function anyHolds(grants: readonly Grant[], time: number): boolean {
  for (const { validFrom, validTo } of grants) if (time >= validFrom && time < validTo) return true;
  return false;
}

const NO_GRANTS: readonly Grant[] = [];
