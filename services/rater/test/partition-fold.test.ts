/** One guided partition's fold: every guided block gets one answer, and only what continues counts. */
import { decodeRatedBlock, decodeSuspenseBlock, verifyBlock } from '@headrace/codec';
import { describe, expect, it } from 'vitest';
import { type FoldedBlock, PartitionFold } from '../src/partition-fold.ts';
import { FACTS, factBlock, NOON, type TestUsage, usageBlock } from './blocks.ts';

const IDENTITY = { generation: 1, partition: 0, rawTopic: 'usage.events' };
const MB = 1_048_576;

/** Feeds blocks at the offsets 0, 1, 2, ... */
function foldAll(fold: PartitionFold, blocks: readonly Uint8Array[], first = 0): FoldedBlock[] {
  return blocks.map((block, at) => {
    const folded = fold.fold(first + at, NOON, block, true);
    if (folded === null) throw new Error('what was read twice has an answer');
    return folded;
  });
}

const facts = factBlock(FACTS, 0, 1);
const events = (from: number, count: number, bytes = MB): TestUsage[] =>
  Array.from({ length: count }, (_, at) => ({ id: `e${from + at}`, bytes }));

function headerOf(block: Uint8Array): NonNullable<ReturnType<typeof decodeRatedBlock>>['header'] {
  const verified = verifyBlock(block);
  if (verified.problem !== null) throw new Error(verified.problem);
  return verified.header;
}

