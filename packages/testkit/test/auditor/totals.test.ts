import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { formatAmount, parseAmount } from '../../src/auditor/amounts.ts';
import { Calendar } from '../../src/auditor/calendar.ts';
import { compareTotals, type TotalRow, totalsDigest } from '../../src/index.ts';

const row = (account: string, quantity: string | number | bigint, amount: string): TotalRow => ({
  account,
  period: '2026-11',
  service: 'data',
  currency: 'EUR',
  quantity,
  amount,
});

describe('totals', () => {
  test('the digest is over sorted lines in canonical form', () => {
    const text = 'a\t2026-11\tdata\tEUR\t5\t0.3\nb\t2026-11\tdata\tEUR\t7\t-70\n';
    const expected = createHash('sha256').update(text).digest('hex');
    expect(totalsDigest([row('b', 7n, '-70.000000000000'), row('a', '5', '0.300000000000')])).toBe(expected);
  });

  test('rows with one key are added up; rows without quantity and amount do not count', () => {
    const split = [row('a', 2, '0.1'), row('a', 3, '0.2'), row('b', 0, '0'), row('c', 1, '1'), row('c', -1, '-1')];
    expect(totalsDigest(split)).toBe(totalsDigest([row('a', 5, '0.3')]));
  });

  test('a comparison counts accounts and says what differs', () => {
    const expected = [row('a', 1, '1'), row('b', 2, '2'), row('c', 3, '3')];
    const actual = [row('a', 1, '1.000000000000'), row('b', 2, '2.000000000001'), row('d', 4, '4')];
    expect(compareTotals(expected, actual)).toEqual({
      accountsCompared: 4,
      accountsDiffering: 3,
      differences: [
        'Account b, 2026-11, data: expected 2 for 2 EUR, found 2 for 2.000000000001 EUR.',
        'Account c, 2026-11, data: expected 3 for 3 EUR, found nothing.',
        'Account d, 2026-11, data: expected nothing, found 4 for 4 EUR.',
      ],
    });
  });

  test.each([
    '0',
    '0.3',
    '-70',
    '14.6484375',
    '0.000000000001',
    '-0.000000000001',
    '99999999999999999999.123456789012',
  ])('the amount %s survives', (text) => expect(formatAmount(parseAmount(text))).toBe(text));

  test('amounts of another form are refused', () => {
    for (const text of ['', '1e3', '0.0000000000001', '1,5', '--1']) expect(() => parseAmount(text)).toThrow();
  });
});

describe('billing cycles', () => {
  test.each([
    ['UTC', '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z'],
    ['Europe/Berlin', '2026-10-31T23:00:00Z', '2026-11-30T23:00:00Z'],
    ['America/New_York', '2026-11-01T04:00:00Z', '2026-12-01T05:00:00Z'],
    ['Asia/Kolkata', '2026-10-31T18:30:00Z', '2026-11-30T18:30:00Z'],
    ['Australia/Sydney', '2026-10-31T13:00:00Z', '2026-11-30T13:00:00Z'],
  ])('November in %s lasts from %s to %s', (zone, from, to) => {
    const begin = Date.parse(from) * 1000;
    const end = Date.parse(to) * 1000;
    const cycle = { name: '2026-11', from: begin, to: end };
    const calendar = new Calendar();
    expect(calendar.cycleOf(zone, begin)).toEqual(cycle);
    expect(calendar.cycleOf(zone, end - 1)).toEqual(cycle);
    expect(new Calendar().cycleOf(zone, end - 1)).toEqual(cycle);
    expect(calendar.cycleOf(zone, begin - 1).name).toBe('2026-10');
    expect(calendar.cycleOf(zone, end).name).toBe('2026-12');
  });
});
