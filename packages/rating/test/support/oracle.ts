/**
 * Price functions the slow way, from their definitions in the domain's words: fractions of big integers, tiers walked one
 * by one. Shares nothing with the engine.
 */

/** An amount of 1e-12 units as a fraction. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function fraction(numerator: bigint, denominator = 1n): Fraction {
  return { numerator, denominator };
}

export function plus(left: Fraction, right: Fraction): Fraction {
  return fraction(
    left.numerator * right.denominator + right.numerator * left.denominator,
    left.denominator * right.denominator,
  );
}

/** Rounds a fraction that is not negative to an integer, a half upwards. */
export function roundHalfUp({ numerator, denominator }: Fraction): bigint {
  const whole = numerator / denominator;
  return (numerator - whole * denominator) * 2n >= denominator ? whole + 1n : whole;
}

/** 1e-12 units of a decimal string. */
export function pico(decimal: string): bigint {
  const [whole = '0', digits = ''] = decimal.split('.');
  return BigInt(whole + digits.padEnd(12, '0'));
}

export interface OraclePrice {
  readonly model: 'per-unit' | 'package' | 'graduated' | 'volume';
  readonly unitPrice?: string;
  readonly per?: number;
  readonly packageSize?: number;
  readonly packagePrice?: string;
  readonly tiers?: readonly { readonly upTo?: number; readonly unitPrice: string }[];
  readonly minimumQuantity?: number;
  readonly increment?: number;
}

/** What a meter with this quantity costs, rounded once. */
export function oracleCost(price: OraclePrice, quantity: bigint): bigint {
  let billed = quantity;
  if (billed > 0n && billed < BigInt(price.minimumQuantity ?? 0)) billed = BigInt(price.minimumQuantity ?? 0);
  const increment = BigInt(price.increment ?? 1);
  while (billed % increment !== 0n) billed += increment - (billed % increment);
  return roundHalfUp(exactCost(price, billed));
}

function exactCost(price: OraclePrice, billed: bigint): Fraction {
  const per = BigInt(price.per ?? 1);
  switch (price.model) {
    case 'per-unit':
      return fraction(billed * pico(price.unitPrice ?? '0'), per);
    case 'package': {
      const size = BigInt(price.packageSize ?? 1);
      const packages = billed / size + (billed % size === 0n ? 0n : 1n);
      return fraction(packages * pico(price.packagePrice ?? '0'));
    }
    case 'graduated': {
      let sum = fraction(0n);
      let below = 0n;
      for (const tier of price.tiers ?? []) {
        const top = tier.upTo === undefined || BigInt(tier.upTo) > billed ? billed : BigInt(tier.upTo);
        if (top > below) sum = plus(sum, fraction((top - below) * pico(tier.unitPrice), per));
        below = top > below ? top : below;
      }
      return sum;
    }
    case 'volume': {
      const tier = (price.tiers ?? []).find(
        (candidate) => candidate.upTo === undefined || billed <= BigInt(candidate.upTo),
      );
      return fraction(billed * pico(tier?.unitPrice ?? '0'), per);
    }
  }
}
