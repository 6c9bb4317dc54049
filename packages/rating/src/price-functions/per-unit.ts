/** Per unit: A(u) = u * unitPrice / per. A started unit is charged by its part, not as a whole. */
import type { Money } from '../contract.ts';
import { onePiece, type Pieces } from './piece.ts';

export function perUnitPieces(unitPrice: Money, per: number): Pieces {
  return onePiece({ step: 1, slope: unitPrice, per: BigInt(per), flatPrice: 0n });
}
