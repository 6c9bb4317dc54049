/**
 * Routes of one plan in one book: worked out once for each kind of use and stretch of time, and then an array read. Inside
 * a stretch no price of the plan begins and no allowance begins or ends.
 */
import type { SuspenseCode } from '../contract.ts';
import type { Allowance, Plan, PoolRule, Price } from '../price-book/price-book.ts';
import type { BookInForce, ContextInBook } from './book-in-force.ts';
import { BucketSource } from './bucket-source.ts';
import type { Catalogue } from './catalogue.ts';
import { fits, fitsBesideZone } from './criteria.ts';
import { Offer, Route } from './route.ts';
import { type LegChoices, legChoices, RoutePrice } from './route-price.ts';

const NO_CHOICES: LegChoices = { whole: undefined, up: undefined, down: undefined };

/** A stretch of time, [from, to) in microseconds, with what is in force in it and the routes found so far. */
interface PlanStretch {
  readonly from: number;
  readonly to: number;
  /** Of both legs, the ones to take first in front. */
  readonly prices: readonly RoutePrice[];
  readonly allowances: readonly Allowance[];
  /** By context number. */
  readonly routes: (Route | undefined)[];
  readonly offers: Offer[];
  /** Scratch: which prices, allowances and pools fit, in this order, and last whether the zone is what is missing. */
  readonly fitting: Uint8Array;
}

export class PlanRoutes {
  readonly plan: Plan;
  readonly #catalogue: Catalogue;
  readonly #book: BookInForce;
  /** Prices of both legs: the plan's, and the wholesale ones that hold for every plan. */
  readonly #prices: readonly Price[];
  readonly #pools: readonly PoolRule[];
  readonly #stretches: PlanStretch[] = [];
  #last: PlanStretch | undefined;

  constructor(catalogue: Catalogue, book: BookInForce, plan: Plan) {
    this.#catalogue = catalogue;
    this.#book = book;
    this.plan = plan;
    const { tariffs, wholesale, pools } = book.book;
    this.#pools = [...pools.values()];
    const shared = wholesale.filter((name) => !plan.tariffs.includes(name));
    const costs = shared.flatMap((name) => tariffs.get(name)?.prices.filter(({ leg }) => leg === 'wholesale') ?? []);
    this.#prices = [...plan.prices, ...costs];
  }

  /** The route for a kind of use at a time in which the book is in force. */
  at(context: ContextInBook, time: number): Route {
    let stretch = this.#last;
    if (stretch === undefined || time < stretch.from || time >= stretch.to) {
      stretch = this.#stretchAt(time);
      this.#last = stretch;
    }
    return stretch.routes[context.number] ?? this.#make(stretch, context);
  }

  #make(stretch: PlanStretch, context: ContextInBook): Route {
    const offer = this.#knownOffer(stretch, context) ?? this.#makeOffer(stretch, context);
    const zone = context.zone ?? '';
    let route = offer.routes.get(zone);
    if (route === undefined) {
      route = new Route(offer, zone, stretch.from, stretch.to, this.#catalogue.rules);
      offer.routes.set(zone, route);
    }
    stretch.routes[context.number] = route;
    return route;
  }

