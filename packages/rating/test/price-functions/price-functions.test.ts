import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney } from '../../src/index.ts';
import type { MeteredPrice, PriceModel } from '../../src/price-book/price-book.ts';
import { MeterPrice } from '../../src/price-functions/metered-price.ts';
import { type OraclePrice, oracleCost } from '../support/oracle.ts';
import { Random, SEED } from '../support/random.ts';

const MB = 1024 * 1024;

function modelOf(price: OraclePrice): PriceModel {
  const { per = 1 } = price;
  const tiers = (price.tiers ?? []).map(({ upTo, unitPrice }) => ({ upTo, unitPrice: parseMoney(unitPrice) }));
  switch (price.model) {
    case 'per-unit':
      return { model: 'per-unit', unitPrice: parseMoney(price.unitPrice ?? '0'), per };
    case 'package':
      return {
        model: 'package',
        packageSize: price.packageSize ?? 1,
        packagePrice: parseMoney(price.packagePrice ?? '0'),
      };
    default:
      return { model: price.model, tiers, per };
  }
}

function meterPrice(price: OraclePrice): MeterPrice {
  const { minimumQuantity = 0, increment = 1 } = price;
  const rule: MeteredPrice = {
    kind: 'metered',
    function: modelOf(price),
    minimumQuantity,
    increment,
    owner: 'subscription',
    scope: 'cycle',
  };
  return new MeterPrice(rule);
}

const PER_MINUTE: OraclePrice = { model: 'per-unit', unitPrice: '0.1', per: 60 };
const PER_MB: OraclePrice = { model: 'per-unit', unitPrice: '0.0025', per: MB };
const PACKAGE: OraclePrice = { model: 'package', packageSize: 100, packagePrice: '0.5' };
const GRADUATED: OraclePrice = {
  model: 'graduated',
  tiers: [{ upTo: 1000, unitPrice: '1' }, { upTo: 5000, unitPrice: '0.8' }, { unitPrice: '0.6' }],
};
const VOLUME: OraclePrice = { ...GRADUATED, model: 'volume' };

describe('what a quantity costs', () => {
  it.each<[price: string, function_: OraclePrice, quantity: number, cost: string]>([
    ['0.1 per minute by the second', PER_MINUTE, 180, '0.3'],
    ['0.1 per minute by the second', PER_MINUTE, 1, '0.001666666667'],
    ['0.1 per minute by the second', PER_MINUTE, 0, '0'],
    ['0.0025 per MB', PER_MB, 6 * 1024, '0.000014648438'],
    ['0.0025 per MB', PER_MB, 6 * 1024 * 1_000_000, '14.6484375'],
    [
      '0.1 per minute, at least 30 s, then by started minute',
      { ...PER_MINUTE, minimumQuantity: 30, increment: 60 },
      1,
      '0.1',
    ],
    ['0.1 per minute, by started minute', { ...PER_MINUTE, increment: 60 }, 61, '0.2'],
    ['0.1 per minute, by started minute', { ...PER_MINUTE, increment: 60 }, 120, '0.2'],
    ['0.1 per minute, at least 30 s', { ...PER_MINUTE, minimumQuantity: 30 }, 0, '0'],
    ['0.1 per minute, at least 30 s', { ...PER_MINUTE, minimumQuantity: 30 }, 7, '0.05'],
    ['0.1 per minute, at least 30 s', { ...PER_MINUTE, minimumQuantity: 30 }, 31, '0.051666666667'],
    ['0.5 a package of 100', PACKAGE, 0, '0'],
    ['0.5 a package of 100', PACKAGE, 1, '0.5'],
    ['0.5 a package of 100', PACKAGE, 100, '0.5'],
    ['0.5 a package of 100', PACKAGE, 101, '1'],
    ['6,000 graduated', GRADUATED, 6000, '4800'],
    ['the first tier, inclusive', GRADUATED, 1000, '1000'],
    ['one above it', GRADUATED, 1001, '1000.8'],
    ['6,000 by volume', VOLUME, 6000, '3600'],
    ['the first tier, inclusive', VOLUME, 1000, '1000'],
    ['one above it', VOLUME, 1001, '800.8'],
    ['nothing by volume', VOLUME, 0, '0'],
  ])('%s: %o of %d costs %s', (_price, price, quantity, cost) => {
    expect(formatMoney(meterPrice(price).total(quantity))).toBe(cost);
    expect(formatMoney(oracleCost(price, BigInt(quantity)))).toBe(cost);
  });

  it('by volume, the unit that reaches a cheaper tier gives back: 15 at 10 are 150, the 16th at 5 is -70', () => {
    const price = meterPrice({ model: 'volume', tiers: [{ upTo: 15, unitPrice: '10' }, { unitPrice: '5' }] });
    expect(formatMoney(price.difference(15, 16) ?? 0n)).toBe('-70');
  });
});

