/**
 * A compiled price function F of the billed quantity: what a meter that something reached costs, in closed form.
 *
 * 1. F is rounded once. A difference is exactly F(after) - F(before).
 * 2. The work does not grow with the quantity; with the number of pieces only as a binary search.
 */
import type { Money } from '../contract.ts';
import type { Rounding } from '../price-book/price-book.ts';
import type { Pieces } from './piece.ts';
import { StepLine } from './step-line.ts';

export class PriceFunction {
  readonly #lines: readonly StepLine[];
  /** Inclusive upper bounds of all lines but the last. */
  readonly #bounds: Float64Array;

  constructor({ pieces, denominator }: Pieces, rounding: Rounding) {
    this.#lines = pieces.map((piece) => new StepLine(piece, denominator, rounding));
    this.#bounds = Float64Array.from(pieces.slice(0, -1), (piece) => piece.upTo);
  }

  /** F(quantity), for 0 <= quantity <= 2^53 - 1; undefined if it has more than 38 digits. */
  total(quantity: number): Money | undefined {
    return this.#lineAt(quantity).total(quantity);
  }

  /** F(quantity) as an exact safe integer of 1e-12 units, or NaN. */
  fastTotal(quantity: number): number {
    return this.#lineAt(quantity).fastTotal(quantity);
  }

  /** F(after) - F(before) as an exact safe integer of 1e-12 units, or NaN where only `total` can tell. */
  fastDifference(before: number, after: number): number {
    const line = this.#lineAt(after);
    return before >= line.from && before <= line.upTo
      ? line.fastDifference(before, after)
      : line.fastTotal(after) - this.fastTotal(before);
  }

  /** Writes the numbers of the one line that it is, for `lineTotal` and `lineDifference`; false if it is not one such line. */
  writeNumbers(numbers: Float64Array, at: number): boolean {
    return this.#lines.length === 1 && this.#lines[0].writeNumbers(numbers, at);
  }

  /** The line that a quantity lies on: the first whose bound is not below it. */
  #lineAt(quantity: number): StepLine {
    const bounds = this.#bounds;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (quantity <= bounds[middle]) high = middle;
      else low = middle + 1;
    }
    return this.#lines[low];
  }
}
