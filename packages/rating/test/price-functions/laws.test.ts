/** The laws of all price functions, on prices and quantities of any kind, against the oracle of fractions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, MONEY_LIMIT } from '../../src/money.ts';
import { anyPerEventPrice, anyPrice, boundaries, edges, magnitude, quantities } from './arbitraries.ts';
import type { CasePrice } from './case-price.ts';
import { oracleEvents, oracleTotal } from './oracle.ts';
import { meterPrice, SEED } from './support.ts';

const fraction = (quantity: number): { n: bigint; d: bigint } => ({ n: BigInt(quantity), d: 1n });
const check = (runs: number): { seed: number; numRuns: number } => ({ seed: SEED, numRuns: runs });

/** What a quantity is billed as, in raw units, from the definition of step 8. */
function billed(price: CasePrice, quantity: number): bigint {
  if (quantity === 0) return 0n;
  const least = BigInt(price.minimumQuantity ?? '0');
  const counted = BigInt(quantity) > least ? BigInt(quantity) : least;
  if (price.increment === undefined) return counted;
  const step = BigInt(price.increment);
  const [floor, rest] = [counted / step, counted % step];
  const mode = price.incrementRounding ?? 'up';
  const half = mode === 'half-up' || (mode === 'half-even' && floor % 2n === 1n);
  const up = (mode === 'up' && rest > 0n) || (mode !== 'down' && (2n * rest > step || (half && 2n * rest === step)));
  return (up ? floor + 1n : floor) * step;
}

/** The exact total, or undefined where it overflows. */
function expectedTotal(price: CasePrice, quantity: number): bigint | undefined {
  if (billed(price, quantity) > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const total = oracleTotal(price, fraction(quantity));
  return total < MONEY_LIMIT ? total : undefined;
}

describe(`every price function (HEADRACE_SEED=${SEED})`, () => {
  it('is what the definition says, at any quantity and around every bound; overflow is undefined, never wrong', () => {
    fc.assert(
      fc.property(anyPrice, quantities, (price, list) => {
        const engine = meterPrice(price);
        for (const quantity of [0, 1, ...list, ...edges(price)]) {
          const expected = expectedTotal(price, quantity);
          expect(engine.total(quantity), `at ${quantity}`).toBe(expected);
          expect(engine.first(quantity)).toBe(expected);
          const fast = engine.fastFirst(quantity);
          if (!Number.isNaN(fast)) expect(BigInt(fast), `fast at ${quantity}`).toBe(expected);
        }
        expect(engine.startsAtZero).toBe(expectedTotal(price, 0) === 0n);
      }),
      check(4000),
    );
  });

  it('gives differences that are the oracle’s, up or down, the fast way too wherever it says anything', () => {
    fc.assert(
      fc.property(anyPrice, quantities, (price, list) => {
        const engine = meterPrice(price);
        const all = [...list, ...edges(price)];
        all.forEach((after, index) => {
          const before = all[index - 1] ?? 0;
          const [high, low] = [expectedTotal(price, after), expectedTotal(price, before)];
          const expected = high === undefined || low === undefined ? undefined : high - low;
          expect(engine.difference(before, after), `${before} to ${after}`).toBe(expected);
          const fast = engine.fastDifference(before, after);
          if (Number.isNaN(fast)) return;
          expect(Number.isSafeInteger(fast)).toBe(true);
          expect(BigInt(fast), `fast, ${before} to ${after}`).toBe(expected);
        });
      }),
      check(4000),
    );
  });

  it('gives small differences on a large meter exactly', () => {
    fc.assert(
      fc.property(
        anyPrice,
        magnitude(52),
        fc.array(magnitude(34), { minLength: 1, maxLength: 8 }),
        (price, at, steps) => {
          const engine = meterPrice(price);
          let before = at;
          for (const step of steps) {
            const after = before + step;
            const fast = engine.fastDifference(before, after);
            if (!Number.isNaN(fast)) {
              expect(BigInt(fast)).toBe((expectedTotal(price, after) ?? 0n) - (expectedTotal(price, before) ?? 0n));
            }
            before = after;
          }
        },
      ),
      check(4000),
    );
  });

  it('is exact where the amount is next to the next 1e-12, with divisors and quantities of any size', () => {
    fc.assert(
      fc.property(boundaries, ({ per, slope, before, after }) => {
        const price: CasePrice = {
          model: 'per-unit',
          unitPrice: formatMoney(BigInt(slope)),
          unitSize: String(per),
          rounding: { digits: 12, mode: 'down' },
        };
        const engine = meterPrice(price);
        const total = (quantity: number): bigint => (BigInt(quantity) * BigInt(slope)) / BigInt(per);
        const [first, between] = [engine.fastFirst(after), engine.fastDifference(before, after)];
        if (!Number.isNaN(first)) expect(BigInt(first)).toBe(total(after));
        if (!Number.isNaN(between)) expect(BigInt(between)).toBe(total(after) - total(before));
      }),
      check(10_000),
    );
  });

  it('adds up to F(total), however a quantity is cut', () => {
    fc.assert(
      fc.property(anyPrice, fc.array(magnitude(40), { minLength: 1, maxLength: 20 }), (price, parts) => {
        const engine = meterPrice(price);
        let meter = 0;
        let sum: bigint | undefined = 0n;
        parts.forEach((part, index) => {
          const line = index === 0 ? engine.first(meter + part) : engine.difference(meter, meter + part);
          meter += part;
          sum = sum === undefined || line === undefined ? undefined : sum + line;
        });
        if (sum !== undefined) expect(sum).toBe(expectedTotal(price, meter));
      }),
      check(1000),
    );
  });

  it('never falls where no tier is cheaper for all of the quantity', () => {
    const rising = anyPrice.filter(({ model }) => model !== 'volume' && model !== 'stairstep');
    fc.assert(
      fc.property(rising, magnitude(45), magnitude(45), (price, before, more) => {
        const engine = meterPrice(price);
        expect(engine.difference(before, before + more) ?? 0n).toBeGreaterThanOrEqual(0n);
        const fast = engine.fastDifference(before, before + more);
        expect(Number.isNaN(fast) || fast >= 0).toBe(true);
      }),
      check(1000),
    );
  });

  it('is trued up to its commitment, never below it and never twice', () => {
    fc.assert(
      fc.property(anyPrice, magnitude(40), (price, quantity) => {
        const total = expectedTotal(price, quantity);
        const minimum = meterPrice({ ...price, scope: 'cycle' });
        const due = minimum.commitment(quantity);
        if (price.minimum === undefined || price.scope === 'event' || total === undefined) return;
        const least = oracleTotal({ model: 'flat', flatPrice: price.minimum }, fraction(0));
        if (total >= least) expect(due).toBe(0n);
        else expect(total + due).toBe(least);
      }),
      check(1000),
    );
  });
});

describe(`every price with per-event terms (HEADRACE_SEED=${SEED})`, () => {
  it('is what the definition says, after each event', () => {
    const amounts = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2000 }), magnitude(40)), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(anyPerEventPrice, amounts, (price, list) => {
        const engine = meterPrice(price);
        let state = engine.perEventStart();
        list.forEach((amount, index) => {
          state = engine.perEventNext(state, amount);
          const expected = oracleEvents(price, list.slice(0, index + 1).map(fraction));
          expect(engine.perEventTotal(state)).toBe(expected);
        });
      }),
      check(2000),
    );
  });

  it('goes on from a state that was stored', () => {
    fc.assert(
      fc.property(anyPerEventPrice, magnitude(20), magnitude(20), (price, first, second) => {
        const engine = meterPrice(price);
        const after = engine.perEventNext(engine.perEventStart(), first);
        const stored = { events: after.events, quantity: after.quantity, free: after.free, exact: after.exact };
        const again = meterPrice(price);
        expect(again.perEventTotal(again.perEventNext(stored, second))).toBe(
          engine.perEventTotal(engine.perEventNext(after, second)),
        );
      }),
      check(300),
    );
  });
});

