/**
 * Volume tiers: the tier that the whole quantity lies in prices all of it, so F may fall where a cheaper tier begins and
 * the line that crosses is negative.
 */
import type { Tier } from '../price-book/price-book.ts';
import { LinearPiece } from './linear-piece.ts';
import type { PriceFunction } from './price-function.ts';
import { commonSlopes, TieredPrice, tierBounds } from './tiers.ts';

export function volumePrice(tiers: readonly Tier[], per: number): PriceFunction {
  const { slopes, denominator } = commonSlopes(tiers, per);
  const [first = 0n, ...later] = slopes;
  const piece = (slope: bigint): LinearPiece => new LinearPiece(0, 0n, slope, denominator);
  return new TieredPrice(tierBounds(tiers), [piece(first), ...later.map(piece)]);
}
