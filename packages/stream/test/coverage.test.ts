/** Verdicts as a table, then a law: whatever duplicates and gaps are mixed in, each range is applied exactly once. */
import type { Position } from '@headrace/codec/block';
import { describe, expect, test } from 'vitest';
import { Coverage, type CoverageVerdict } from '../src/index.ts';
import { seeded, testSeed } from './support.ts';

const at = (offset: number, x: number): Position => ({ offset, x });

/** Covered: (0,0) to (5,1), digest a; then to (9,3), digest b. */
function covered(): Coverage {
  const coverage = new Coverage();
  coverage.advance('raw/0', at(5, 1), 'a');
  coverage.advance('raw/0', at(9, 3), 'b');
  return coverage;
}

const table: readonly [string, Position, Position, string, CoverageVerdict][] = [
  ['the next range', at(9, 3), at(12, 3), 'c', 'apply'],
  ['only X rises: an idle partition passes a close', at(9, 3), at(9, 4), 'c', 'apply'],
  ['the last range again', at(5, 1), at(9, 3), 'b', 'duplicate'],
  ['an older range again', at(0, 0), at(5, 1), 'a', 'duplicate'],
  ['a range inside what is covered', at(6, 2), at(8, 2), 'z', 'duplicate'],
  ['the last range with other contents', at(5, 1), at(9, 3), 'z', 'breach'],
  ['begins beyond', at(10, 3), at(12, 3), 'c', 'gap'],
  ['begins beyond in X alone', at(9, 4), at(12, 4), 'c', 'gap'],
  ['overlaps the end', at(7, 2), at(12, 3), 'c', 'breach'],
  ['begins across', at(10, 2), at(12, 3), 'c', 'breach'],
  ['ends across', at(5, 1), at(8, 4), 'c', 'breach'],
  ['is empty', at(9, 3), at(9, 3), 'c', 'breach'],
  ['falls', at(12, 3), at(11, 4), 'c', 'breach'],
];

describe('the verdict on a range', () => {
  for (const [name, from, to, digest, verdict] of table) {
    test(`${name}: ${verdict}`, () => {
      const coverage = covered();
      expect(coverage.check('raw/0', from, to, digest)).toBe(verdict);
      expect(coverage.covered('raw/0'), 'check changes nothing').toEqual(at(9, 3));
    });
  }

  test('a source that was never seen begins at zero', () => {
    expect(new Coverage().check('raw/7', at(0, 0), at(3, 0), 'a')).toBe('apply');
    expect(new Coverage().check('raw/7', at(1, 0), at(3, 0), 'a')).toBe('gap');
  });

  test('sources do not touch each other', () => {
    const coverage = covered();
    expect(coverage.check('raw/1', at(0, 0), at(1, 0), 'a')).toBe('apply');
    expect(coverage.check('reference', at(9, 3), at(10, 3), 'a')).toBe('gap');
  });

  test('advancing never falls or crosses', () => {
    expect(() => covered().advance('raw/0', at(9, 3), 'c')).toThrow(/raw\/0/);
    expect(() => covered().advance('raw/0', at(12, 2), 'c')).toThrow(/raw\/0/);
  });

  test('a restored coverage gives the same verdicts', () => {
    const restored = Coverage.restore(JSON.parse(JSON.stringify(covered().snapshot())));
    for (const [, from, to, digest, verdict] of table) {
      expect(restored.check('raw/0', from, to, digest)).toBe(verdict);
    }
    expect(restored.snapshot()).toEqual(covered().snapshot());
  });
});

/** A chain of ranges of one source, each from the end of the one before. */
function chain(source: string, length: number, random: () => number) {
  let from = at(0, 0);
  return Array.from({ length }, (_, i) => {
    const to = at(from.offset + Math.floor(random() * 5), from.x + Math.floor(random() * 3));
    const end = to.offset === from.offset && to.x === from.x ? at(to.offset + 1, to.x) : to;
    const range = { source, from, to: end, digest: `${source}-${i}` };
    from = end;
    return range;
  });
}

describe('any interleaving of duplicates and gaps', () => {
  const seed = testSeed();
  test(`applies each range once, in order (TEST_SEED=${seed})`, () => {
    const random = seeded(seed);
    for (let round = 0; round < 200; round += 1) {
      const chains = ['raw/0', 'raw/1', 'reference'].map((source) => chain(source, 20, random));
      const coverage = new Coverage();
      const applied = new Map<string, string[]>();
      const next = [0, 0, 0];
      while (next.some((n) => n < 20)) {
        const which = Math.floor(random() * 3);
        const at = next[which] ?? 0;
        // Mostly the next one; else one that was there before (duplicate) or one that comes too early (gap).
        const drawn = random();
        const index = drawn < 0.5 ? at : Math.floor(random() * 20);
        const range = chains[which]?.[index];
        if (range === undefined) continue;
        const verdict = coverage.check(range.source, range.from, range.to, range.digest);
        expect(verdict).toBe(index < at ? 'duplicate' : index === at ? 'apply' : 'gap');
        if (verdict !== 'apply') continue;
        coverage.advance(range.source, range.to, range.digest);
        applied.set(range.source, [...(applied.get(range.source) ?? []), range.digest]);
        next[which] = at + 1;
      }
      for (const ranges of chains) {
        const [first] = ranges;
        expect(applied.get(first?.source ?? '')).toEqual(ranges.map(({ digest }) => digest));
      }
    }
  });
});
