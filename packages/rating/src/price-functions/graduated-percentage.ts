/** Graduated percentage: as graduated, the price of a unit being the tier's rate. */
import type { PercentTier } from '../price-book/price-book.ts';
import { type Pieces, piecesInside } from './piece.ts';
import { percentTerms } from './tier-terms.ts';

export function graduatedPercentagePieces(tiers: readonly PercentTier[], per: number): Pieces {
  return piecesInside(tiers.map((tier) => percentTerms(tier, per)));
}