describe('folding a guided partition', () => {
  it('answers each guided block with one rated block that accounts for every event', () => {
    const fold = new PartitionFold(IDENTITY, null);
    // The pool has 10 MB: the 11th MB is overage at 0.10.
    const [first, second, third] = foldAll(fold, [
      facts,
      usageBlock(0, 10, events(0, 11)),
      usageBlock(10, 20, [
        { id: 'e0', bytes: MB },
        { id: 'e1', bytes: 7 },
        { id: 'x', bytes: 1, plmn: '99999' },
      ]),
    ]);
    expect([first.status, second.status, third.status]).toEqual(['applied', 'applied', 'applied']);
    expect(second.controls).toMatchObject({ events: 11, rated: 11, bytes: 11 * MB, quantity: 11 * MB });
    expect(second.controls.amounts).toEqual({ EUR: '0.1' });
    expect(third.controls).toMatchObject({ events: 3, rated: 0, duplicate: 1, suspended: 2, duplicateBytes: MB });
    const header = headerOf(second.rated);
    expect(header).toMatchObject({
      kind: 'rated',
      source: 'guided/1/0',
      from: { offset: 1, x: 0 },
      to: { offset: 2, x: 0 },
    });
    expect(header.answers).toEqual({ source: 'raw/0', from: { offset: 0, x: 0 }, to: { offset: 10, x: 1 } });
    const lines = decodeRatedBlock(second.rated);
    expect(Array.from(lines.quantity).reduce((sum, quantity) => sum + quantity, 0)).toBe(11 * MB);
    const { records, header: suspense } = decodeSuspenseBlock(third.suspense ?? new Uint8Array());
    expect(records.map(({ code, eventId }) => [code, eventId.includes('e1') || eventId.includes('x')])).toEqual([
      ['DUPLICATE_CONFLICT', true],
      ['ZONE_UNRESOLVED', true],
    ]);
    expect(Buffer.from(records[0].raw).toString()).toBe('raw e1 7');
    expect(suspense).toMatchObject({ from: { offset: 0, x: 0 }, to: { offset: 3, x: 0 } });
  });

  it('takes a repeated block for nothing, whatever was folded in between', () => {
    const fold = new PartitionFold(IDENTITY, null);
    const block = usageBlock(0, 10, events(0, 3));
    const next = usageBlock(10, 20, events(3, 3));
    const [, , again, , older] = foldAll(fold, [facts, block, block, next, block]);
    for (const answer of [again, older]) {
      expect(answer.status).toBe('duplicate');
      expect(decodeRatedBlock(answer.rated).count).toBe(0);
    }
    expect(fold.statistics().duplicateKeys).toBe(6);
  });

  it('stops a source at a gap, goes on with others, and continues when the missing block comes', () => {
    const fold = new PartitionFold(IDENTITY, null);
    const [one, two, three] = [0, 1, 2].map((n) => usageBlock(n * 10, n * 10 + 10, events(n * 3, 3)));
    const answers = foldAll(fold, [facts, one, three, two, three]);
    expect(answers.map(({ status }) => status)).toEqual(['applied', 'applied', 'gap', 'applied', 'applied']);
    expect(answers[2].detail).toContain('blocks before it are missing');
    expect(answers.reduce((sum, { controls }) => sum + controls.rated, 0)).toBe(9);
  });

  it('takes a block whose plan knew facts that this partition does not for a gap', () => {
    const fold = new PartitionFold(IDENTITY, null);
    const early = usageBlock(0, 10, events(0, 3));
    const answers = foldAll(fold, [early, facts, early]);
    expect(answers.map(({ status }) => status)).toEqual(['gap', 'applied', 'applied']);
  });

  it('answers a corrupted block as unreadable and sees the gap at the next', () => {
    const fold = new PartitionFold(IDENTITY, null);
    const broken = Uint8Array.from(usageBlock(0, 10, events(0, 3)));
    broken[broken.length - 20] ^= 0x10;
    const answers = foldAll(fold, [facts, broken, usageBlock(10, 20, events(3, 3)), Uint8Array.of(1, 2, 3)]);
    expect(answers.map(({ status }) => status)).toEqual(['applied', 'unreadable', 'gap', 'unreadable']);
    expect(answers.every(({ rated }) => headerOf(rated).source === 'guided/1/0')).toBe(true);
  });

  it('asks for a damaged block again, wherever it is damaged, and believes nothing of it', () => {
    const whole = usageBlock(0, 10, events(0, 3));
    const undisturbed = foldAll(new PartitionFold(IDENTITY, null), [facts, whole]).map(({ rated }) => rated);
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Uint8Array.from(whole);
      damaged[at] ^= 1 << (at % 8);
      const fold = new PartitionFold(IDENTITY, null);
      foldAll(fold, [facts]);
      expect(fold.fold(1, NOON, damaged, false), `byte ${at}`).toBeNull();
      expect(foldAll(fold, [whole], 1)[0]?.rated).toEqual(undisturbed[1]);
    }
  });

  it('stops at a breach: the same range with other contents, or a range that overlaps', () => {
    const fold = new PartitionFold(IDENTITY, null);
    foldAll(fold, [facts, usageBlock(0, 10, events(0, 3))]);
    expect(() => fold.fold(2, NOON, usageBlock(0, 10, events(0, 4)), false)).toThrow(/neither continues nor repeats/);
    expect(() => fold.fold(2, NOON, usageBlock(5, 15, events(0, 4)), false)).toThrow(/neither continues nor repeats/);
  });

  it('stops where another version of the fold comes into force', () => {
    const fold = new PartitionFold(IDENTITY, null);
    const newer = factBlock([{ kind: 'foldVersion', id: 'f2', version: 99 }], 0, 1);
    expect(() => fold.fold(0, NOON, newer, false)).toThrow(/Start a rater of that version/);
  });

  it('gives the same bytes after a restart from a checkpoint, at every point, as without one', () => {
    const blocks = [
      facts,
      ...Array.from({ length: 6 }, (_, n) => usageBlock(n * 10, n * 10 + 10, [...events(n * 4, 5, MB / 2)])),
    ];
    const whole = foldAll(new PartitionFold(IDENTITY, null), blocks).map(({ rated }) =>
      Buffer.from(rated).toString('hex'),
    );
    for (let cut = 1; cut < blocks.length; cut += 1) {
      const before = new PartitionFold(IDENTITY, null);
      foldAll(before, blocks.slice(0, cut));
      const pieces = [...before.pieces()].map((piece) => Uint8Array.from(piece));
      const meta = JSON.parse(JSON.stringify(before.meta()));
      const after = new PartitionFold(IDENTITY, { meta, pieces });
      const rest = foldAll(after, blocks.slice(cut), cut).map(({ rated }) => Buffer.from(rated).toString('hex'));
      expect(rest).toEqual(whole.slice(cut));
    }
  });
});