describe('the fast way', () => {
  it.each<[name: string, price: CasePrice, eventMax: number]>([
    ['voice by the second', { model: 'per-unit', unitPrice: '0.1', unitSize: '60' }, 4000],
    ['data by the MB', { model: 'per-unit', unitPrice: '0.0025', unitSize: '1048576' }, 1e12],
    ['data by the GB', { model: 'per-unit', unitPrice: '1.99', unitSize: '1073741824' }, 1e9],
    ['data in steps of 10 kB', { model: 'per-unit', unitPrice: '0.01', unitSize: '1048576', increment: '10240' }, 1e9],
    [
      'to cents',
      { model: 'per-unit', unitPrice: '0.1', unitSize: '1048576', rounding: { digits: 2, mode: 'up' } },
      1e9,
    ],
    ['a discount', { model: 'per-unit', unitPrice: '0.1', unitSize: '1048576', discountPercent: '12.5' }, 1e9],
    ['free units, a cap', { model: 'per-unit', unitPrice: '0.1', freeUnits: '100', maximum: '1000' }, 1e4],
    ['packages', { model: 'package', packageSize: '1000000', packagePrice: '0.5' }, 1e9],
    [
      'a call with a fee',
      {
        model: 'graduated',
        scope: 'event',
        connectFee: '0.4',
        tiers: [
          { upTo: '60', unitPrice: '0.2', unitSize: '60', increment: '60' },
          { unitPrice: '0.1', unitSize: '60' },
        ],
      },
      4000,
    ],
    ['steps', { model: 'stairstep', tiers: [{ upTo: '100', flatPrice: '10' }, { flatPrice: '40' }] }, 1e12],
  ])('is open to %s', (_name, price, eventMax) => {
    const engine = meterPrice(price);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: eventMax }), fc.integer({ min: 0, max: eventMax }), (before, more) => {
        expect(engine.fastFirst(more)).not.toBeNaN();
        expect(engine.fastDifference(before, before + more)).not.toBeNaN();
      }),
      check(200),
    );
  });

  it('stays open on a straight piece however large the meter has grown', () => {
    const price: CasePrice = { model: 'per-unit', unitPrice: '0.0025', unitSize: '1048576' };
    const engine = meterPrice(price);
    const before = 2 ** 52 + 12_345;
    expect(BigInt(engine.fastDifference(before, before + 6144))).toBe(
      oracleTotal(price, fraction(before + 6144)) - oracleTotal(price, fraction(before)),
    );
  });
});
