/**
 * Exact integer arithmetic in doubles. Every function states the range in which it is exact; callers stay inside it or
 * use BigInt. Doubles are several times faster than BigInt, and most events never leave this range.
 */

/** Divisors up to this have products of remainders below 2^53. */
export const DIVISOR_MAX = 94_906_265;

/** `value mod divisor` for 0 <= value and value + divisor <= 2^53. */
export function remainder(value: number, divisor: number): number {
  // The quotient may round up to the next integer, which the sign of the rest tells.
  const rest = value - Math.floor(value / divisor) * divisor;
  return rest < 0 ? rest + divisor : rest;
}

/** `floor(value / divisor)` for 0 <= value and value + divisor <= 2^53. */
export function floorDivide(value: number, divisor: number): number {
  return (value - remainder(value, divisor)) / divisor;
}

/** `ceil(value / divisor)` for 0 <= value and value + divisor <= 2^53. */
export function ceilDivide(value: number, divisor: number): number {
  const rest = remainder(value, divisor);
  return (value - rest) / divisor + (rest === 0 ? 0 : 1);
}

export function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [a, b] = [left, right];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** `numerator / denominator` rounded half up, for numerator >= 0 and denominator > 0. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
