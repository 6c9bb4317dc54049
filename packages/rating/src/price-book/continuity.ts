/**
 * What a new book may not do to the books before it. A meter belongs to a price's identity (tariff, id, effectiveFrom)
 * and lives on when a later book has the same identity; so the identity must stand for the same price in every book, else
 * F(after) - F(before) would be taken from two functions.
 */
import { bookLabel, type Price, type PriceBook } from './price-book.ts';
import { currencyByTariff } from './tariff-currency.ts';

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
      const what = next.plans.has(changed.tariff) ? 'plan' : 'tariff';
      return (
        `price '${changed.id}' of ${what} '${changed.tariff}' differs from the one in ${bookLabel(book)} under the ` +
        'same effectiveFrom; give the changed price a new effectiveFrom, so that it starts new meters'
      );
    }
  }
  return undefined;
}

function changedPrice(book: PriceBook, next: PriceBook): Price | undefined {
  const currenciesBefore = currencyByTariff(book);
  const currencies = currencyByTariff(next);
  for (const [name, tariff] of next.tariffs) {
    const before = book.tariffs.get(name);
    if (before === undefined) continue;
    const known = new Map(before.prices.map((price) => [identity(price), price]));
    for (const price of tariff.prices) {
      const old = known.get(identity(price));
      if (old === undefined) continue;
      const meant = meaning(book, currenciesBefore.get(name), old);
      if (meant !== meaning(next, currencies.get(name), price)) return price;
    }
  }
  return undefined;
}

/** Within its tariff. */
function identity(price: Price): string {
  return `${price.id}@${price.effectiveFrom ?? ''}`;
}

/** All that an amount under this price depends on; the networks of a zone may change without changing the price. */
function meaning(book: PriceBook, tariffCurrency: string | undefined, price: Price): string {
  const currency = price.leg === 'wholesale' ? book.wholesaleCurrency : tariffCurrency;
  return canonical([currency, price.services?.map((service) => book.services.get(service)), price]);
}

/** JSON that tells different values apart; maps, sets and amounts included. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) => {
    if (typeof entry === 'bigint') return `${entry}n`;
    return entry instanceof Map || entry instanceof Set ? [...entry] : entry;
  });
}
