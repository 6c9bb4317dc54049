/** Prices of any model and any magnitude, with or without anything around it, and the quantities worth trying on them. */
import fc from 'fast-check';
import { formatMoney } from '../../src/money.ts';
import type { MeterScope, RoundingMode } from '../../src/price-book/price-book.ts';
import type { CasePrice, CaseTier } from './case-price.ts';

const SAFE = Number.MAX_SAFE_INTEGER;

/** From 1, small and large equally likely. */
export const magnitude = (bitsMax: number): fc.Arbitrary<number> =>
  fc
    .integer({ min: 0, max: bitsMax })
    .chain((bits) => fc.maxSafeNat().map((number) => Math.max(1, Math.min(SAFE, number % 2 ** bits))));

/** Up to 10^15 currency units, with few decimals or all twelve. */
const money: fc.Arbitrary<string> = fc
  .tuple(fc.bigInt(0n, 10n ** 15n), fc.bigInt(0n, 10n ** 12n - 1n), fc.integer({ min: 0, max: 12 }), magnitude(50))
  .map(([units, pico, decimals, size]) => {
    const step = 10n ** BigInt(12 - decimals);
    return formatMoney((units % BigInt(size)) * 10n ** 12n + (pico / step) * step);
  });
const somePrice = fc.oneof(money, fc.constantFrom('0', '0.1', '0.0025', '1', '10', '1000000000000000'));
const mode = fc.constantFrom<RoundingMode>('up', 'down', 'half-up', 'half-even');
const size = fc
  .oneof(fc.constantFrom(1, 10, 60, 1000, 1024, 3600, 1048576, 1073741824), magnitude(40))
  .map((number) => String(number));
const percent = fc.integer({ min: 0, max: 100_000 }).map((number) => formatMoney(BigInt(number) * 10n ** 9n));
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

function tiers(tier: fc.Arbitrary<CaseTier>): fc.Arbitrary<readonly CaseTier[]> {
  const bounds = fc.uniqueArray(fc.oneof(magnitude(8), magnitude(45)), { maxLength: 6 });
  return fc.tuple(bounds, fc.array(tier, { minLength: 7, maxLength: 7 })).map(([unsorted, list]) => {
    const sorted = [...unsorted].sort((a, b) => a - b);
    return list.slice(0, sorted.length + 1).map((each, index) => {
      const upTo = sorted[index];
      return upTo === undefined ? each : { ...each, upTo: String(upTo) };
    });
  });
}

const unitTier = fc.record({
  unitPrice: somePrice,
  flatPrice: optional(somePrice),
  increment: optional(size),
  unitSize: size,
});
const percentTier = fc.record({ ratePercent: percent, flatPrice: optional(somePrice) });
const stair = fc.record({ flatPrice: somePrice });

const model: fc.Arbitrary<CasePrice> = fc.oneof(
  fc.record({ model: fc.constant('per-unit' as const), unitPrice: somePrice }),
  fc.record({ model: fc.constant('flat' as const), flatPrice: somePrice }),
  fc.record({
    model: fc.constant('package' as const),
    packageSize: size,
    packagePrice: somePrice,
    packageRounding: mode,
  }),
  fc.record({ model: fc.constantFrom('graduated' as const, 'volume' as const), tiers: tiers(unitTier) }),
  fc.record({ model: fc.constant('stairstep' as const), tiers: tiers(stair) }),
  fc.record({ model: fc.constant('percentage' as const), ratePercent: percent }),
  fc.record({ model: fc.constant('graduated-percentage' as const), tiers: tiers(percentTier) }),
);

/** What every price has: prices without it are as frequent as those with. */
const around = fc.record({
  scope: fc.constantFrom<MeterScope>('event', 'session', 'day', 'cycle'),
  minimumQuantity: optional(size),
  increment: optional(size),
  incrementRounding: mode,
  freeUnits: optional(magnitude(20).map((number) => String(number))),
  connectFee: optional(somePrice),
  discountPercent: optional(percent),
  maximum: optional(somePrice),
  minimum: optional(somePrice),
  rounding: optional(fc.record({ digits: fc.integer({ min: 0, max: 12 }), mode })),
});

