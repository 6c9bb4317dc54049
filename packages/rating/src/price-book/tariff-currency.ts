/** In what currency the prices of a tariff are: that of the plans which use it. */
import type { PriceBook } from './price-book.ts';

/** Tariff to the currency of its retail prices, for those that any plan uses. Valid books have one for each. */
export function currencyByTariff(book: PriceBook): Map<string, string> {
  const currencies = new Map<string, string>();
  for (const plan of book.plans.values()) {
    for (const tariff of plan.tariffs) {
      if (!currencies.has(tariff)) currencies.set(tariff, plan.currency);
    }
  }
  return currencies;
}
