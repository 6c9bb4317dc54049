/**
 * The price of a meter: first the minimum quantity, then the increment, then the model. All three are functions of the
 * meter's accumulated quantity, so scope alone decides whether rounding is by event or by cycle.
 */
import type { Money } from '../contract.ts';
import type { MeteredPrice } from '../price-book/price-book.ts';
import { type PriceFunction, priceFunction } from './price-function.ts';

export class MeterPrice {
  readonly #function: PriceFunction;
  readonly #minimumQuantity: number;
  readonly #increment: number;

  constructor(price: MeteredPrice) {
    this.#function = priceFunction(price.function);
    this.#minimumQuantity = price.minimumQuantity;
    this.#increment = price.increment;
  }

  /** What a quantity is billed as. More than 2^53 - 1 means that it cannot be billed (OVERFLOW). */
  billable(quantity: number): number {
    if (quantity === 0) return 0;
    const least = Math.max(quantity, this.#minimumQuantity);
    if (this.#increment === 1) return least;
    const over = least % this.#increment;
    return over === 0 ? least : least - over + this.#increment;
  }

  /** F(quantity), for a quantity whose billable quantity is at most 2^53 - 1. */
  total(quantity: number): Money {
    return this.#function.total(this.billable(quantity));
  }

  /** F(after) - F(before), or undefined where the billed quantity passes 2^53 - 1. */
  difference(before: number, after: number): Money | undefined {
    const billedAfter = this.billable(after);
    const billedBefore = this.billable(before);
    if (billedAfter === billedBefore) return 0n;
    if (billedAfter > Number.MAX_SAFE_INTEGER || billedBefore > Number.MAX_SAFE_INTEGER) return undefined;
    return this.#function.difference(billedBefore, billedAfter);
  }
}
