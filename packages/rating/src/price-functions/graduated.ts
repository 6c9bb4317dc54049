/**
 * Graduated tiers: each tier prices the part of the quantity that lies inside it. The sum is rounded once, so the pieces
 * carry the exact numerator of the tiers below them.
 */
import type { Tier } from '../price-book/price-book.ts';
import { LinearPiece } from './linear-piece.ts';
import type { PriceFunction } from './price-function.ts';
import { commonSlopes, TieredPrice, tierBounds } from './tiers.ts';

export function graduatedPrice(tiers: readonly Tier[], per: number): PriceFunction {
  const { slopes, denominator } = commonSlopes(tiers, per);
  const bounds = tierBounds(tiers);
  const [firstSlope = 0n, ...laterSlopes] = slopes;
  const pieces: [LinearPiece, ...LinearPiece[]] = [new LinearPiece(0, 0n, firstSlope, denominator)];
  let start = 0;
  let base = 0n;
  let slopeBefore = firstSlope;
  laterSlopes.forEach((slope, index) => {
    const bound = bounds[index] ?? 0;
    base += BigInt(bound - start) * slopeBefore;
    start = bound;
    slopeBefore = slope;
    pieces.push(new LinearPiece(start, base, slope, denominator));
  });
  return new TieredPrice(bounds, pieces);
}
