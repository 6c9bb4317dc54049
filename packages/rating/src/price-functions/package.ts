/** Package: A(u) = (u / size, as whole packages) * price. Rounded up, a started package is charged whole. */
import type { Money } from '../contract.ts';
import type { RoundingMode } from '../price-book/price-book.ts';
import { onePiece, type Pieces } from './piece.ts';

export function packagePieces(price: Money, size: number, rounding: RoundingMode): Pieces {
  return onePiece({ step: size, slope: price, per: 1n, flatPrice: 0n }, rounding);
}
