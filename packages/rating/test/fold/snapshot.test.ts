import { describe, expect, it } from 'vitest';
import { createRater, RatingError, restoreRater } from '../../src/index.ts';
import { demoBook } from '../support/book.ts';
import { Random, SEED } from '../support/random.ts';
import { rate, raterWith, snapshotBytes, topUpFact } from '../support/scenario.ts';
import { makeWorkload } from '../support/workload.ts';

function pieces(): Uint8Array[] {
  const workload = makeWorkload(new Random(SEED), 20, 500);
  const rater = raterWith(
    [demoBook()],
    [...workload.facts, topUpFact('T', '2026-10-01T00:00:00Z', '2026-12-01T00:00:00Z', 'S1')],
  );
  rate(rater, workload.events);
  return snapshotBytes(rater);
}

function codeOf(action: () => unknown): [code: string, message: string] {
  try {
    action();
  } catch (error) {
    if (error instanceof RatingError) return [error.code, error.message];
    throw error;
  }
  return ['', ''];
}

describe('a snapshot', () => {
  it('of an empty rater restores to one', () => {
    const written = snapshotBytes(createRater());
    expect(snapshotBytes(restoreRater(written))).toEqual(written);
  });

  it('survives being handed over as views into larger buffers, at odd offsets', () => {
    const written = pieces();
    const views = written.map((piece) => {
      const larger = new Uint8Array(piece.length + 7);
      larger.set(piece, 3);
      return larger.subarray(3, 3 + piece.length);
    });
    expect(snapshotBytes(restoreRater(views))).toEqual(written);
  });

  it('comes in pieces of at most 512 KiB, however large the state', () => {
    const rater = raterWith([demoBook()]);
    const random = new Random(SEED);
    const event = { at: '2026-11-10T12:00:00Z', plan: 'iot-stacked', plmn: '310410', up: 1 };
    rate(
      rater,
      Array.from({ length: 30_000 }, () => ({
        ...event,
        id: String(random.word()),
        by: `subscription-${random.word()}`,
      })),
    );
    const written = snapshotBytes(rater);
    expect(written.length).toBeGreaterThan(5);
    for (const piece of written) expect(piece.length).toBeLessThanOrEqual(512 * 1024);
    const restored = restoreRater(written);
    expect(restored.statistics()).toEqual(rater.statistics());
    expect(snapshotBytes(restored)).toEqual(written);
  });

  it('of another version is refused in words', () => {
    const [first = new Uint8Array(), ...others] = pieces();
    const other = first.slice();
    new DataView(other.buffer).setUint32(4, 1, true);
    expect(codeOf(() => restoreRater([other, ...others]))).toEqual([
      'SNAPSHOT_VERSION',
      expect.stringContaining('has version 1, and this rater reads version 2'),
    ]);
  });

  it('of another version of the fold is refused in words', () => {
    const [first = new Uint8Array(), ...others] = pieces();
    const other = Uint8Array.from(first);
    const text = new TextDecoder().decode(other.subarray(16)).replace('"foldVersion":2', '"foldVersion":7');
    other.set(new TextEncoder().encode(text), 16);
    expect(codeOf(() => restoreRater([other, ...others]))).toEqual([
      'SNAPSHOT_VERSION',
      expect.stringContaining('version 7 of the fold'),
    ]);
  });

  it.each<[what: string, damage: (whole: Uint8Array[]) => Uint8Array[]]>([
    ['that lost a piece', (whole) => whole.filter((_, index) => index !== 3)],
    ['that lost its end', (whole) => whole.slice(0, -1)],
    ['that lost its head', (whole) => whole.slice(1)],
    ['that is empty', () => []],
    ['with a piece of something else', (whole) => [...whole.slice(0, -1), new Uint8Array(100)]],
    ['with a piece cut short', (whole) => [...whole, new Uint8Array(3)]],
  ])('%s is refused as damaged', (_what, damage) => {
    expect(codeOf(() => restoreRater(damage(pieces())))[0]).toBe('SNAPSHOT_DAMAGED');
  });
});
