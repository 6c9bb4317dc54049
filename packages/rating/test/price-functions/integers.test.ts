import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoundingMode } from '../../src/price-book/price-book.ts';
import { floorDivide, greatestOfMultiples, remainder, wholeMultiples } from '../../src/price-functions/integers.ts';
import { magnitude } from './arbitraries.ts';
import { SEED } from './support.ts';

const SAFE = Number.MAX_SAFE_INTEGER;
const MODES: readonly RoundingMode[] = ['up', 'down', 'half-up', 'half-even'];

/** Values where a quotient is hardest to tell: next to a multiple, and next to 2^53. */
const division = fc
  .tuple(
    fc.oneof(magnitude(53), magnitude(27)),
    fc.oneof(magnitude(53), fc.constant(SAFE)),
    fc.integer({ min: -2, max: 2 }),
  )
  .map(([divisor, near, off]): [value: number, divisor: number] => {
    const multiple = near - (near % divisor);
    return [Math.max(0, Math.min(SAFE, multiple + off)), divisor];
  });

describe(`integers in doubles (HEADRACE_SEED=${SEED})`, () => {
  it('divides like BigInt, also next to a multiple and next to 2^53', () => {
    fc.assert(
      fc.property(division, ([value, divisor]) => {
        expect(BigInt(floorDivide(value, divisor))).toBe(BigInt(value) / BigInt(divisor));
        expect(BigInt(remainder(value, divisor))).toBe(BigInt(value) % BigInt(divisor));
      }),
      { seed: SEED, numRuns: 20_000 },
    );
  });

  it('divides the largest values by small and large divisors', () => {
    for (const divisor of [2, 3, 5, 7, 11, 1023, 94_906_265]) {
      for (let value = SAFE; value > SAFE - 50; value -= 1) {
        expect(BigInt(floorDivide(value, divisor))).toBe(BigInt(value) / BigInt(divisor));
      }
    }
  });

  it('knows the last value of each count of multiples', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MODES), magnitude(20), fc.integer({ min: 0, max: 1e9 }), (mode, size, count) => {
        const last = greatestOfMultiples(count, size, mode);
        const made = wholeMultiples(Math.max(0, last), size, mode);
        const next = wholeMultiples(last + 1, size, mode);
        expect(next).toBeGreaterThan(count);
        if (last >= 0) expect(made).toBeLessThanOrEqual(count);
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });
});
