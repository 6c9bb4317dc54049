/**
 * Money: an integer count of 1e-12 currency units in a `bigint`, and its written form, a decimal string.
 *
 * 1. This is the only module that converts between the two. No binary floating point touches an amount.
 * 2. The written form is canonical: no trailing zeros, no sign on zero, no leading zero but one before the point.
 * 3. An amount has at most 38 digits, as `Decimal(38, 12)` and a 16-byte fixed can hold.
 * 4. Rounding is symmetric about zero, so that a reversal cancels what it reverses.
 */
import type { Money } from './contract.ts';
import type { RoundingMode } from './price-book/price-book.ts';

export const MONEY_DECIMALS = 12;
/** One currency unit. */
export const MONEY_UNIT: Money = 10n ** 12n;
/** Amounts lie strictly between -MONEY_LIMIT and MONEY_LIMIT. */
export const MONEY_LIMIT: Money = 10n ** 38n;

const DECIMAL = /^(-?)(\d{1,26})(?:\.(\d{1,12}))?$/;

/** The amount that a decimal string writes, or undefined if it is none with at most 26 digits before the point and 12 after. */
export function moneyOf(text: string): Money | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const magnitude = BigInt(whole) * MONEY_UNIT + BigInt(fraction.padEnd(MONEY_DECIMALS, '0'));
  return sign === '-' ? -magnitude : magnitude;
}

/**
 * The amount that a decimal string such as `-0.4` writes.
 * @throws RangeError if the text is not a decimal number with at most 26 digits before the point and 12 after.
 */
export function parseMoney(text: string): Money {
  const amount = moneyOf(text);
  if (amount === undefined)
    throw new RangeError(`'${text}' is not an amount: a decimal number with at most 12 decimals`);
  return amount;
}

/** The canonical decimal string of an amount: `0`, `0.3`, `-70`. The inverse of `parseMoney`. */
export function formatMoney(amount: Money): string {
  const magnitude = amount < 0n ? -amount : amount;
  const digits = magnitude.toString().padStart(MONEY_DECIMALS + 1, '0');
  const whole = digits.slice(0, -MONEY_DECIMALS);
  const fraction = digits.slice(-MONEY_DECIMALS).replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * The amount rounded to so many decimals (0 to 12). `up` is away from zero, `down` towards it, `half-up` takes a tie away
 * from zero, `half-even` to the even digit.
 */
export function roundMoney(amount: Money, digits: number, mode: RoundingMode): Money {
  const step = 10n ** BigInt(MONEY_DECIMALS - digits);
  const magnitude = amount < 0n ? -amount : amount;
  const rest = magnitude % step;
  const down = magnitude - rest;
  const rounded = rest !== 0n && roundsUp(rest * 2n, step, (down / step) % 2n === 1n, mode) ? down + step : down;
  return amount < 0n ? -rounded : rounded;
}

function roundsUp(twiceTheRest: bigint, step: bigint, odd: boolean, mode: RoundingMode): boolean {
  if (mode === 'up') return true;
  if (mode === 'down') return false;
  if (twiceTheRest !== step) return twiceTheRest > step;
  return mode === 'half-up' || odd;
}
