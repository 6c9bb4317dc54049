/** Stairstep: the flat price of the tier that the quantity lies in, and nothing else. */
import type { StairTier } from '../price-book/price-book.ts';
import { type Pieces, piecesOfAll } from './piece.ts';

export function stairstepPieces(tiers: readonly StairTier[]): Pieces {
  return piecesOfAll(tiers.map(({ upTo, flatPrice }) => ({ upTo, step: 1, slope: 0n, per: 1n, flatPrice })));
}
