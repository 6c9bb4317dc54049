/** Overage of a pool shared out among its members: worked example 1, and shares that add up whatever the figures. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, minorUnitDigits, type PoolStatement, parseMoney, poolCharge } from '../../src/index.ts';
import { SEED } from '../support/random.ts';

const MB = 1024 * 1024;
type Allocation = PoolStatement['allocation'];

/** Worked example 1: A and B all cycle, C its last 15 of 30 days; 20 + 3 + 6 of 25 MB. */
function example(allocation: Allocation): PoolStatement {
  const members = [
    { subscription: 'A', contribution: 10 * MB, used: 20 * MB },
    { subscription: 'B', contribution: 10 * MB, used: 3 * MB },
    { subscription: 'C', contribution: 5 * MB, used: 6 * MB },
  ];
  const sizes = { size: 25 * MB, used: 25 * MB, overage: 4 * MB };
  return { pool: 'P', account: 'ROOT', rule: 'stacked', allocation, period: '2026-11', ...sizes, members };
}

const overage = (amounts: Record<string, string>) =>
  new Map(Object.entries(amounts).map(([subscription, amount]) => [subscription, parseMoney(amount)]));

function sharesOf(allocation: Allocation, amounts: Record<string, string>, currency = 'EUR'): Record<string, string> {
  const { shares } = poolCharge(example(allocation), currency, overage(amounts), 'half-up');
  return Object.fromEntries(shares.map(({ subscription, amount }) => [subscription, formatMoney(amount)]));
}

describe('worked example 1: 0.40 of overage', () => {
  it.each([
    ['usage', { A: '0.28', B: '0.04', C: '0.08' }],
    ['excess', { A: '0.36', B: '0', C: '0.04' }],
    ['chronological', { A: '0.1', C: '0.3' }],
    ['pool', { '': '0.4' }],
  ] as const)('by %s', (allocation, shares) => {
    expect(sharesOf(allocation, { A: '0.10', C: '0.30' })).toEqual(shares);
  });
});

describe('the minor unit', () => {
  it.each([
    ['EUR', '1.006', { A: '0.7', B: '0.1', C: '0.21' }],
    ['JPY', '1.006', { A: '1', B: '0', C: '0' }],
    ['KWD', '0.0105', { A: '0.008', B: '0.001', C: '0.002' }],
  ])('%s %s', (currency, amount, shares) => {
    expect(sharesOf('usage', { A: amount }, currency)).toEqual(shares);
  });

  it.each([
    ['JPY', 0],
    ['CLP', 0],
    ['EUR', 2],
    ['USD', 2],
    ['TND', 3],
    ['BHD', 3],
  ])('%s has %i decimals', (currency, digits) => {
    expect(minorUnitDigits(currency)).toBe(digits);
  });
});

it('ties go by id', () => {
  const members = ['b', 'a', 'c'].map((subscription) => ({ subscription, contribution: 0, used: 7 }));
  const { shares } = poolCharge({ ...example('usage'), members }, 'EUR', overage({ b: '0.02' }), 'half-up');
  expect(shares.map(({ subscription, amount }) => [subscription, formatMoney(amount)])).toEqual([
    ['a', '0.01'],
    ['b', '0.01'],
    ['c', '0'],
  ]);
});

it('where nobody has excess, usage decides; where nobody used anything, all bear alike', () => {
  const members = ['A', 'B'].map((subscription) => ({ subscription, contribution: 10, used: 0 }));
  const shares = poolCharge({ ...example('excess'), members }, 'EUR', overage({ A: '0.4' }), 'half-up').shares;
  expect(shares.map(({ amount }) => formatMoney(amount))).toEqual(['0.2', '0.2']);
});

it('shares are whole minor units and add up to the rounded overage', () => {
  const member = fc.record({
    contribution: fc.nat(100),
    used: fc.nat(1000),
    amount: fc.bigInt(-(10n ** 13n), 10n ** 13n),
  });
  const allocations = fc.constantFrom<Allocation>('usage', 'excess', 'chronological', 'pool');
  const currencies = fc.constantFrom('JPY', 'EUR', 'KWD');
  const modes = fc.constantFrom('up', 'down', 'half-up', 'half-even' as const);
  const law = fc.property(
    fc.array(member, { maxLength: 9 }),
    allocations,
    currencies,
    modes,
    (list, allocation, currency, mode) => {
      const members = list.map(({ contribution, used }, index) => ({ subscription: `S${index}`, contribution, used }));
      const amounts = new Map(list.map(({ amount }, index) => [`S${index}`, amount]));
      const charge = poolCharge({ ...example(allocation), members }, currency, amounts, mode);
      const step = 10n ** BigInt(12 - minorUnitDigits(currency));
      expect(charge.shares.reduce((sum, { amount }) => sum + amount, 0n)).toBe(charge.amount);
      for (const { amount } of charge.shares) expect(amount % step).toBe(0n);
    },
  );
  fc.assert(law, { seed: SEED, numRuns: 500 });
});
