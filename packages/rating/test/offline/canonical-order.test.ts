/** Canonical order: by time, then by id as UTF-8 sorts it. */
import { describe, expect, it } from 'vitest';
import { compareCodePoints, compareEvents } from '../../src/index.ts';

describe('canonical order', () => {
  it('is that of the code points, as UTF-8 has it', () => {
    const ids = ['é', 'a', 'Z', '\u{1F4F1}', '\uFF5E', '', 'a\u0000', 'ab'];
    const sorted = [...ids].sort(compareCodePoints);
    expect(sorted).toEqual([...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it('is by time first', () => {
    expect(Math.sign(compareEvents(1, 'z', 2, 'a'))).toBe(-1);
    expect(Math.sign(compareEvents(2, 'z', 2, 'a'))).toBe(1);
    expect(compareEvents(2, 'a', 2, 'a')).toBe(0);
  });
});
