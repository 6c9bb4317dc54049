/** What graduated and volume prices share: pieces side by side, with inclusive upper bounds. */
import type { Money } from '../contract.ts';
import type { Tier } from '../price-book/price-book.ts';
import { greatestCommonDivisor } from './integers.ts';
import type { LinearPiece } from './linear-piece.ts';
import type { PriceFunction } from './price-function.ts';

/** A price function made of one piece for each tier. */
export class TieredPrice implements PriceFunction {
  /** Inclusive; one fewer than pieces. */
  readonly #bounds: readonly number[];
  readonly #pieces: readonly [LinearPiece, ...LinearPiece[]];

  constructor(bounds: readonly number[], pieces: readonly [LinearPiece, ...LinearPiece[]]) {
    this.#bounds = bounds;
    this.#pieces = pieces;
  }

  total(quantity: number): Money {
    return quantity === 0 ? 0n : this.#piece(quantity).total(quantity);
  }

  difference(before: number, after: number): Money {
    const piece = this.#piece(after);
    return piece === this.#piece(before) ? piece.difference(before, after) : this.total(after) - this.total(before);
  }

  /** The piece that a quantity lies on: the first whose bound is not below it. */
  #piece(quantity: number): LinearPiece {
    let low = 0;
    let high = this.#bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (quantity <= (this.#bounds[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return this.#pieces[low] ?? this.#pieces[0];
  }
}

/** The bounds of all tiers but the last. */
export function tierBounds(tiers: readonly Tier[]): number[] {
  return tiers.flatMap((tier) => (tier.upTo === undefined ? [] : [tier.upTo]));
}

/** Unit prices over the smallest common denominator: slopes[i] / denominator is the price of one raw unit. */
export function commonSlopes(tiers: readonly Tier[], per: number): { slopes: bigint[]; denominator: bigint } {
  const divisor = tiers.reduce((common, tier) => greatestCommonDivisor(common, tier.unitPrice), BigInt(per));
  return { slopes: tiers.map((tier) => tier.unitPrice / divisor), denominator: BigInt(per) / divisor };
}
