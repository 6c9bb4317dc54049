/**
 * The price function the slow way, straight from its definition: fractions of big integers, tiers walked one by one, events
 * looked at one by one. It reads prices as written and shares nothing with the engine.
 */
import type { CasePrice, CaseTier } from './case-price.ts';

interface Fraction {
  readonly n: bigint;
  /** Above 0. */
  readonly d: bigint;
}

const ZERO: Fraction = { n: 0n, d: 1n };

export function decimal(text: string): Fraction {
  const [units = '0', digits = ''] = text.split('.');
  return { n: BigInt(units + digits), d: 10n ** BigInt(digits.length) };
}

const plus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
const minus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d - b.n * a.d, d: a.d * b.d });
const times = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d });
const over = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d, d: a.d * b.n });
const above = (a: Fraction, b: Fraction): boolean => a.n * b.d > b.n * a.d;
const least = (a: Fraction, b: Fraction): Fraction => (above(a, b) ? b : a);
const greatest = (a: Fraction, b: Fraction): Fraction => (above(a, b) ? a : b);

/** A fraction that is not negative as a whole number. */
function wholeOf({ n, d }: Fraction, mode: string): bigint {
  const floor = n / d;
  const rest = n % d;
  const roundsUp =
    (mode === 'up' && rest !== 0n) ||
    (mode === 'half-up' && rest * 2n >= d) ||
    (mode === 'half-even' && (rest * 2n > d || (rest * 2n === d && floor % 2n === 1n)));
  return roundsUp ? floor + 1n : floor;
}

const toMultiple = (x: Fraction, step: Fraction, mode: string): Fraction =>
  times({ n: wholeOf(over(x, step), mode), d: 1n }, step);

/** What a reached meter with this quantity costs, in 1e-12, rounded once. For a price without per-event terms. */
export function oracleTotal(price: CasePrice, quantity: Fraction): bigint {
  let q = quantity;
  if (q.n > 0n) q = greatest(q, decimal(price.minimumQuantity ?? '0'));
  if (price.increment !== undefined) q = toMultiple(q, decimal(price.increment), price.incrementRounding ?? 'up');
  const u = greatest(ZERO, minus(over(q, decimal(price.unitSize ?? '1')), decimal(price.freeUnits ?? '0')));
  return finished(price, modelAmount(price, u));
}

/** What a meter costs after these events, in order. For a price with per-event terms. */
export function oracleEvents(price: CasePrice, amounts: readonly Fraction[]): bigint {
  if (amounts.length === 0) return 0n;
  let sum = ZERO;
  let before = ZERO;
  amounts.forEach((amount, index) => {
    const after = plus(before, amount);
    const rate = over(decimal(price.ratePercent ?? '0'), decimal('100'));
    const anyFree = price.freeEvents !== undefined || price.freeUnits !== undefined;
    const early = anyFree && (price.freeEvents === undefined || index < price.freeEvents);
    const end = price.freeUnits === undefined ? plus(after, decimal('1')) : decimal(price.freeUnits);
    const paid = early ? greatest(ZERO, minus(after, greatest(before, end))) : amount;
    const wholly = early && above(end, before) && paid.n === 0n;
    if (!wholly) {
      let cost = plus(times(paid, rate), decimal(price.fixedPerEvent ?? '0'));
      cost = greatest(cost, decimal(price.perEventMinimum ?? '0'));
      if (price.perEventMaximum !== undefined) cost = least(cost, decimal(price.perEventMaximum));
      sum = plus(sum, cost);
    }
    before = after;
  });
  return finished(price, sum);
}

function finished(price: CasePrice, modelled: Fraction): bigint {
  let amount = plus(modelled, decimal(price.connectFee ?? '0'));
  amount = times(amount, over(minus(decimal('100'), decimal(price.discountPercent ?? '0')), decimal('100')));
  if (price.maximum !== undefined) amount = least(amount, decimal(price.maximum));
  if (price.scope === 'event' && price.minimum !== undefined) amount = greatest(amount, decimal(price.minimum));
  const { digits, mode } = price.rounding ?? { digits: 12, mode: 'half-up' };
  return wholeOf(times(amount, { n: 10n ** BigInt(digits), d: 1n }), mode) * 10n ** BigInt(12 - digits);
}

function modelAmount(price: CasePrice, u: Fraction): Fraction {
  const tiers = price.tiers ?? [];
  switch (price.model) {
    case 'per-unit':
      return times(u, decimal(price.unitPrice ?? '0'));
    case 'flat':
      return decimal(price.flatPrice ?? '0');
    case 'package': {
      const packages = wholeOf(over(u, decimal(price.packageSize ?? '1')), price.packageRounding ?? 'up');
      return times({ n: packages, d: 1n }, decimal(price.packagePrice ?? '0'));
    }
    case 'percentage':
      return over(times(u, decimal(price.ratePercent ?? '0')), decimal('100'));
    case 'graduated':
    case 'graduated-percentage': {
      let sum = ZERO;
      let bound = ZERO;
      for (const [index, tier] of tiers.entries()) {
        if (index > 0 && !above(u, bound)) break;
        const top = tier.upTo === undefined ? u : least(u, decimal(tier.upTo));
        sum = plus(sum, tierAmount(tier, minus(top, bound)));
        bound = top;
      }
      return sum;
    }
    case 'volume':
    case 'stairstep':
      for (const tier of tiers) {
        if (tier.upTo !== undefined && above(u, decimal(tier.upTo))) continue;
        return price.model === 'volume' ? tierAmount(tier, u) : decimal(tier.flatPrice ?? '0');
      }
      return ZERO;
    default:
      return price.model satisfies never;
  }
}

function tierAmount(tier: CaseTier, x: Fraction): Fraction {
  const flat = decimal(tier.flatPrice ?? '0');
  if (tier.ratePercent !== undefined) return plus(flat, over(times(x, decimal(tier.ratePercent)), decimal('100')));
  const counted = tier.increment === undefined ? x : toMultiple(x, decimal(tier.increment), 'up');
  return plus(flat, over(times(counted, decimal(tier.unitPrice ?? '0')), decimal(tier.unitSize ?? '1')));
}
