/**
 * Percentage: A = u * ratePercent / 100, u being an amount of money in parts. With per-event terms the amount depends on the
 * events and not on their sum alone: see per-event.ts.
 */
import { onePiece, type Pieces } from './piece.ts';
import { percentTerms } from './tier-terms.ts';

export function percentagePieces(ratePercent: bigint, per: number): Pieces {
  return onePiece(percentTerms({ upTo: undefined, ratePercent, flatPrice: 0n }, per));
}
