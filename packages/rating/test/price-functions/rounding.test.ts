import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney } from '../../src/money.ts';
import type { RoundingMode } from '../../src/price-book/price-book.ts';
import { roundMoney } from '../../src/price-functions/rounding.ts';

describe('rounding money', () => {
  it.each<[amount: string, digits: number, mode: RoundingMode, rounded: string]>([
    ['0.125', 2, 'half-up', '0.13'],
    ['0.125', 2, 'half-even', '0.12'],
    ['0.135', 2, 'half-even', '0.14'],
    ['0.1250001', 2, 'half-even', '0.13'],
    ['0.125', 2, 'up', '0.13'],
    ['0.120000000001', 2, 'up', '0.13'],
    ['0.129999999999', 2, 'down', '0.12'],
    ['0.12', 2, 'up', '0.12'],
    ['0.5', 0, 'half-up', '1'],
    ['0.5', 0, 'half-even', '0'],
    ['1.5', 0, 'half-even', '2'],
    ['0.000000000001', 12, 'up', '0.000000000001'],
    ['0', 2, 'up', '0'],
  ])('%s to %d digits, %s, is %s, and what reverses it the same below zero', (amount, digits, mode, rounded) => {
    expect(formatMoney(roundMoney(parseMoney(amount), { digits, mode }))).toBe(rounded);
    expect(roundMoney(-parseMoney(amount), { digits, mode })).toBe(-parseMoney(rounded));
  });
});
