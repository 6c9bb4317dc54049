/** A price book and the time in which it is the one in force, with what was worked out of it. */
import type { Context } from '../contract.ts';
import { bookLabel, type PriceBook, type Scope } from '../price-book/price-book.ts';
import type { Catalogue } from './catalogue.ts';
import type { Use } from './criteria.ts';
import { DigestCache } from './digest-cache.ts';
import { CONTEXTS_KEPT } from './limits.ts';
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
  /** What was made of contexts met before, by their digests. */
  readonly contexts = new DigestCache<ContextInBook>(CONTEXTS_KEPT);
  readonly #catalogue: Catalogue;
  readonly #zoneOf: ReadonlyMap<string, string>;
  readonly #named: NamedValues;
  readonly #plans = new Map<string, PlanRoutes>();
  /** What the book treats alike is one context, so names from outside do not fill the memory: by service, then by a number. */
  readonly #contexts = new Map<string, Map<number, ContextInBook>>();
  #contextCount = 0;

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
    const service = this.book.services.has(context.service) ? context.service : '';
    let ofService = this.#contexts.get(service);
    if (ofService === undefined) {
      ofService = new Map();
      this.#contexts.set(service, ofService);
    }
    const key = service === '' ? 0 : this.#keyOf(context);
    let known = ofService.get(key);
    if (known === undefined) {
      known = { number: this.#contextCount, ...this.#useOf(context) };
      this.#contextCount += 1;
      ofService.set(key, known);
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

  /** Tells the contexts of a service apart, as far as the book does. */
  #keyOf({ plmn, rat, apn, ratingGroup }: Context): number {
    const { zones, rats, apns, ratingGroups } = this.#named;
    const zone = zones.get(this.#zoneOf.get(plmn) ?? '') ?? 0;
    const roaming = this.#roaming(plmn);
    let key = zone * 3 + (roaming === undefined ? 0 : roaming ? 1 : 2);
    key = key * (rats.size + 1) + (rats.get(rat) ?? 0);
    key = key * (apns.size + 1) + (apns.get(apn) ?? 0);
    return key * (ratingGroups.size + 1) + (ratingGroups.get(ratingGroup) ?? 0);
  }

  #roaming(plmn: string): boolean | undefined {
    const { homeNetworks } = this.book;
    return plmn === '' || homeNetworks.size === 0 ? undefined : !homeNetworks.has(plmn);
  }

  #useOf({ service, plmn, rat, apn, ratingGroup }: Context): Use {
    if (!this.book.services.has(service)) return UNKNOWN_SERVICE;
    const { rats, apns, ratingGroups } = this.#named;
    return {
      service,
      zone: this.#zoneOf.get(plmn),
      rat: rats.has(rat) ? rat : '',
      apn: apns.has(apn) ? apn : '',
      ratingGroup: ratingGroups.has(ratingGroup) ? ratingGroup : -1,
      roaming: this.#roaming(plmn),
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

/** Values that any criterion of a book names, and its zones, by numbers from 1 on. */
interface NamedValues {
  readonly zones: ReadonlyMap<string, number>;
  readonly rats: ReadonlyMap<string, number>;
  readonly apns: ReadonlyMap<string, number>;
  readonly ratingGroups: ReadonlyMap<number, number>;
}

function namedValues(book: PriceBook): NamedValues {
  const scopes: Scope[] = [...book.pools.values(), ...book.addOns.values()];
  for (const { prices, allowances } of book.tariffs.values()) scopes.push(...prices, ...allowances);
  return {
    zones: numbered([...book.zones.keys()]),
    rats: numbered(scopes.flatMap((scope) => scope.rats ?? [])),
    apns: numbered(scopes.flatMap((scope) => scope.apns ?? [])),
    ratingGroups: numbered(scopes.flatMap((scope) => scope.ratingGroups ?? [])),
  };
}

function numbered<Value>(values: readonly Value[]): Map<Value, number> {
  return new Map([...new Set(values)].map((value, index) => [value, index + 1]));
}
