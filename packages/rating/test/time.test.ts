import { describe, expect, it } from 'vitest';
import { formatTimeMicros, parseTimeMicros } from '../src/index.ts';

describe('times in UTC', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:00.000001Z', 1],
    ['2026-11-01T00:00:00Z', 1_793_491_200_000_000],
    ['2024-02-29T23:59:59.5Z', 1_709_251_199_500_000],
  ])('%s is %d microseconds since 1970, and back', (text, micros) => {
    expect(parseTimeMicros(text)).toBe(micros);
    expect(formatTimeMicros(micros)).toBe(text);
  });

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-11-01',
    '2026-11-01T00:00:00',
    '2026-11-01T00:00:00+01:00',
    '2026-11-01T24:00:00Z',
    '9999-01-01T00:00:00Z',
  ])('%s is refused', (text) => {
    expect(() => parseTimeMicros(text)).toThrow(/write it as 2026-11-01T00:00:00Z/);
  });
});
