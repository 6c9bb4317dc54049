/**
 * Routes of one plan in one book: worked out once for each kind of use and stretch of time, and then an array read. Inside
 * a stretch no price of the plan begins and no allowance begins or ends.
 */
import type { SuspenseCode } from '../contract.ts';
import type { Leg, Plan, Price } from '../price-book/price-book.ts';
import type { BookInForce, ContextInBook } from './book-in-force.ts';
import { BucketSource } from './bucket-source.ts';
import type { Catalogue } from './catalogue.ts';
import { fits, fitsBesideZone } from './criteria.ts';
import { Choice, type LegChoices, legCurrency, Route, RoutePrice } from './route.ts';

/** A stretch of time, [from, to) in microseconds, and the versions in force in it. */
interface PriceStretch {
  readonly from: number;
  readonly to: number;
  readonly prices: readonly Price[];
}

export class PlanRoutes {
  readonly plan: Plan;
  readonly name: string;
  readonly #catalogue: Catalogue;
  readonly #book: BookInForce;
  /** Prices of both legs: the plan's, and the wholesale ones that hold for every plan. */
  readonly #prices: readonly Price[];
  /** By context number: the first of the routes that differ in time. */
  readonly #routes: (Route | undefined)[] = [];
  readonly #stretches: PriceStretch[] = [];

  constructor(catalogue: Catalogue, book: BookInForce, plan: Plan) {
    this.#catalogue = catalogue;
    this.#book = book;
    this.plan = plan;
    this.name = plan.id;
    const { tariffs, wholesale } = book.book;
    const shared = wholesale.filter((name) => !plan.tariffs.includes(name));
    const costs = shared.flatMap((name) => tariffs.get(name)?.prices.filter(({ leg }) => leg === 'wholesale') ?? []);
    this.#prices = [...plan.prices, ...costs];
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
    const { from, to, prices } = this.#stretchAt(time);
    const service = this.#book.book.services.get(context.service);
    const base = { catalogue: this.#catalogue, book: this.#book, plan: this.plan, context, from, to, service };
    const route = new Route(base);
    route.retail = this.#choices(route, prices, 'retail') ?? route.retail;
    route.refusal = this.#refusal(route, prices);
    if (route.refusal !== undefined) return route;
    // A share of an amount in another currency would be no amount of either.
    const foreign = service?.unit === 'money' && this.plan.currency !== this.#book.book.wholesaleCurrency;
    route.wholesale = foreign ? undefined : this.#choices(route, prices, 'wholesale');
    route.allowances = this.#allowances(route, time);
    return route;
  }

  #refusal(route: Route, prices: readonly Price[]): SuspenseCode | undefined {
    if (route.service === undefined) return 'SERVICE_UNRESOLVED';
    if (route.anyPrice !== undefined) return undefined;
    const elsewhere = prices.some((price) => price.leg === 'retail' && fitsBesideZone(price, route.context));
    return elsewhere && route.context.zone === undefined ? 'ZONE_UNRESOLVED' : 'PRICE_NOT_FOUND';
  }

  /** What fits of a leg, or undefined if nothing does. */
  #choices(route: Route, prices: readonly Price[], leg: Leg): LegChoices | undefined {
    if (route.service === undefined) return undefined;
    const fitting = prices.filter((price) => price.leg === leg && fits(price, route.context)).sort(comparePrices);
    if (fitting.length === 0) return undefined;
    const choice = (direction: Price['direction']): Choice | undefined => {
      const own = fitting.filter((price) => price.direction === direction);
      // What stands behind a price without bands never holds.
      const last = own.findIndex((price) => price.bands === undefined);
      const taken = last === -1 ? own : own.slice(0, last + 1);
      return taken.length === 0 ? undefined : new Choice(taken.map((price) => this.#routePrice(route, price, leg)));
    };
    return { whole: choice(undefined), up: choice('up'), down: choice('down') };
  }

  #routePrice(route: Route, price: Price, leg: Leg): RoutePrice {
    const item = this.#catalogue.price(this.#catalogue.priceNumber(price));
    return new RoutePrice(route, price, item, legCurrency(route, leg));
  }

  /** The stretch of the book's time around a time in which nothing of the plan begins or ends. */
  #stretchAt(time: number): PriceStretch {
    for (const stretch of this.#stretches) if (time >= stretch.from && time < stretch.to) return stretch;
    let { from, to } = this.#book;
    const changes = [
      ...this.#prices.map(({ effectiveFrom }) => effectiveFrom),
      ...this.plan.allowances.flatMap(({ validFrom, validTo }) => [validFrom, validTo]),
    ];
    for (const change of changes) {
      if (change === undefined) continue;
      if (change <= time) from = Math.max(from, change);
      else to = Math.min(to, change);
    }
    const stretch = { from, to, prices: versionsInForce(this.#prices, time) };
    this.#stretches.push(stretch);
    return stretch;
  }

  #allowances(route: Route, time: number): BucketSource[] {
    const sources: BucketSource[] = [];
    for (const allowance of this.plan.allowances) {
      const { validFrom = Number.NEGATIVE_INFINITY, validTo = Number.POSITIVE_INFINITY, rollover, recurs } = allowance;
      if (time < validFrom || time >= validTo || !fits(allowance, route.context)) continue;
      const items = this.#catalogue.allowance(allowance);
      sources.push(BucketSource.ofAllowance(route, { ...items, allowance }, 'fresh'));
      if (rollover !== undefined && recurs === 'cycle' && this.#book.book.cycle === 'month') {
        sources.push(BucketSource.ofAllowance(route, { ...items, allowance }, 'rolled-over'));
      }
    }
    return sources;
  }
}

/** Of the versions of a price only the latest that is not after a time. */
function versionsInForce(prices: readonly Price[], time: number): Price[] {
  const latest = new Map<string, Price>();
  for (const price of prices) {
    const { effectiveFrom: from = 0 } = price;
    if (from > time) continue;
    const key = `${price.tariff}/${price.id}`;
    const other = latest.get(key);
    if (other === undefined || (other.effectiveFrom ?? 0) < from) latest.set(key, price);
  }
  return [...latest.values()];
}

/** Lowest priority, then one that names zones, then the latest. */
function comparePrices(left: Price, right: Price): number {
  if (left.priority !== right.priority) return left.priority - right.priority;
  if ((left.zones === undefined) !== (right.zones === undefined)) return left.zones === undefined ? 1 : -1;
  return (right.effectiveFrom ?? 0) - (left.effectiveFrom ?? 0);
}
