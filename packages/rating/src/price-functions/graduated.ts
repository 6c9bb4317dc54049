/**
 * Graduated: each tier prices the part of the quantity that lies inside it, rounded up to the tier's own increment, and
 * adds its flat price once it is reached. The first is always reached; a later one as soon as its bound is passed.
 */
import type { Tier } from '../price-book/price-book.ts';
import { type Pieces, piecesInside } from './piece.ts';
import { tierTerms } from './tier-terms.ts';

export function graduatedPieces(tiers: readonly Tier[]): Pieces {
  return piecesInside(tiers.map(tierTerms));
}
