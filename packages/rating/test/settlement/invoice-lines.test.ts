/** Invoice lines: rounded once, with the difference shown; and credits that pay for them. */
import { describe, expect, it } from 'vitest';
import { applyCredits, formatMoney, invoiceLines, parseMoney, type Total } from '../../src/index.ts';

const KEY = {
  account: 'A',
  subscription: 'S',
  service: 'data',
  zone: 'home',
  tag: 'overage',
  period: '2026-11',
  currency: 'EUR',
  unit: 'bytes',
  leg: 'retail',
};

function total(amount: string, more: Partial<Total> = {}): Total {
  return { ...KEY, quantity: 1n, amount: parseMoney(amount), ...more };
}

describe('invoiceLines', () => {
  it('worked example 9: a million events of 6 KB come to 14.6484375, and the line is 14.65', () => {
    const [line] = invoiceLines([total('10'), total('4.6484375', { subscription: 'T' })]);
    expect(line).toMatchObject({ account: 'A', subscription: '', service: 'data', quantity: 2n });
    expect([line?.exact, line?.amount, line?.difference].map((amount) => formatMoney(amount ?? 0n))).toEqual([
      '14.6484375',
      '14.65',
      '0.0015625',
    ]);
  });

  it('never adds currencies, legs, periods or accounts together, and rounds each to its own minor unit', () => {
    const lines = invoiceLines(
      [
        total('1.006'),
        total('1.006', { currency: 'JPY' }),
        total('1.0006', { leg: 'wholesale' }),
        total('2', { period: '2026-12' }),
        total('3', { account: 'B' }),
      ],
      { by: [] },
    );
    expect(
      lines.map(({ account, period, currency, leg, amount }) => [account, period, currency, leg, formatMoney(amount)]),
    ).toEqual([
      ['A', '2026-11', 'EUR', 'retail', '1.01'],
      ['A', '2026-11', 'EUR', 'wholesale', '1'],
      ['A', '2026-11', 'JPY', 'retail', '1'],
      ['A', '2026-12', 'EUR', 'retail', '2'],
      ['B', '2026-11', 'EUR', 'retail', '3'],
    ]);
  });

  it('is told apart by what is asked for, and rounds as it is told', () => {
    const totals = [total('0.001', { subscription: 'S' }), total('0.001', { subscription: 'T' })];
    const lines = invoiceLines(totals, { by: ['subscription'], mode: 'up', digits: 2 });
    expect(lines.map(({ subscription, service, amount }) => [subscription, service, formatMoney(amount)])).toEqual([
      ['S', '', '0.01'],
      ['T', '', '0.01'],
    ]);
  });
});

describe('applyCredits', () => {
  const credit = (id: string, amount: string, priority = 0) => ({ id, amount: parseMoney(amount), priority });

  it('pays with the lower priority first, then by id', () => {
    const { due, credits } = applyCredits(parseMoney('10'), [credit('b', '4'), credit('a', '3'), credit('z', '5', -1)]);
    expect(due).toBe(0n);
    expect(credits.map(({ id, remaining }) => [id, formatMoney(remaining)])).toEqual([
      ['z', '0'],
      ['a', '0'],
      ['b', '2'],
    ]);
  });

  it('leaves a bill at or below zero alone', () => {
    expect(applyCredits(parseMoney('-1'), [credit('a', '3')])).toMatchObject({
      due: parseMoney('-1'),
      credits: [{ used: 0n }],
    });
  });
});
