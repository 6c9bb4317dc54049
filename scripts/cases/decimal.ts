/** Exact decimals: an integer and how many of its digits stand behind the point. */

export interface Decimal {
  readonly digits: bigint;
  readonly decimals: number;
}

/** The decimal that a string such as `-0.250` writes, without zeros at its end. */
export function decimalOf(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  const kept = fraction.replace(/0+$/, '');
  return { digits: BigInt(whole + kept), decimals: kept.length };
}

export function product(factors: readonly string[]): Decimal {
  let digits = 1n;
  let decimals = 0;
  for (const factor of factors.map(decimalOf)) {
    digits *= factor.digits;
    decimals += factor.decimals;
  }
  while (decimals > 0 && digits % 10n === 0n) {
    digits /= 10n;
    decimals -= 1;
  }
  return { digits, decimals };
}

export function sumOf(texts: readonly string[]): string {
  const terms = texts.map(decimalOf);
  const power = Math.max(0, ...terms.map(({ decimals }) => decimals));
  const digits = terms.reduce((sum, term) => sum + scaled(term, power), 0n);
  return decimalText({ digits, decimals: power });
}

/** The decimal times a power of ten that makes it whole. */
export function scaled({ digits, decimals }: Decimal, power: number): bigint {
  if (decimals > power) throw new RangeError(`${digits}e-${decimals} is no multiple of 1e-${power}`);
  return digits * 10n ** BigInt(power - decimals);
}

/** The canonical string: no zeros at the end, no sign on zero. */
export function decimalText({ digits, decimals }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const all = (digits < 0n ? -digits : digits).toString().padStart(decimals + 1, '0');
  const whole = decimals === 0 ? all : all.slice(0, -decimals);
  const fraction = decimals === 0 ? '' : all.slice(-decimals).replace(/0+$/, '');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
