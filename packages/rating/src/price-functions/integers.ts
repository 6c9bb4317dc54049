/**
 * Exact integer arithmetic in doubles, which are several times faster than BigInt; most events never leave their range.
 * Arguments are safe integers: 0 to 2^53 - 1, divisors from 1.
 */
import type { RoundingMode } from '../price-book/price-book.ts';

/** The largest integer whose neighbours are all told apart: 2^53 - 1. */
export const SAFE = Number.MAX_SAFE_INTEGER;

/** Divisors up to this have products of remainders below 2^53. */
export const DIVISOR_MAX = 94_906_265;

/** `floor(value / divisor)`. */
export function floorDivide(value: number, divisor: number): number {
  // The next integer is at least 1 / divisor away; rounding adds at most quotient * 2^-53, which is less.
  return Math.floor(value / divisor);
}

/** `value mod divisor`. */
export function remainder(value: number, divisor: number): number {
  return value - floorDivide(value, divisor) * divisor;
}

/** `value / size` rounded to a whole number. */
export function wholeMultiples(value: number, size: number, mode: RoundingMode): number {
  if (size === 1) return value;
  const whole = floorDivide(value, size);
  return roundsUp(whole, value - whole * size, size, mode) ? whole + 1 : whole;
}

/** The greatest value that `wholeMultiples` makes `count` of. Exact while it is at most 2^53 - 1. */
export function greatestOfMultiples(count: number, size: number, mode: RoundingMode): number {
  const half = Math.floor(size / 2);
  switch (mode) {
    case 'up':
      return count * size;
    case 'down':
      return count * size + (size - 1);
    case 'half-up':
      return count * size + (size - half - 1);
    case 'half-even':
      return count * size + (count % 2 === 0 ? half : size - half - 1);
    default:
      return mode satisfies never;
  }
}

function roundsUp(whole: number, rest: number, size: number, mode: RoundingMode): boolean {
  switch (mode) {
    case 'up':
      return rest > 0;
    case 'down':
      return false;
    case 'half-up':
      return rest >= size - rest;
    case 'half-even':
      return rest > size - rest || (rest === size - rest && whole % 2 === 1);
    default:
      return mode satisfies never;
  }
}

export function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [a, b] = [left, right];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

export function leastCommonMultiple(left: bigint, right: bigint): bigint {
  return (left / greatestCommonDivisor(left, right)) * right;
}

/** `numerator / denominator` rounded half up, for numerator >= 0 and denominator > 0. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
