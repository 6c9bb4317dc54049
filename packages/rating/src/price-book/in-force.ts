/** Which versions of prices are in force at a time. */
import type { Price } from './price-book.ts';

/** Of each price (tariff and id) the latest version that is not after the time. */
export function pricesInForce(prices: readonly Price[], time: number): Price[] {
  const latest = new Map<string, Price>();
  for (const price of prices) {
    if (price.effectiveFrom !== undefined && price.effectiveFrom > time) continue;
    const identity = `${price.tariff}/${price.id}`;
    const other = latest.get(identity);
    if (other === undefined || (price.effectiveFrom ?? -1) > (other.effectiveFrom ?? -1)) latest.set(identity, price);
  }
  return [...latest.values()];
}