/** A price of any model with prices and sizes of any magnitude. */
function randomPrice(random: Random): OraclePrice {
  const decimals = random.below(13);
  const unitPrice = (): string =>
    formatMoney((BigInt(random.magnitude(2 ** 40)) * 10n ** BigInt(12 - decimals)) % 10n ** 20n);
  const rounding = {
    minimumQuantity: random.below(3) === 0 ? random.magnitude(1e6) : 0,
    increment: random.below(3) === 0 ? 1 + random.magnitude(1e6) : 1,
  };
  const per = random.pick([1, 60, 1000, 1024, 1_000_000, MB, 1 + random.magnitude(1e9)]);
  const model = random.pick(['per-unit', 'package', 'graduated', 'volume'] as const);
  if (model === 'per-unit') return { model, unitPrice: unitPrice(), per, ...rounding };
  if (model === 'package') return { model, packageSize: per, packagePrice: unitPrice(), ...rounding };
  const bounds = new Set(Array.from({ length: random.below(6) }, () => 1 + random.magnitude(2 ** 45)));
  const tiers = [...bounds].sort((a, b) => a - b).map((upTo) => ({ upTo, unitPrice: unitPrice() }));
  return { model, tiers: [...tiers, { unitPrice: unitPrice() }], per, ...rounding };
}

describe('every price function', () => {
  it(`agrees with fractions of big integers, whatever the magnitudes (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (let round = 0; round < 3000; round += 1) {
      const price = randomPrice(random);
      const engine = meterPrice(price);
      const quantities = [random.magnitude(2 ** 52), random.magnitude(2 ** 52), random.magnitude(1e7)].sort(
        (a, b) => a - b,
      );
      for (const tier of price.tiers ?? []) if (tier.upTo !== undefined) quantities.push(tier.upTo, tier.upTo + 1);
      for (const quantity of quantities) {
        const expected = oracleCost(price, BigInt(quantity));
        expect(engine.total(quantity), `round ${round}: ${JSON.stringify(price)} of ${quantity}`).toBe(expected);
      }
    }
  });

  it(`gives lines that add up to the total, however the quantity comes (seed ${SEED})`, () => {
    const random = new Random(SEED + 1);
    for (let round = 0; round < 400; round += 1) {
      const price = randomPrice(random);
      const engine = meterPrice(price);
      let meter = random.below(2) === 0 ? 0 : random.magnitude(2 ** 51);
      let sum = oracleCost(price, BigInt(meter));
      for (let event = 0; event < 60; event += 1) {
        // Quantities may also fall, as when a pool grows.
        const step = random.magnitude(random.pick([100, 1e6, 1e9, 1e13]));
        const after = random.below(5) === 0 ? Math.max(0, meter - step) : meter + step;
        sum += engine.difference(meter, after) ?? 0n;
        meter = after;
      }
      expect(sum, `round ${round}: ${JSON.stringify(price)} of ${meter}`).toBe(oracleCost(price, BigInt(meter)));
    }
  });

  it('says so when a billed quantity would pass 2^53 - 1', () => {
    const price = meterPrice({ model: 'per-unit', unitPrice: '1', increment: 2 ** 50 });
    expect(price.difference(0, Number.MAX_SAFE_INTEGER)).toBeUndefined();
    expect(price.difference(0, 1)).toBe(2n ** 50n * 10n ** 12n);
  });
});
