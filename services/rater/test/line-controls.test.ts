/** What a rated block says that its lines sum to: by legs, units and currencies. */
import { NO_CONTROLS } from '@headrace/codec';
import { type LineRule, PAYER_USAGE_ACCOUNT } from '@headrace/rating';
import { LineTable } from '@headrace/rating/lines';
import { describe, expect, it } from 'vitest';
import { lineControls } from '../src/line-controls.ts';

const RULE: LineRule = {
  period: '2026-11',
  zone: 'home',
  tag: 'pay-per-use',
  leg: 'retail',
  unit: 'bytes',
  currency: 'EUR',
  priceBook: 'demo@1',
  price: 't/p@2026-01-01T00:00:00Z',
  reason: '',
  bucket: '',
  meter: 'subscription:cycle',
};
const WHOLESALE: LineRule = { ...RULE, leg: 'wholesale', currency: 'USD' };
const MONEY: LineRule = { ...RULE, unit: 'money' };

/** event, quantity, the whole event's quantity, amount in 1e-12, rule. */
type Row = readonly [number, number, number, bigint, LineRule];

function sums(rows: readonly Row[]) {
  const lines = new LineTable();
  for (const [event, quantity, whole, amount, rule] of rows) {
    lines.setAmount(lines.push(event, 0, rule, PAYER_USAGE_ACCOUNT, quantity, whole, 0, 0, 0, 0, 0), amount);
  }
  const { lines: count, quantity, eventQuantity, amounts } = lineControls(NO_CONTROLS, lines);
  return { lines: count, quantity, eventQuantity, amounts };
}

describe('the sums of a block of lines', () => {
  it.each<readonly [string, readonly Row[], ReturnType<typeof sums>]>([
    ['no lines', [], { lines: 0, quantity: 0, eventQuantity: 0, amounts: {} }],
    [
      'the parts of two events',
      [
        [0, 30, 100, 0n, RULE],
        [0, 70, 100, 7n, RULE],
        [1, 5, 5, 3n, RULE],
      ],
      { lines: 3, quantity: 105, eventQuantity: 105, amounts: { EUR: '0.00000000001' } },
    ],
    [
      'the wholesale leg: counted as lines, in no sum',
      [
        [0, 100, 100, 10n ** 12n, RULE],
        [0, 100, 100, 5n * 10n ** 12n, WHOLESALE],
      ],
      { lines: 2, quantity: 100, eventQuantity: 100, amounts: { EUR: '1' } },
    ],
    [
      'quantities of money: in no sum, their amounts are',
      [
        [0, 9_007_199_254_740_991, 9_007_199_254_740_991, 10n ** 12n, MONEY],
        [1, 9_007_199_254_740_991, 9_007_199_254_740_991, 10n ** 12n, MONEY],
        [2, 4, 4, 0n, RULE],
      ],
      { lines: 3, quantity: 4, eventQuantity: 4, amounts: { EUR: '2' } },
    ],
    [
      'overage given back by a fact: its parts add up to nothing',
      [
        [-1, -4, 0, -400n * 10n ** 9n, RULE],
        [-1, 4, 0, 0n, { ...RULE, tag: 'in-bundle' }],
      ],
      { lines: 2, quantity: 0, eventQuantity: 0, amounts: { EUR: '-0.4' } },
    ],
    [
      'amounts past what a double can count',
      [
        [0, 1, 1, BigInt(Number.MAX_SAFE_INTEGER), RULE],
        [1, 1, 1, BigInt(Number.MAX_SAFE_INTEGER), RULE],
        [2, 1, 1, 10n ** 37n, RULE],
        [3, 1, 1, -1n, RULE],
        [4, 1, 1, -(10n ** 37n), { ...RULE, currency: 'CHF' }],
      ],
      {
        lines: 5,
        quantity: 5,
        eventQuantity: 5,
        amounts: { CHF: `-1${'0'.repeat(25)}`, EUR: `1${'0'.repeat(20)}18014.398509481981` },
      },
    ],
  ])('%s', (_, rows, expected) => {
    expect(sums(rows)).toEqual(expected);
  });
});
