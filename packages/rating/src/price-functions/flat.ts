/** Flat: the same amount for any quantity, 0 included. */
import type { Money } from '../contract.ts';
import { onePiece, type Pieces } from './piece.ts';

export function flatPieces(flatPrice: Money): Pieces {
  return onePiece({ step: 1, slope: 0n, per: 1n, flatPrice });
}
