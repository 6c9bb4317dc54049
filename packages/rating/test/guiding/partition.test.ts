import { describe, expect, it } from 'vitest';
import { guidedPartition, ratingKeyHash } from '../../src/index.ts';

describe('the guided partition of a rating key', () => {
  it('is fixed: these values are part of the format', () => {
    // FNV-1a of "" is 0x811c9dc5 and of "a" 0xe40c292c (draft-eastlake-fnv), folded by h ^ (h >> 15).
    expect(ratingKeyHash('')).toBe((0x811c9dc5 ^ (0x811c9dc5 >>> 15)) >>> 0);
    expect(ratingKeyHash('a')).toBe((0xe40c292c ^ (0xe40c292c >>> 15)) >>> 0);
  });

  it('spreads keys that differ in their last digits', () => {
    const counts = new Array<number>(8).fill(0);
    for (let n = 0; n < 8_000; n += 1) counts[guidedPartition(`account-${n}`, 8)] += 1;
    for (const count of counts) expect(count).toBeGreaterThan(800);
  });
});
