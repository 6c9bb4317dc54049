import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney, roundMoney } from '../src/index.ts';
import { Random, SEED } from './support/random.ts';

describe('amounts as decimal strings', () => {
  const canonical = [
    '0',
    '0.3',
    '-70',
    '99.5',
    '0.000000000001',
    '-0.4',
    '14.6484375',
    '99999999999999999999999999.999999999999',
  ];

  it.each(canonical)('%s is written as it is read', (text) => {
    expect(formatMoney(parseMoney(text))).toBe(text);
  });

  it.each([
    ['0.30', '0.3'],
    ['-0', '0'],
    ['007', '7'],
    ['1.000000000000', '1'],
  ])('%s becomes %s', (text, written) => {
    expect(formatMoney(parseMoney(text))).toBe(written);
  });

  it.each(['', '.5', '1.', '1e3', '1,5', '0.0000000000001', '+1', ' 1', 'NaN'])('%j is not an amount', (text) => {
    expect(() => parseMoney(text)).toThrow(/is not an amount/);
  });

  it(`any amount survives the round trip (seed ${SEED})`, () => {
    const random = new Random(SEED);
    for (let round = 0; round < 2000; round += 1) {
      const magnitude = BigInt(random.magnitude(2 ** 53)) * BigInt(random.magnitude(2 ** 53));
      const amount = random.below(2) === 0 ? magnitude : -magnitude;
      expect(parseMoney(formatMoney(amount))).toBe(amount);
    }
  });
});

describe('roundMoney', () => {
  it.each([
    ['0.125', 2, 'up', '0.13'],
    ['0.121', 2, 'up', '0.13'],
    ['0.12', 2, 'up', '0.12'],
    ['0.129', 2, 'down', '0.12'],
    ['0.125', 2, 'half-up', '0.13'],
    ['-0.125', 2, 'half-up', '-0.13'],
    ['0.125', 2, 'half-even', '0.12'],
    ['0.135', 2, 'half-even', '0.14'],
    ['-0.125', 2, 'half-even', '-0.12'],
    ['0.5', 0, 'half-up', '1'],
    ['0.0005', 3, 'half-up', '0.001'],
    ['0.000000000001', 12, 'half-up', '0.000000000001'],
  ] as const)('%s to %i decimals, %s: %s', (amount, digits, mode, rounded) => {
    expect(formatMoney(roundMoney(parseMoney(amount), digits, mode))).toBe(rounded);
  });
});
