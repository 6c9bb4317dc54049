/** Per unit: F(q) = q * unitPrice / per. A started unit is charged by its part, not as a whole. */
import type { Money } from '../contract.ts';
import { greatestCommonDivisor } from './integers.ts';
import { LinearPiece } from './linear-piece.ts';
import type { PriceFunction } from './price-function.ts';

export function perUnitPrice(unitPrice: Money, per: number): PriceFunction {
  const divisor = greatestCommonDivisor(unitPrice, BigInt(per));
  return new LinearPiece(0, 0n, unitPrice / divisor, BigInt(per) / divisor);
}
