/**
 * A price function F: what a meter's accumulated quantity costs, in closed form. One model a file; this one picks.
 *
 * 1. F depends on the quantity alone, so a meter's lines F(after) - F(before) add up to F(total) in any order.
 * 2. F(0) = 0, and F is rounded once, half up, to 1e-12.
 * 3. The work does not grow with the quantity; with the number of tiers only as a binary search.
 */
import type { Money } from '../contract.ts';
import type { PriceModel } from '../price-book/price-book.ts';
import { graduatedPrice } from './graduated.ts';
import { packagePrice } from './package.ts';
import { perUnitPrice } from './per-unit.ts';
import { volumePrice } from './volume.ts';

export interface PriceFunction {
  /** F(quantity), for 0 <= quantity <= 2^53 - 1. */
  total(quantity: number): Money;
  /** F(after) - F(before), exactly. */
  difference(before: number, after: number): Money;
}

export function priceFunction(model: PriceModel): PriceFunction {
  switch (model.model) {
    case 'per-unit':
      return perUnitPrice(model.unitPrice, model.per);
    case 'package':
      return packagePrice(model.packagePrice, model.packageSize);
    case 'graduated':
      return graduatedPrice(model.tiers, model.per);
    case 'volume':
      return volumePrice(model.tiers, model.per);
    default:
      return model satisfies never;
  }
}
