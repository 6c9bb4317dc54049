/**
 * A route: what a plan says about one kind of use for a stretch of time, for each leg the prices that may apply and for
 * retail the buckets that may be drawn. All that needs no instant is decided here once; what is left for an event is to
 * look at bands, where a price has them.
 */
import type { LineRule, SuspenseCode, Tag } from '../contract.ts';
import type { Leg, Plan, Price, ServiceDefinition } from '../price-book/price-book.ts';
import { Bands, type LocalInstant } from './bands.ts';
import type { BookInForce, ContextInBook } from './book-in-force.ts';
import { BucketSource, compareSources } from './bucket-source.ts';
import type { Catalogue } from './catalogue.ts';
import { fits } from './criteria.ts';
import { type PriceItem, priceLabel } from './price-item.ts';

/** One price of a route. */
export class RoutePrice {
  readonly price: Price;
  readonly label: string;
  /** Undefined if it is zero-rated. */
  readonly item: PriceItem | undefined;
  readonly reason: string;
  readonly bands: Bands | undefined;
  readonly cut: boolean;
  readonly #route: Route;
  readonly #currency: string;
  /** The rule made last, by tag and owner of the meter. */
  readonly #rules: (LineRule | undefined)[] = new Array<LineRule | undefined>(8).fill(undefined);

  constructor(route: Route, price: Price, item: PriceItem | undefined, currency: string) {
    this.#route = route;
    this.#currency = currency;
    this.price = price;
    this.label = priceLabel(price);
    this.item = item;
    this.reason = price.rule.kind === 'zero-rated' ? price.rule.reason : '';
    this.bands = price.bands === undefined ? undefined : new Bands(price.bands);
    this.cut = price.bandSplit === 'cut';
  }

  /**
   * The rule of a line on this price.
   * @param owner who owns the meter, as a small number (`METER_OWNERS`)
   * @param stopped the bucket that ended with a stop flag; empty if none
   */
  rule(period: string, tag: Tag, owner: number, stopped: string): LineRule {
    if (stopped !== '') return this.#make(period, tag, owner, `the network should have stopped: ${stopped}`);
    const slot = owner * 2 + (tag === 'overage' ? 1 : 0);
    const last = this.#rules[slot];
    if (last !== undefined && last.period === period) return last;
    const rule = this.#make(period, tag, owner, this.reason);
    this.#rules[slot] = rule;
    return rule;
  }

  #make(period: string, tag: Tag, owner: number, reason: string): LineRule {
    const { book, zone, service, catalogue } = this.#route;
    return catalogue.rules.of({
      period,
      zone,
      tag,
      leg: this.price.leg,
      unit: service?.unit ?? '',
      currency: this.#currency,
      priceBook: book.label,
      price: this.label,
      reason,
      bucket: '',
      meter: this.item === undefined ? '' : `${METER_OWNERS[owner]}:${this.item.scope}`,
    });
  }
}

/** Owners of meters by the number that `RoutePrice.rule` takes. */
export const METER_OWNERS = ['subscription', 'pool', 'account'] as const;
export const OWNED_BY_SUBSCRIPTION = 0;
export const OWNED_BY_POOL = 1;
export const OWNED_BY_ACCOUNT = 2;

/** The prices that fit one leg (or one direction of it), the one to take first; all but the last have bands. */
export class Choice {
  readonly prices: readonly RoutePrice[];
  /** The only one, if it needs no instant. */
  readonly fixed: RoutePrice | undefined;

  constructor(prices: readonly RoutePrice[]) {
    this.prices = prices;
    this.fixed = prices[0]?.bands === undefined ? prices[0] : undefined;
  }

  at(instant: LocalInstant): RoutePrice | undefined {
    for (const price of this.prices) if (price.bands === undefined || price.bands.holdAt(instant)) return price;
    return undefined;
  }

  /** The next wall-clock time of the day, above `within`, at which another price may hold. */
  nextChange(within: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { bands } of this.prices) if (bands !== undefined) next = Math.min(next, bands.nextChange(within));
    return next;
  }
}

/** A leg of a route: priced whole, or octets up and down each on their own. */
export interface LegChoices {
  readonly whole: Choice | undefined;
  readonly up: Choice | undefined;
  readonly down: Choice | undefined;
}

/** What a member of a pool with some rule, or of none, may draw, in the order of drawing. */
export interface Sources {
  readonly list: readonly BucketSource[];
  /** The order depends on the event's cycle: a bucket of the list ends at a time of its own. */
  readonly timed: boolean;
  /** False if the profile names a rule that the book does not have. */
  readonly ruleKnown: boolean;
}

/** What a route is made of. */
export interface RouteBase {
  readonly catalogue: Catalogue;
  readonly book: BookInForce;
  readonly plan: Plan;
  readonly context: ContextInBook;
  readonly from: number;
  readonly to: number;
  readonly service: ServiceDefinition | undefined;
}

export class Route implements RouteBase {
  readonly catalogue: Catalogue;
  readonly context: ContextInBook;
  readonly planName: string;
  readonly book: BookInForce;
  readonly plan: Plan;
  /** Microseconds: [from, to) is the time for which this route holds. */
  readonly from: number;
  readonly to: number;
  readonly service: ServiceDefinition | undefined;
  /** '' where a price without zones takes use in no known zone. */
  readonly zone: string;
  /** Set by whoever makes the route, before it is used. */
  refusal: SuspenseCode | undefined = undefined;
  retail: LegChoices = NO_CHOICES;
  /** Undefined where no wholesale price fits. */
  wholesale: LegChoices | undefined = undefined;
  allowances: readonly BucketSource[] = [];
  readonly #wholeBook: boolean;
  /** By pool rule; made when a second rule is asked for. */
  #sources: Map<string, Sources> | undefined;
  /** A route of the same plan and context for another time. */
  next: Route | undefined;
  #lastRule = '';
  #lastSources: Sources | undefined;

  constructor(base: RouteBase) {
    this.catalogue = base.catalogue;
    this.context = base.context;
    this.planName = base.plan.id;
    this.book = base.book;
    this.plan = base.plan;
    this.from = base.from;
    this.to = base.to;
    this.service = base.service;
    this.zone = base.context.zone ?? '';
    this.#wholeBook = base.from === base.book.from && base.to === base.book.to;
  }

  /** True if the route holds at a time in which its book is in force. */
  holdsAt(time: number): boolean {
    return this.#wholeBook || (time >= this.from && time < this.to);
  }

  /** Some price of the route, to tell what its use may be worth. */
  get anyPrice(): RoutePrice | undefined {
    const { whole, up, down } = this.retail;
    return whole?.prices[0] ?? up?.prices[0] ?? down?.prices[0];
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
    const list = [...this.allowances];
    if (rule !== undefined && fits(rule, this.context)) list.push(BucketSource.ofPool(this, rule));
    list.sort(compareSources);
    const timed = list.some(({ ends }) => Number.isFinite(ends));
    return { list, timed, ruleKnown: poolRule === '' || rule !== undefined };
  }
}

export const NO_CHOICES: LegChoices = { whole: undefined, up: undefined, down: undefined };

/** Currency of a leg's lines. */
export function legCurrency(route: RouteBase, leg: Leg): string {
  return leg === 'retail' ? route.plan.currency : route.book.book.wholesaleCurrency;
}
