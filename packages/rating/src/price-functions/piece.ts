/**
 * The form that every price function is compiled to: pieces side by side, on each of which the amount grows by equal steps.
 * On a piece A(u) = (base + k(u) * slope) / denominator, with k(u) = (u - origin) / step rounded to a whole number, and one
 * denominator for all pieces. A straight line has steps of 1, a flat amount the slope 0.
 */
import type { Money } from '../contract.ts';
import type { RoundingMode } from '../price-book/price-book.ts';
import { greatestCommonDivisor, leastCommonMultiple, SAFE, wholeMultiples } from './integers.ts';

export interface Piece {
  /** Raw units, both inclusive; pieces leave no gap. */
  readonly from: number;
  readonly upTo: number;
  /** Where the steps are counted from; at most `from`. */
  readonly origin: number;
  readonly step: number;
  readonly rounding: RoundingMode;
  /** Counted in 1e-12 / denominator. */
  readonly base: bigint;
  /** What one step adds; never negative. */
  readonly slope: bigint;
}

export interface Pieces {
  readonly denominator: bigint;
  /** At least one; the first begins at 0, the last ends at 2^53 - 1. */
  readonly pieces: readonly Piece[];
}

/** What a tier says, whatever its model: the price of one step is the fraction slope / per. */
export interface TierTerms {
  /** Inclusive; undefined for the last. */
  readonly upTo: number | undefined;
  readonly step: number;
  readonly slope: bigint;
  readonly per: bigint;
  readonly flatPrice: Money;
}

/** The steps that a quantity on the piece has begun. */
export function stepsOn(piece: Piece, quantity: number): number {
  return wholeMultiples(quantity - piece.origin, piece.step, piece.rounding);
}

/** One piece for all quantities. */
export function onePiece(terms: Omit<TierTerms, 'upTo'>, rounding: RoundingMode = 'up'): Pieces {
  const denominator = commonDenominator([terms]);
  const { step, flatPrice } = terms;
  const slope = slopeOver(terms, denominator);
  return {
    denominator,
    pieces: [{ from: 0, upTo: SAFE, origin: 0, step, rounding, base: flatPrice * denominator, slope }],
  };
}

/** The smallest denominator that every tier's steps can be counted over. */
export function commonDenominator(tiers: readonly Pick<TierTerms, 'slope' | 'per'>[]): bigint {
  return tiers.reduce(
    (common, { slope, per }) => leastCommonMultiple(common, per / greatestCommonDivisor(slope, per)),
    1n,
  );
}

/** A tier's price of one step, counted over the common denominator. */
export function slopeOver({ slope, per }: Pick<TierTerms, 'slope' | 'per'>, denominator: bigint): bigint {
  return (slope * denominator) / per;
}

/** The part of each tier inside it, one after the other: every tier's steps are counted from the bound before it. */
export function piecesInside(tiers: readonly TierTerms[]): Pieces {
  const denominator = commonDenominator(tiers);
  const pieces: Piece[] = [];
  let origin = 0;
  let below = 0n;
  for (const tier of tiers) {
    const upTo = tier.upTo ?? SAFE;
    const piece: Piece = {
      from: pieces.length === 0 ? 0 : origin + 1,
      upTo,
      origin,
      step: tier.step,
      rounding: 'up',
      base: below + tier.flatPrice * denominator,
      slope: slopeOver(tier, denominator),
    };
    pieces.push(piece);
    below = piece.base + BigInt(stepsOn(piece, upTo)) * piece.slope;
    origin = upTo;
  }
  return { denominator, pieces: withinReach(pieces) };
}

/** One tier for all of the quantity: every tier's steps are counted from 0. */
export function piecesOfAll(tiers: readonly TierTerms[]): Pieces {
  const denominator = commonDenominator(tiers);
  const pieces = tiers.map((tier, index) => ({
    from: index === 0 ? 0 : (tiers[index - 1]?.upTo ?? 0) + 1,
    upTo: tier.upTo ?? SAFE,
    origin: 0,
    step: tier.step,
    rounding: 'up' as const,
    base: tier.flatPrice * denominator,
    slope: slopeOver(tier, denominator),
  }));
  return { denominator, pieces: withinReach(pieces) };
}

/** Of tiers whose bound before them is 2^53 - 1 nothing is left. */
function withinReach(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.filter((piece) => piece.from <= piece.upTo);
}
