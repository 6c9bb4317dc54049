/** Exact decimals as counts of 1e-12, and the one rounding. */

const SCALE = 12;
export const ONE = 10n ** BigInt(SCALE);

/** @returns count of 1e-12. @throws Error where the text is no decimal with at most 12 decimals. */
export function parseAmount(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?0*$/.exec(text.trim());
  if (match === null) throw new Error(`"${text}" is no decimal with at most 12 decimals.`);
  const [, sign, whole = '0', decimals = ''] = match;
  const value = BigInt(whole) * ONE + BigInt(decimals.padEnd(SCALE, '0'));
  return sign === '-' ? -value : value;
}

/** Canonical: no exponent, no trailing zeros, no -0. */
export function formatAmount(amount: bigint): string {
  const magnitude = amount < 0n ? -amount : amount;
  const decimals = (magnitude % ONE).toString().padStart(SCALE, '0').replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${magnitude / ONE}${decimals === '' ? '' : `.${decimals}`}`;
}

/** A fraction of two integers >= 0 rounded to a whole number, a half upwards. */
export function roundHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}

/** The least multiple of `step` that is not below `value`; both >= 0. */
export function roundUpTo(value: bigint, step: bigint): bigint {
  return ((value + step - 1n) / step) * step;
}

/** A decimal amount in 10^-decimals of a currency unit. @throws Error where it has a finer part */
export function partsOf(text: string, decimals: number): number {
  const part = 10n ** BigInt(SCALE - decimals);
  const amount = parseAmount(text);
  if (amount % part !== 0n) throw new Error(`The auditor does not cut "${text}" to ${decimals} decimals.`);
  return Number(amount / part);
}
