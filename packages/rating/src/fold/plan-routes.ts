/**
 * Routes: what a plan says about one kind of use (service and zone) for a stretch of time: the price that fits, the
 * allowances that are eligible, or the reason why neither does. A route is worked out once and then an array read.
 */
import type { SuspenseCode } from '../contract.ts';
import type { Allowance, Plan, PoolRule, Price, ServiceDefinition } from '../price-book/price-book.ts';
import { pricesInForce } from '../price-book/read-plan.ts';
import type { BookInForce, Catalogue, ContextInBook } from './catalogue.ts';
import { type PriceItem, priceLabel } from './price-item.ts';
import { type Claim, compareClaims, covers, zoneCount } from './waterfall.ts';

/** An individual bucket that a route may draw. */
export interface AllowanceSource {
  readonly kind: 'allowance';
  readonly item: number;
  readonly allowance: Allowance;
  readonly zoneCount: number;
  /** `/<plan>/<allowance>/`, between subscription and period in the bucket's id. */
  readonly infix: string;
}

/** The pool, where its rule covers the route's service and zone. */
export interface PoolSource {
  readonly kind: 'pool';
  readonly rule: PoolRule;
  readonly zoneCount: number;
}

export type BucketSource = AllowanceSource | PoolSource;

/** What a member of a pool with some rule, or of none, may draw, in the order of drawing. */
export interface Sources {
  readonly list: readonly BucketSource[];
  /** False if the profile names a rule that the book does not have. */
  readonly ruleKnown: boolean;
}

export class Route {
  readonly context: ContextInBook;
  readonly planName: string;
  /** Never reused: a number for caches. */
  readonly serial: number;
  readonly book: BookInForce;
  readonly plan: Plan;
  /** Microseconds: [from, to) is the time for which this route holds. */
  readonly from: number;
  readonly to: number;
  readonly service: ServiceDefinition | undefined;
  /** '' where a price without zones takes use in no known zone. */
  readonly zone: string;
  readonly refusal: SuspenseCode | undefined;
  /** Set unless refused or zero-rated. */
  readonly price: PriceItem | undefined;
  readonly zeroRated: { readonly label: string; readonly reason: string } | undefined;
  readonly #allowances: readonly AllowanceSource[];
  readonly #wholeBook: boolean;
  /** By pool rule; made when a second rule is asked for. */
  #sources: Map<string, Sources> | undefined;
  /** A route of the same plan and context for another time. */
  next: Route | undefined;
  #lastRule = '';
  #lastSources: Sources | undefined;

  constructor(
    base: Pick<
      Route,
      'serial' | 'book' | 'plan' | 'context' | 'from' | 'to' | 'service' | 'zone' | 'refusal' | 'price' | 'zeroRated'
    >,
    allowances: readonly AllowanceSource[],
  ) {
    this.context = base.context;
    this.planName = base.plan.id;
    this.serial = base.serial;
    this.book = base.book;
    this.plan = base.plan;
    this.from = base.from;
    this.to = base.to;
    this.service = base.service;
    this.zone = base.zone;
    this.refusal = base.refusal;
    this.price = base.price;
    this.zeroRated = base.zeroRated;
    this.#allowances = allowances;
    this.#wholeBook = base.from === base.book.from && base.to === base.book.to;
  }

  /** True if the route holds at a time in which its book is in force. */
  holdsAt(time: number): boolean {
    return this.#wholeBook || (time >= this.from && time < this.to);
  }

