/**
 * Finds roundings that can bill nothing: a price by event or session whose least quantity costs something, and is rounded
 * to 0 (0.001 a message, to two digits, bills no message ever), and a flat price that is rounded to 0 at any scope.
 */
import { formatMoney } from '../money.ts';
import { MeterPrice } from '../price-functions/metered-price.ts';
import { type DocumentReader, join } from './document-reader.ts';
import type { MeteredPrice, PriceBook } from './price-book.ts';
import type { Places } from './read-tariff.ts';

export function checkRoundings(reader: DocumentReader, book: PriceBook, places: Places): void {
  for (const tariff of book.tariffs.values()) {
    if (places.broken.has(tariff.name)) continue;
    for (const price of tariff.prices) {
      if (price.rule.kind === 'zero-rated') continue;
      const lost = billsNothing(price.rule);
      if (lost === undefined) continue;
      const digits = price.rule.rounding?.digits;
      reader.add(
        join(places.paths.get(price) ?? '', 'rounding'),
        `can bill nothing: ${lost.quantity} of the unit costs ${lost.amount}, which ${digits} digits round to 0`,
        'write more digits, mode: up, a greater increment, or a scope that adds up more',
      );
    }
  }
}

/** The least quantity that costs something and is billed as 0. A share of an amount has no least quantity. */
function billsNothing(rule: MeteredPrice): { quantity: number; amount: string } | undefined {
  const { model } = rule.model;
  if (rule.rounding === undefined || model === 'percentage' || model === 'graduated-percentage') return undefined;
  if (model !== 'flat' && rule.scope !== 'event' && rule.scope !== 'session') return undefined;
  const exact = new MeterPrice({ ...rule, rounding: undefined }, rule.scope);
  const quantity = rule.freeUnits + (rule.incrementRounding === 'up' ? 1 : rule.increment);
  const amount = exact.total(quantity);
  if (amount === undefined || amount === 0n) return undefined;
  return new MeterPrice(rule, rule.scope).total(quantity) === 0n
    ? { quantity, amount: formatMoney(amount) }
    : undefined;
}