  /** The offer of another kind of use for which the same fits. */
  #knownOffer(stretch: PlanStretch, context: ContextInBook): Offer | undefined {
    const { fitting, prices, allowances, offers } = stretch;
    let at = 0;
    for (const { price } of prices) {
      fitting[at] = fits(price, context) ? 1 : 0;
      at += 1;
    }
    for (const allowance of allowances) {
      fitting[at] = fits(allowance, context) ? 1 : 0;
      at += 1;
    }
    for (const rule of this.#pools) {
      fitting[at] = fits(rule, context) ? 1 : 0;
      at += 1;
    }
    // No fitting price is one thing where others would fit in a zone, and another where none would.
    fitting[at] = context.zone === undefined && this.#fitsSomewhere(stretch, context) ? 1 : 0;
    for (const offer of offers) {
      if ((offer.service?.name ?? '') === context.service && isSame(offer.fitting, fitting)) return offer;
    }
    return undefined;
  }

  #fitsSomewhere({ prices }: PlanStretch, context: ContextInBook): boolean {
    return prices.some(({ price }) => price.leg === 'retail' && fitsBesideZone(price, context));
  }

  #makeOffer(stretch: PlanStretch, context: ContextInBook): Offer {
    const fitting = stretch.fitting.slice();
    const service = this.#book.book.services.get(context.service);
    const offer = this.#offer(stretch, service, fitting);
    stretch.offers.push(offer);
    return offer;
  }

  #offer(stretch: PlanStretch, service: Offer['service'], fitting: Uint8Array): Offer {
    const base = { book: this.#book, plan: this.plan, service, fitting, retail: NO_CHOICES, wholesale: undefined };
    const refuse = (refusal: SuspenseCode): Offer => new Offer({ ...base, refusal }, [], []);
    if (service === undefined) return refuse('SERVICE_UNRESOLVED');
    const prices = stretch.prices.filter((_, index) => fitting[index] === 1);
    const retail = legChoices(prices.filter(({ price }) => price.leg === 'retail'));
    if (retail === undefined) return refuse(fitting.at(-1) === 1 ? 'ZONE_UNRESOLVED' : 'PRICE_NOT_FOUND');
    // A share of an amount in another currency would be no amount of either.
    const foreign = service.unit === 'money' && this.plan.currency !== this.#book.book.wholesaleCurrency;
    const wholesale = foreign ? undefined : legChoices(prices.filter(({ price }) => price.leg === 'wholesale'));
    const firstAllowance = stretch.prices.length;
    const firstPool = firstAllowance + stretch.allowances.length;
    return new Offer(
      { ...base, refusal: undefined, retail, wholesale },
      this.#sources(stretch.allowances.filter((_, index) => fitting[firstAllowance + index] === 1)),
      this.#pools.filter((_, index) => fitting[firstPool + index] === 1).map(({ name }) => name),
    );
  }

  #sources(allowances: readonly Allowance[]): BucketSource[] {
    const { cycle } = this.#book.book;
    return allowances.flatMap((allowance) => {
      const items = { ...this.#catalogue.allowance(allowance), allowance };
      const index = this.plan.allowances.indexOf(allowance) * 2;
      const fresh = BucketSource.ofAllowance(items, 'fresh', cycle, index);
      const rolls = allowance.rollover !== undefined && allowance.recurs === 'cycle' && cycle === 'month';
      return rolls ? [fresh, BucketSource.ofAllowance(items, 'rolled-over', cycle, index + 1)] : [fresh];
    });
  }

  /** The stretch of the book's time around a time in which nothing of the plan begins or ends. */
  #stretchAt(time: number): PlanStretch {
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
    const prices = versionsInForce(this.#prices, time).sort(comparePrices);
    const allowances = this.plan.allowances.filter(
      ({ validFrom = time, validTo = Number.POSITIVE_INFINITY }) => time >= validFrom && time < validTo,
    );
    const stretch = {
      from,
      to,
      prices: prices.map((price, index) => this.#routePrice(price, index)),
      allowances,
      routes: [],
      offers: [],
      fitting: new Uint8Array(prices.length + allowances.length + this.#pools.length + 1),
    };
    this.#stretches.push(stretch);
    return stretch;
  }

  #routePrice(price: Price, index: number): RoutePrice {
    const item = this.#catalogue.price(this.#catalogue.priceNumber(price));
    const currency = price.leg === 'retail' ? this.plan.currency : this.#book.book.wholesaleCurrency;
    return new RoutePrice(price, item, currency, index);
  }
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  for (let at = 0; at < left.length; at += 1) if (left[at] !== right[at]) return false;
  return true;
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