  /** What may be drawn by a member of a pool with this rule ('' for none). */
  sources(poolRule: string): Sources {
    const last = this.#lastSources;
    if (last !== undefined && this.#lastRule === poolRule) return last;
    const known = this.#sources?.get(poolRule);
    const sources = known ?? this.#findSources(poolRule);
    if (known === undefined && last !== undefined) {
      this.#sources ??= new Map([[this.#lastRule, last]]);
      this.#sources.set(poolRule, sources);
    }
    this.#lastRule = poolRule;
    this.#lastSources = sources;
    return sources;
  }

  #findSources(poolRule: string): Sources {
    const rule = this.book.book.pools.get(poolRule);
    const service = this.service?.name ?? '';
    const list: BucketSource[] = [...this.#allowances];
    if (rule !== undefined && covers(rule, service, this.zone)) {
      list.push({ kind: 'pool', rule, zoneCount: zoneCount(rule) });
    }
    list.sort((left, right) => compareClaims(claimOf(left), claimOf(right)));
    return { list, ruleKnown: poolRule === '' || rule !== undefined };
  }
}

/** Buckets of a cycle all expire and begin together, so here the order needs no times. */
function claimOf(source: BucketSource): Claim {
  const common = { zoneCount: source.zoneCount, rolledOver: false, expires: 0, granted: 0 };
  return source.kind === 'pool'
    ? { ...common, priority: source.rule.priority, id: `pool:${source.rule.name}` }
    : { ...common, priority: source.allowance.priority, id: `allowance:${source.infix}` };
}

/** A stretch of time, [from, to) in microseconds, and the prices in force in it by service. */
interface PriceStretch {
  readonly from: number;
  readonly to: number;
  readonly prices: ReadonlyMap<string, readonly Price[]>;
}

export class PlanRoutes {
  readonly plan: Plan;
  readonly #catalogue: Catalogue;
  readonly #book: BookInForce;
  readonly name: string;
  /** By context number: the first of the routes that differ in time. */
  readonly #routes: (Route | undefined)[] = [];
  readonly #stretches: PriceStretch[] = [];

  constructor(catalogue: Catalogue, book: BookInForce, plan: Plan) {
    this.#catalogue = catalogue;
    this.#book = book;
    this.plan = plan;
    this.name = plan.id;
  }

  /** The route for a kind of use at a time in which the book is in force. */
  at(context: ContextInBook, time: number): Route {
    const first = this.#routes[context.number];
    for (let route = first; route !== undefined; route = route.next) {
      if (route.holdsAt(time)) return route;
    }
    const route = this.#make(context, time);
    route.next = first;
    this.#routes[context.number] = route;
    return route;
  }

  #make(context: ContextInBook, time: number): Route {
    const { book } = this.#book;
    const { from, to, prices } = this.#stretchAt(time);
    const service = book.services.get(context.service);
    const fitting = prices.get(context.service) ?? [];
    const price = priceFor(fitting, context.zone);
    // An unknown network takes the zone '' of a price without zones.
    const zone = context.zone ?? '';
    const base = {
      serial: this.#catalogue.nextRouteSerial(),
      book: this.#book,
      plan: this.plan,
      context,
      from,
      to,
      service,
      zone,
    };
    const none = { refusal: undefined, price: undefined, zeroRated: undefined };
    if (service === undefined) return new Route({ ...base, ...none, refusal: 'SERVICE_UNRESOLVED' }, []);
    if (price === undefined) {
      const refusal = fitting.length > 0 && context.zone === undefined ? 'ZONE_UNRESOLVED' : 'PRICE_NOT_FOUND';
      return new Route({ ...base, ...none, refusal }, []);
    }
    if (price.rule.kind === 'zero-rated') {
      return new Route({ ...base, ...none, zeroRated: { label: priceLabel(price), reason: price.rule.reason } }, []);
    }
    const item = this.#catalogue.price(this.#catalogue.priceNumber(this.plan.id, price));
    return new Route({ ...base, ...none, price: item }, this.#allowances(context.service, zone));
  }

  /** The stretch of the book's time around a time in which no price of the plan changes. */
  #stretchAt(time: number): PriceStretch {
    for (const stretch of this.#stretches) if (time >= stretch.from && time < stretch.to) return stretch;
    let { from, to } = this.#book;
    for (const { effectiveFrom = 0 } of this.plan.prices) {
      if (effectiveFrom <= time) from = Math.max(from, effectiveFrom);
      else to = Math.min(to, effectiveFrom);
    }
    const stretch = { from, to, prices: Map.groupBy(pricesInForce(this.plan.prices, time), ({ service }) => service) };
    this.#stretches.push(stretch);
    return stretch;
  }

  #allowances(service: string, zone: string): AllowanceSource[] {
    return this.plan.allowances
      .filter((allowance) => covers(allowance, service, zone))
      .map((allowance) => ({
        kind: 'allowance',
        item: this.#catalogue.allowanceNumber(this.plan.id, allowance.id),
        allowance,
        zoneCount: zoneCount(allowance),
        infix: `/${this.plan.id}/${allowance.id}/`,
      }));
  }
}

/** A price that names the zone beats one without zones; validation left at most one of each. */
function priceFor(fitting: readonly Price[], zone: string | undefined): Price | undefined {
  const named = zone === undefined ? undefined : fitting.find((price) => price.zones?.includes(zone));
  return named ?? fitting.find((price) => price.zones === undefined);
}
