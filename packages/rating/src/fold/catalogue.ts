/**
 * The price books of a partition by the time they are in force, and the numbers of everything in them that has state.
 *
 * 1. In force for an event: the latest `effectiveFrom` not after its time; of two with the same, the later in the log.
 * 2. Items (price versions, allowances, their rolled-over part, their limits) are numbered when a book arrives, in the order
 *    of its document, and keep their numbers: what they stand for is the same in every book (`refuseSuccessor`).
 */
import { refuseSuccessor } from '../price-book/continuity.ts';
import type { AddOn, Allowance, PoolRule, Price, PriceBook, Tariff } from '../price-book/price-book.ts';
import { bookLabel } from '../price-book/price-book.ts';
import { BookInForce } from './book-in-force.ts';
import { Names } from './columns.ts';
import { LineRules } from './line-rules.ts';
import { type ItemDefinition, PriceItem, priceLabel } from './price-item.ts';

/** Numbers of an allowance's counters. */
export interface AllowanceItems {
  readonly allowance: Allowance;
  readonly fresh: number;
  /** What was drawn of the quantity that rolled over into a cycle. */
  readonly rolledOver: number;
  /** What each subscription drew, where that is limited. */
  readonly limit: number;
  /** The earliest time at which a book with the allowance is in force, in microseconds. */
  readonly since: number;
}

export class Catalogue {
  /** In the order of the log, with their canonical documents. */
  readonly books: { readonly book: PriceBook; readonly document: string }[] = [];
  readonly rules = new LineRules();
  #timeline: BookInForce[] = [];
  #last: BookInForce | undefined;
  readonly #items = new Names();
  readonly #definitions: (ItemDefinition | undefined)[] = [];
  readonly #prices: (PriceItem | undefined)[] = [];
  /** By the number of the fresh bucket. */
  readonly #allowances = new Map<number, AllowanceItems>();

  /** Adds a validated book. @returns why it is refused, in words, or undefined */
  add(book: PriceBook, document: string): string | undefined {
    const known = this.books.map((entry) => entry.book);
    const refusal = refuseSuccessor(known, book);
    if (refusal !== undefined) return refusal;
    if (known.some((other) => bookLabel(other) === bookLabel(book))) return undefined;
    this.books.push({ book, document });
    const currencies = tariffCurrencies(book);
    for (const tariff of book.tariffs.values()) this.#numberItems(book, tariff, currencies);
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

  /** The book in force at a time if it has the price; else the latest one that has it. */
  bookOfPrice(item: PriceItem, time: number): string {
    const has = ({ book }: BookInForce): boolean =>
      [...book.tariffs.values()].some(({ prices }) => prices.some((price) => priceLabel(price) === item.label));
    const inForce = this.nearest(time);
    if (inForce !== undefined && has(inForce)) return inForce.label;
    return this.#timeline.findLast(has)?.label ?? '';
  }

  addOn(name: string, time: number): AddOn | undefined {
    return this.nearest(time)?.book.addOns.get(name);
  }

  poolRule(name: string, time: number): PoolRule | undefined {
    return this.nearest(time)?.book.pools.get(name);
  }

  /** True if a plan uses a tariff in the book in force at a time. */
  planHas(plan: string, tariff: string, time: number): boolean {
    return this.nearest(time)?.book.plans.get(plan)?.tariffs.includes(tariff) ?? false;
  }

  priceNumber(price: Pick<Price, 'tariff' | 'id' | 'effectiveFrom'>): number {
    return this.#items.number(`price/${priceLabel(price)}`);
  }

  /** Numbers of an allowance of a book that is known. */
  allowance(allowance: Allowance): AllowanceItems {
    return this.#allowanceItems(allowance, Number.POSITIVE_INFINITY);
  }

  /** What a counter with a number counts, if it is the use of an allowance. */
  allowanceNumbered(number: number): AllowanceItems | undefined {
    return this.#allowances.get(number);
  }

  /** The metered price with a number; undefined if the item is none. */
  price(number: number): PriceItem | undefined {
    const made = this.#prices[number];
    if (made !== undefined) return made;
    const definition = this.#definitions[number];
    if (definition === undefined || definition.price.rule.kind !== 'metered') return undefined;
    const item = new PriceItem(number, definition, definition.price.rule);
    this.#prices[number] = item;
    return item;
  }

  #numberItems(book: PriceBook, tariff: Tariff, currencies: ReadonlyMap<string, string>): void {
    for (const price of tariff.prices) {
      const number = this.priceNumber(price);
      const currency =
        price.leg === 'wholesale' ? book.wholesaleCurrency : (currencies.get(tariff.name) ?? book.currency);
      // The first book's definition stays: a later one with the same identity means the same.
      this.#definitions[number] ??= { book, price, currency };
    }
    for (const allowance of tariff.allowances) this.#allowanceItems(allowance, book.effectiveFrom);
  }

  #allowanceItems(allowance: Allowance, from: number): AllowanceItems {
    const name = `${allowance.tariff}/${allowance.id}`;
    const fresh = this.#items.number(`allowance/${name}`);
    const known = this.#allowances.get(fresh);
    if (known !== undefined && known.since <= from) return known;
    const items = {
      allowance,
      fresh,
      rolledOver: this.#items.number(`rollover/${name}`),
      limit: this.#items.number(`limit/${name}`),
      since: from,
    };
    this.#allowances.set(fresh, items);
    return items;
  }

  #rebuild(): void {
    // A stable sort keeps the order of the log among equal times, and the later one wins.
    const sorted = this.books.map((entry) => entry.book).sort((a, b) => a.effectiveFrom - b.effectiveFrom);
    const winning = sorted.filter((book, index) => sorted[index + 1]?.effectiveFrom !== book.effectiveFrom);
    this.#last = undefined;
    this.#timeline = winning.map(
      (book, index) => new BookInForce(this, book, winning[index + 1]?.effectiveFrom ?? Number.POSITIVE_INFINITY),
    );
  }
}

/** The currency of each tariff that a plan uses: validation saw to it that all its plans have the same. */
function tariffCurrencies(book: PriceBook): Map<string, string> {
  const currencies = new Map<string, string>();
  for (const { tariffs, currency } of book.plans.values()) {
    for (const tariff of tariffs) if (!currencies.has(tariff)) currencies.set(tariff, currency);
  }
  return currencies;
}
