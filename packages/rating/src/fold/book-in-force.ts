/** A price book and the time in which it is the one in force, with what was worked out of it. */
import type { Context } from '../contract.ts';
import { bookLabel, type PriceBook, type Scope } from '../price-book/price-book.ts';
import type { Catalogue } from './catalogue.ts';
import type { Use } from './criteria.ts';
import { PlanRoutes } from './plan-routes.ts';

/** What is used, as one book sees it; its number is the index of a plan's routes. */
export interface ContextInBook extends Use {
  readonly number: number;
}

export class BookInForce {
  readonly book: PriceBook;
  readonly label: string;
  /** Microseconds, inclusive. */
  readonly from: number;
  /** Microseconds, exclusive. */
  readonly to: number;
  readonly #catalogue: Catalogue;
  readonly #zoneOf: ReadonlyMap<string, string>;
  readonly #named: NamedValues;
  readonly #plans = new Map<string, PlanRoutes>();
  /** By what tells contexts apart: what the book treats alike is one, so names from outside do not fill the memory. */
  readonly #contexts = new Map<string, ContextInBook>();

  constructor(catalogue: Catalogue, book: PriceBook, to: number) {
    this.#catalogue = catalogue;
    this.book = book;
    this.label = bookLabel(book);
    this.from = book.effectiveFrom;
    this.to = to;
    const zoneOf = new Map<string, string>();
    for (const [zone, networks] of book.zones) for (const network of networks) zoneOf.set(network, zone);
    this.#zoneOf = zoneOf;
    this.#named = namedValues(book);
  }

  context(context: Context): ContextInBook {
    const use = this.#useOf(context);
    const { service, zone, rat, apn, ratingGroup, roaming } = use;
    // Names of the book, which hold no line breaks.
    const key = `${service}\n${zone ?? ''}\n${rat}\n${apn}\n${ratingGroup}\n${roaming}`;
    let known = this.#contexts.get(key);
    if (known === undefined) {
      known = { number: this.#contexts.size, ...use };
      this.#contexts.set(key, known);
    }
    return known;
  }

  /** Routes of a plan, or undefined if the book does not have it. */
  plan(name: string): PlanRoutes | undefined {
    let routes = this.#plans.get(name);
    if (routes === undefined) {
      const plan = this.book.plans.get(name);
      if (plan === undefined) return undefined;
      routes = new PlanRoutes(this.#catalogue, this, plan);
      this.#plans.set(name, routes);
    }
    return routes;
  }

  #useOf({ service, plmn, rat, apn, ratingGroup }: Context): Use {
    const { homeNetworks, services } = this.book;
    if (!services.has(service)) return UNKNOWN_SERVICE;
    const { rats, apns, ratingGroups } = this.#named;
    return {
      service,
      zone: this.#zoneOf.get(plmn),
      rat: rats.has(rat) ? rat : '',
      apn: apns.has(apn) ? apn : '',
      ratingGroup: ratingGroups.has(ratingGroup) ? ratingGroup : -1,
      roaming: plmn === '' || homeNetworks.size === 0 ? undefined : !homeNetworks.has(plmn),
    };
  }
}

const UNKNOWN_SERVICE: Use = {
  service: '',
  zone: undefined,
  rat: '',
  apn: '',
  ratingGroup: -1,
  roaming: undefined,
};

/** Values that any criterion of a book names. */
interface NamedValues {
  readonly rats: ReadonlySet<string>;
  readonly apns: ReadonlySet<string>;
  readonly ratingGroups: ReadonlySet<number>;
}

function namedValues(book: PriceBook): NamedValues {
  const scopes: Scope[] = [...book.pools.values(), ...book.addOns.values()];
  for (const { prices, allowances } of book.tariffs.values()) scopes.push(...prices, ...allowances);
  const rats = new Set<string>();
  const apns = new Set<string>();
  const ratingGroups = new Set<number>();
  for (const scope of scopes) {
    for (const rat of scope.rats ?? []) rats.add(rat);
    for (const apn of scope.apns ?? []) apns.add(apn);
    for (const group of scope.ratingGroups ?? []) ratingGroups.add(group);
  }
  return { rats, apns, ratingGroups };
}
