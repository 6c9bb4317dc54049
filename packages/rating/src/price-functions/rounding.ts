/**
 * Rounding of exact amounts. The modes look at the magnitude alone: `up` is away from zero, `down` towards it, `half-up` a
 * half away from it. So what reverses an amount rounds to minus what the amount rounds to, and the two cancel.
 */
import type { Money } from '../contract.ts';
import { MONEY_DECIMALS } from '../money.ts';
import type { Rounding, RoundingMode } from '../price-book/price-book.ts';

/** What prices are rounded to that do not say otherwise. */
export const FINEST_ROUNDING: Rounding = { digits: MONEY_DECIMALS, mode: 'half-up' };

/** The step of `digits` decimals, in 1e-12. */
export function roundingStep(digits: number): bigint {
  return 10n ** BigInt(MONEY_DECIMALS - digits);
}

/** An amount rounded to 0 to 12 decimals. */
export function roundMoney(amount: Money, { digits, mode }: Rounding): Money {
  const step = roundingStep(digits);
  return roundQuotient(amount, step, mode) * step;
}

/** `numerator / denominator` as a whole number, for denominator > 0. */
export function roundQuotient(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  if (numerator < 0n) return -roundQuotient(-numerator, denominator, mode);
  const whole = numerator / denominator;
  const rest = numerator - whole * denominator;
  switch (mode) {
    case 'up':
      return rest > 0n ? whole + 1n : whole;
    case 'down':
      return whole;
    case 'half-up':
      return 2n * rest >= denominator ? whole + 1n : whole;
    case 'half-even': {
      const twice = 2n * rest;
      return twice > denominator || (twice === denominator && whole % 2n === 1n) ? whole + 1n : whole;
    }
    default:
      return mode satisfies never;
  }
}
