/**
 * The price books of a partition by the time they are in force, and the numbers of everything in them that has state.
 *
 * 1. In force for an event: the latest `effectiveFrom` not after its time; of two with the same, the later in the log.
 * 2. Items (price versions, individual allowances) are numbered when a book arrives, in the order of its document, and
 *    keep their numbers: what they stand for is the same in every book (`refuseSuccessor`).
 */
import { refuseSuccessor } from '../price-book/continuity.ts';
import { type AddOn, bookLabel, type Plan, type PoolRule, type PriceBook } from '../price-book/price-book.ts';
import { Names } from './columns.ts';
import { PlanRoutes } from './plan-routes.ts';
import { type ItemDefinition, PriceItem, priceLabel } from './price-item.ts';

/** Networks of a service kept with their contexts. */
const CONTEXTS_MAX = 10_000;

/** What is used, as one book sees it; its number is the index of a plan's routes. */
export interface ContextInBook {
  readonly number: number;
  readonly service: string;
  /** Undefined where the network is absent or in no zone. */
  readonly zone: string | undefined;
}

/** A book and the time in which it is the one in force. */
export class BookInForce {
  readonly book: PriceBook;
  readonly label: string;
  /** Microseconds, inclusive. */
  readonly from: number;
  /** Microseconds, exclusive. */
  readonly to: number;
  readonly #catalogue: Catalogue;
  readonly #zoneOf: ReadonlyMap<string, string>;
  readonly #plans = new Map<string, PlanRoutes>();
  /** By service and network. */
  readonly #contexts = new Map<string, Map<string, ContextInBook>>();
  /** By zone and service: what is alike has one context. */
  readonly #distinct = new Map<string, ContextInBook>();

  constructor(catalogue: Catalogue, book: PriceBook, zoneOf: ReadonlyMap<string, string>, to: number) {
    this.#catalogue = catalogue;
    this.book = book;
    this.label = bookLabel(book);
    this.from = book.effectiveFrom;
    this.to = to;
    this.#zoneOf = zoneOf;
  }

  context(service: string, plmn: string): ContextInBook {
    // Names come from outside: what the book does not know must not fill the memory.
    if (!this.book.services.has(service)) return this.#contextIn('', undefined);
    let ofService = this.#contexts.get(service);
    if (ofService === undefined) {
      ofService = new Map();
      this.#contexts.set(service, ofService);
    }
    let context = ofService.get(plmn);
    if (context === undefined) {
      context = this.#contextIn(service, this.#zoneOf.get(plmn));
      if (ofService.size < CONTEXTS_MAX) ofService.set(plmn, context);
    }
    return context;
  }

  #contextIn(service: string, zone: string | undefined): ContextInBook {
    const key = `${zone ?? ''}/${service}`;
    let context = this.#distinct.get(key);
    if (context === undefined) {
      context = { number: this.#distinct.size, service, zone };
      this.#distinct.set(key, context);
    }
    return context;
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
}

export class Catalogue {
  /** In the order of the log, with their canonical documents. */
  readonly books: { readonly book: PriceBook; readonly document: string }[] = [];
  #timeline: BookInForce[] = [];
  #last: BookInForce | undefined;
  readonly #items = new Names();
  readonly #definitions: (ItemDefinition | undefined)[] = [];
  readonly #prices: (PriceItem | undefined)[] = [];
  #routeSerial = 0;

  /** Adds a validated book. @returns why it is refused, in words, or undefined */
  add(book: PriceBook, document: string): string | undefined {
    const known = this.books.map((entry) => entry.book);
    const refusal = refuseSuccessor(known, book);
    if (refusal !== undefined) return refusal;
    if (known.some((other) => bookLabel(other) === bookLabel(book))) return undefined;
    this.books.push({ book, document });
    for (const plan of book.plans.values()) this.#numberItems(book, plan);
    this.#rebuild();
    return undefined;
  }

  /** The book in force for events of a time. */
  at(time: number): BookInForce | undefined {
    const last = this.#last;
    if (last !== undefined && time >= last.from && time < last.to) return last;
    const found = this.#timeline.findLast((entry) => entry.from <= time);
    if (found !== undefined) this.#last = found;
    return found;
  }

  /** The book in force at a time, or the first one if the time is before all. */
  nearest(time: number): BookInForce | undefined {
    return this.at(time) ?? this.#timeline[0];
  }

  /** The latest book that has a plan. */
  latestWithPlan(plan: string): BookInForce | undefined {
    return this.#timeline.findLast((entry) => entry.book.plans.has(plan));
  }

  addOn(name: string, time: number): AddOn | undefined {
    return this.nearest(time)?.book.addOns.get(name);
  }

  poolRule(name: string, time: number): PoolRule | undefined {
    return this.nearest(time)?.book.pools.get(name);
  }

  priceNumber(plan: string, price: { readonly id: string; readonly effectiveFrom: number | undefined }): number {
    return this.#items.number(priceKey(plan, price));
  }

  allowanceNumber(plan: string, id: string): number {
    return this.#items.number(allowanceKey(plan, id));
  }

  /** The price with a number; undefined if it has none because the item is an allowance or free of charge. */
  price(number: number): PriceItem | undefined {
    const made = this.#prices[number];
    if (made !== undefined) return made;
    const definition = this.#definitions[number];
    if (definition === undefined || definition.price.rule.kind !== 'metered') return undefined;
    const item = new PriceItem(number, definition, definition.price.rule);
    this.#prices[number] = item;
    return item;
  }

  nextRouteSerial(): number {
    this.#routeSerial += 1;
    return this.#routeSerial;
  }

  #numberItems(book: PriceBook, plan: Plan): void {
    for (const price of plan.prices) {
      const number = this.priceNumber(plan.id, price);
      const service = book.services.get(price.service);
      // The first book's definition stays: a later one with the same identity means the same.
      if (service !== undefined) this.#definitions[number] ??= { plan, price, service };
    }
    for (const allowance of plan.allowances) this.allowanceNumber(plan.id, allowance.id);
  }

  #rebuild(): void {
    // A stable sort keeps the order of the log among equal times, and the later one wins.
    const sorted = this.books.map((entry) => entry.book).sort((a, b) => a.effectiveFrom - b.effectiveFrom);
    const winning = sorted.filter((book, index) => sorted[index + 1]?.effectiveFrom !== book.effectiveFrom);
    this.#last = undefined;
    this.#timeline = winning.map((book, index) => {
      const zoneOf = new Map<string, string>();
      for (const [zone, networks] of book.zones) for (const network of networks) zoneOf.set(network, zone);
      return new BookInForce(this, book, zoneOf, winning[index + 1]?.effectiveFrom ?? Number.POSITIVE_INFINITY);
    });
  }
}

function priceKey(plan: string, price: { readonly id: string; readonly effectiveFrom: number | undefined }): string {
  return `price/${plan}/${priceLabel(price)}`;
}

function allowanceKey(plan: string, id: string): string {
  return `allowance/${plan}/${id}`;
}
