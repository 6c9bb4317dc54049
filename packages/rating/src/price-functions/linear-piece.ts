/**
 * One straight piece of a price function: on it, F(q) = (base + (q - start) * slope) / denominator, rounded half up to an
 * integer count of 1e-12. Tiers and unit prices are made of such pieces.
 *
 * 1. F is rounded, a difference never is: `difference` gives exactly F(after) - F(before).
 * 2. With F(q) = floor((2 * (base + (q - start) * slope) + denominator) / (2 * denominator)) the difference needs only the
 *    remainder of the numerator at `before`, not the number itself: so it is exact in doubles however large the meter has
 *    grown, as long as the event's own part fits. Everything else takes the way through BigInt.
 */
import type { Money } from '../contract.ts';
import { DIVISOR_MAX, floorDivide, remainder } from './integers.ts';

const SAFE = Number.MAX_SAFE_INTEGER;

export class LinearPiece {
  readonly #start: number;
  readonly #base: bigint;
  readonly #slope: bigint;
  readonly #denominator: bigint;
  // The same, doubled for rounding half up, as numbers. `#divisor` is 0 where numbers would not be exact.
  readonly #divisor: number;
  readonly #doubleSlope: number;
  readonly #slopeRemainder: number;
  readonly #baseRemainder: number;

  /** @param start where the piece begins; `base` and `slope` are counted in 1e-12 / denominator */
  constructor(start: number, base: bigint, slope: bigint, denominator: bigint) {
    this.#start = start;
    this.#base = base;
    this.#slope = slope;
    this.#denominator = denominator;
    const divisor = 2n * denominator;
    const doubleSlope = 2n * slope;
    const exact = divisor <= BigInt(DIVISOR_MAX) && doubleSlope <= BigInt(SAFE);
    this.#divisor = exact ? Number(divisor) : 0;
    this.#doubleSlope = exact ? Number(doubleSlope) : 0;
    this.#slopeRemainder = exact ? Number(doubleSlope % divisor) : 0;
    this.#baseRemainder = exact ? Number((2n * base + denominator) % divisor) : 0;
  }

  /** F(quantity), for a quantity on this piece. */
  total(quantity: number): Money {
    const numerator = this.#base + BigInt(quantity - this.#start) * this.#slope;
    return (2n * numerator + this.#denominator) / (2n * this.#denominator);
  }

  /** F(after) - F(before), both on this piece. */
  difference(before: number, after: number): Money {
    const divisor = this.#divisor;
    const growth = (after - before) * this.#doubleSlope;
    if (divisor === 0 || growth < 0 || growth > SAFE - 2 * divisor || before > SAFE - divisor) {
      return this.total(after) - this.total(before);
    }
    const offset = remainder(
      remainder(before - this.#start, divisor) * this.#slopeRemainder + this.#baseRemainder,
      divisor,
    );
    return BigInt(floorDivide(growth + offset, divisor));
  }
}
