/** Package: F(q) = ceil(q / size) * price. A started package is charged whole. */
import type { Money } from '../contract.ts';
import { ceilDivide } from './integers.ts';
import type { PriceFunction } from './price-function.ts';

export function packagePrice(price: Money, size: number): PriceFunction {
  const packages = (quantity: number): number =>
    // ceilDivide is exact while quantity + size fits 2^53; beyond, BigInt counts.
    quantity + size <= Number.MAX_SAFE_INTEGER
      ? ceilDivide(quantity, size)
      : Number((BigInt(quantity) + BigInt(size) - 1n) / BigInt(size));
  return {
    total: (quantity) => BigInt(packages(quantity)) * price,
    difference: (before, after) => {
      const started = packages(after) - packages(before);
      return started === 0 ? 0n : BigInt(started) * price;
    },
  };
}