/** Any price without per-event terms. */
export const anyPrice: fc.Arbitrary<CasePrice> = fc
  .tuple(model, fc.oneof(fc.constant({}), around), fc.oneof(fc.constant('1'), size))
  .map(([base, terms, unitSize]) => ({ ...base, ...terms, unitSize: base.model === 'package' ? '1' : unitSize }))
  .filter((price) => Number(price.unitSize) === 1 || fits(price));

/** Sizes and bounds are multiplied by the size of the unit, and have to stay raw integers. */
function fits(price: CasePrice): boolean {
  const unit = BigInt(price.unitSize ?? '1');
  const sizes = (price.tiers ?? []).flatMap((tier) => [tier.upTo, tier.increment, tier.unitSize]);
  return [...sizes, price.freeUnits].every((each) => each === undefined || BigInt(each) * unit <= BigInt(SAFE));
}

/** Any percentage with per-event terms, whose parts are whole currency units. */
export const anyPerEventPrice: fc.Arbitrary<CasePrice> = fc
  .record({
    ratePercent: percent,
    freeEvents: optional(fc.integer({ min: 0, max: 4 })),
    freeUnits: optional(fc.integer({ min: 0, max: 3000 }).map((number) => String(number))),
    fixedPerEvent: somePrice,
    perEventMinimum: optional(somePrice),
    perEventMaximum: optional(somePrice),
    connectFee: optional(somePrice),
    discountPercent: optional(percent),
    maximum: optional(somePrice),
    minimum: optional(somePrice),
    scope: fc.constantFrom<MeterScope>('event', 'cycle'),
    rounding: optional(fc.record({ digits: fc.integer({ min: 0, max: 12 }), mode })),
  })
  .map((terms) => ({ ...terms, model: 'percentage' as const }));

/** Quantities of any magnitude, in the order in which a meter has them; it may also fall. */
export const quantities: fc.Arbitrary<readonly number[]> = fc.array(
  fc.oneof(fc.constant(0), magnitude(8), magnitude(33), magnitude(53), fc.constant(SAFE)),
  { minLength: 2, maxLength: 8 },
);

/** The bounds of a price's tiers and of its free part in raw units, and what lies next to them. */
export function edges(price: CasePrice): number[] {
  const unit = Number(price.unitSize ?? '1');
  const free = Number(price.freeUnits ?? '0') * unit;
  const bounds = (price.tiers ?? []).flatMap(({ upTo }) => (upTo === undefined ? [] : [Number(upTo) * unit + free]));
  return [free, ...bounds].flatMap((at) => [at, at + 1]).filter((at) => at <= SAFE);
}

/**
 * Rates slope / per, and quantities of which they make almost a whole number or just one: where a product that is off by one
 * shows. From q * slope = off (modulo per) follows q.
 */
export const boundaries: fc.Arbitrary<{ per: number; slope: number; before: number; after: number }> = fc
  .record({
    per: magnitude(44),
    slope: magnitude(46),
    off: fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 })),
    near: fc.tuple(fc.maxSafeNat(), fc.oneof(fc.maxSafeNat(), magnitude(53))),
  })
  .map(({ per, slope, off, near }) => {
    const inverse = inverseOf(BigInt(slope), BigInt(per));
    const quantity = (at: number, rest: number): number => {
      const modulus = BigInt(per);
      const least = (((BigInt(rest) * inverse) % modulus) + modulus) % modulus;
      return Number(BigInt(at) - (BigInt(at) % modulus) + least);
    };
    return { per, slope, before: quantity(near[0], off[0]), after: quantity(near[1], off[1]) };
  })
  .filter(({ before, after }) => before <= SAFE && after <= SAFE);

/** x with slope * x = gcd(slope, per) modulo per, by Euclid. */
function inverseOf(slope: bigint, per: bigint): bigint {
  let [a, b, x, y] = [slope % per, per, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
  }
  return x;
}
