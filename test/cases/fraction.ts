/** Exact fractions of big integers, reduced, with the few operations that a bill needs. */

export class Fraction {
  readonly numerator: bigint;
  /** Above zero. */
  readonly denominator: bigint;

  constructor(numerator: bigint, denominator: bigint) {
    if (denominator === 0n) throw new RangeError('a fraction over zero');
    const divisor = commonDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n);
    this.numerator = numerator / divisor;
    this.denominator = denominator / divisor;
  }

  plus(other: Fraction): Fraction {
    return new Fraction(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  minus(other: Fraction): Fraction {
    return this.plus(new Fraction(-other.numerator, other.denominator));
  }

  times(other: Fraction): Fraction {
    return new Fraction(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  over(other: Fraction): Fraction {
    return new Fraction(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  sign(): number {
    if (this.numerator === 0n) return 0;
    return this.numerator > 0n ? 1 : -1;
  }

  floor(): Fraction {
    return this.toInteger('down');
  }

  ceiling(): Fraction {
    return this.toInteger('up');
  }

  /** Of a fraction at or above zero. */
  toInteger(mode: 'up' | 'down' | 'half_up' | 'half_even'): Fraction {
    if (this.numerator < 0n) throw new RangeError('only values at or above zero are rounded');
    const whole = this.numerator / this.denominator;
    const twice = (this.numerator % this.denominator) * 2n;
    const ups = {
      up: twice > 0n,
      down: false,
      half_up: twice >= this.denominator,
      half_even: twice > this.denominator || (twice === this.denominator && whole % 2n === 1n),
    };
    return new Fraction(ups[mode] ? whole + 1n : whole, 1n);
  }

  /** The canonical decimal; a fraction without an end is cut and marked, which no expected value is. */
  text(): string {
    const sign = this.numerator < 0n ? '-' : '';
    const magnitude = this.numerator < 0n ? -this.numerator : this.numerator;
    const scaled = (magnitude * 10n ** 60n) / this.denominator;
    const exact = scaled * this.denominator === magnitude * 10n ** 60n;
    const digits = scaled.toString().padStart(61, '0');
    const decimals = digits.slice(-60).replace(/0+$/, '');
    return `${sign}${digits.slice(0, -60)}${decimals === '' ? '' : `.${decimals}`}${exact ? '' : '...'}`;
  }
}

function commonDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (right !== 0n) [left, right] = [right, left % right];
  return left === 0n ? 1n : left;
}

/** The fraction that a decimal string writes. */
export function fraction(decimal: string): Fraction {
  const [whole = '0', decimals = ''] = decimal.split('.');
  return new Fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
}

export const ZERO = fraction('0');
export const ONE = fraction('1');
