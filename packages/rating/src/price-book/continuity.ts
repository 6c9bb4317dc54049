/**
 * What a new book may not do to the books before it. A meter belongs to a price's identity (plan, id, effectiveFrom) and
 * lives on when a later book has the same identity; so the identity must stand for the same price in every book, else
 * F(after) - F(before) would be taken from two functions.
 */
import { bookLabel, type Plan, type Price, type PriceBook } from './price-book.ts';

/**
 * Why a book cannot follow the books already known, in words, or undefined if it can. Refused are: a name and version
 * known with other contents; a price that changed under the identity of a known one.
 */
export function refuseSuccessor(known: Iterable<PriceBook>, next: PriceBook): string | undefined {
  for (const book of known) {
    if (bookLabel(book) === bookLabel(next) && canonical(book) !== canonical(next)) {
      return `price book ${bookLabel(next)} is known with other contents; a book is immutable: raise its version`;
    }
    const changed = changedPrice(book, next);
    if (changed !== undefined) {
      return (
        `price '${changed.id}' of plan '${changed.plan}' differs from the one in ${bookLabel(book)} under the same ` +
        'effectiveFrom; give the changed price a new effectiveFrom, so that it starts new meters'
      );
    }
  }
  return undefined;
}

function changedPrice(book: PriceBook, next: PriceBook): { plan: string; id: string } | undefined {
  for (const [name, plan] of next.plans) {
    const before = book.plans.get(name);
    if (before === undefined) continue;
    const meanings = new Map(before.prices.map((price) => [identity(price), meaning(book, before, price)]));
    for (const price of plan.prices) {
      const known = meanings.get(identity(price));
      if (known !== undefined && known !== meaning(next, plan, price)) return { plan: name, id: price.id };
    }
  }
  return undefined;
}

function identity(price: Price): string {
  return `${price.id}@${price.effectiveFrom ?? ''}`;
}

/** All that an amount under this price depends on; the networks of a zone may change without changing the price. */
function meaning(book: PriceBook, plan: Plan, price: Price): string {
  return canonical([plan.currency, book.services.get(price.service), price.zones, price.rule]);
}

/** JSON that tells different values apart; maps and amounts included. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) => {
    if (typeof entry === 'bigint') return `${entry}n`;
    return entry instanceof Map ? [...entry] : entry;
  });
}
