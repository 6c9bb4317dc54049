/**
 * A route: what a plan says about one kind of use for a stretch of time, for each leg the prices that may apply and for
 * retail the buckets that may be drawn. All that needs no instant is decided once; what is left for an event is to look at
 * bands, where a price has them.
 *
 * Kinds of use that a plan prices alike have one offer, and those of them that are in one zone have one route, so there are
 * few of either, however many networks and access points there are.
 */
import type { LineRule, SuspenseCode, Tag } from '../contract.ts';
import type { Plan, ServiceDefinition } from '../price-book/price-book.ts';
import type { BookInForce } from './book-in-force.ts';
import { BucketSource, compareSources } from './bucket-source.ts';
import type { LineRules } from './line-rules.ts';
import type { LegChoices, RoutePrice } from './route-price.ts';

/** Owners of meters by the number that `Route.priceRule` takes. */
export const METER_OWNERS = ['subscription', 'pool', 'account'] as const;
export const OWNED_BY_SUBSCRIPTION = 0;
export const OWNED_BY_POOL = 1;
export const OWNED_BY_ACCOUNT = 2;

/** Rules that a route keeps, a few for each of some periods. */
const ROUTE_RULES_KEPT = 32;

/** What a member of a pool with some rule, or of none, may draw, in the order of drawing. */
export interface Sources {
  readonly list: readonly BucketSource[];
  /** The order depends on the event's cycle: a bucket of the list ends at a time of its own. */
  readonly timed: boolean;
  /** False if the profile names a rule that the book does not have. */
  readonly ruleKnown: boolean;
}

/** What a plan says about kinds of use that it treats alike. */
export class Offer {
  readonly book: BookInForce;
  readonly plan: Plan;
  readonly service: ServiceDefinition | undefined;
  readonly refusal: SuspenseCode | undefined;
  readonly retail: LegChoices;
  /** Undefined where no wholesale price fits. */
  readonly wholesale: LegChoices | undefined;
  /** Which of the plan's prices, allowances and pools fit, by position. */
  readonly fitting: Uint8Array;
  /** By zone. */
  readonly routes = new Map<string, Route>();
  readonly #allowances: readonly BucketSource[];
  /** Names of the pool rules that fit. */
  readonly #pools: readonly string[];
  /** By pool rule; made when a second rule is asked for. */
  #sources: Map<string, Sources> | undefined;
  #lastRule = '';
  #lastSources: Sources | undefined;

  constructor(
    base: Pick<Offer, 'book' | 'plan' | 'service' | 'refusal' | 'retail' | 'wholesale' | 'fitting'>,
    allowances: readonly BucketSource[],
    pools: readonly string[],
  ) {
    this.book = base.book;
    this.plan = base.plan;
    this.service = base.service;
    this.refusal = base.refusal;
    this.retail = base.retail;
    this.wholesale = base.wholesale;
    this.fitting = base.fitting;
    this.#allowances = allowances;
    this.#pools = pools;
  }

  /** Some retail price, to tell what use may be worth. */
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
    const { pools, cycle } = this.book.book;
    const rule = pools.get(poolRule);
    const list = [...this.#allowances];
    const number = this.#pools.indexOf(poolRule);
    // Behind all allowances of the plan, so that no two buckets of an offer have one index.
    const index = this.plan.allowances.length * 2 + number;
    if (rule !== undefined && number !== -1) list.push(BucketSource.ofPool(rule, cycle, index));
    list.sort(compareSources);
    const timed = list.some(({ ends }) => Number.isFinite(ends));
    return { list, timed, ruleKnown: poolRule === '' || rule !== undefined };
  }
}

export class Route {
  readonly offer: Offer;
  /** '' where a price without zones takes use in no known zone. */
  readonly zone: string;
  /** Microseconds: [from, to) is the time for which this route holds. */
  readonly from: number;
  readonly to: number;
  readonly #interned: LineRules;
  // Rules made last, by what they are for: a handful, so that a look through them costs less than a map.
  readonly #keys: number[] = [];
  readonly #rules: LineRule[] = [];

  constructor(offer: Offer, zone: string, from: number, to: number, interned: LineRules) {
    this.offer = offer;
    this.zone = zone;
    this.from = from;
    this.to = to;
    this.#interned = interned;
  }

  holdsAt(time: number): boolean {
    return time >= this.from && time < this.to;
  }

  /**
   * The rule of a line on a price.
   * @param owner who owns the meter, as a small number (`METER_OWNERS`)
   * @param stopped the bucket that ended with a stop flag; empty if none
   */
  priceRule(price: RoutePrice, period: string, tag: Tag, owner: number, stopped: string): LineRule {
    const stops = stopped === '' ? 0 : 1;
    const key = price.index * 16 + owner * 4 + (tag === 'overage' ? 2 : 0) + stops;
    const known = this.#known(key, period);
    const reason = stops === 0 ? price.reason : `the network should have stopped: ${stopped}`;
    if (known !== undefined && known.reason === reason) return known;
    const meter = price.item === undefined ? '' : `${METER_OWNERS[owner]}:${price.item.scope}`;
    const { leg, tariff } = price.price;
    return this.#keep(key, tariff, {
      ...this.#common(period),
      tag,
      leg,
      currency: price.currency,
      price: price.label,
      reason,
      meter,
    });
  }

  /** The rule of a line that a bucket of the offer covers. */
  bucketRule(source: BucketSource, period: string): LineRule {
    return (
      this.#known(-1 - source.index, period) ??
      this.#keep(-1 - source.index, source.tariff, this.#covered(source.name, period))
    );
  }

  /** The rule of a line that a top-up covers. */
  grantRule(name: string, period: string): LineRule {
    return this.#interned.of(this.#covered(name, period));
  }

  #covered(bucket: string, period: string): LineRule {
    return { ...this.#common(period), tag: 'in-bundle', leg: 'retail', currency: this.offer.plan.currency, bucket };
  }

  /** What all lines of the route share; the empty fields are for the line to fill. */
  #common(period: string): Omit<LineRule, 'tag' | 'leg' | 'currency'> {
    const { service, book } = this.offer;
    return {
      period,
      zone: this.zone,
      unit: service?.unit ?? '',
      priceBook: book.label,
      price: '',
      reason: '',
      bucket: '',
      meter: '',
    };
  }

  #known(key: number, period: string): LineRule | undefined {
    const keys = this.#keys;
    for (let at = keys.length - 1; at >= 0; at -= 1) {
      if (keys[at] === key && this.#rules[at]?.period === period) return this.#rules[at];
    }
    return undefined;
  }

  /** Keeps a rule. One that other plans have as well (a tariff of their own no other plan has) is the same object for all. */
  #keep(key: number, tariff: string, made: LineRule): LineRule {
    const rule = tariff === this.offer.plan.id ? made : this.#interned.of(made);
    if (this.#keys.length === ROUTE_RULES_KEPT) {
      this.#keys.length = 0;
      this.#rules.length = 0;
    }
    this.#keys.push(key);
    this.#rules.push(rule);
    return rule;
  }
}
