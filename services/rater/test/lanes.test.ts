/** A thread gives its state away piece by piece, and another takes it up. */
import { readBlockHeader } from '@headrace/codec';
import { afterAll, describe, expect, it } from 'vitest';
import { Lanes } from '../src/lanes.ts';
import { FACTS, factBlock, NOON, usageBlock } from './blocks.ts';

const IDENTITY = { generation: 1, partition: 0, rawTopic: 'usage.events' };

async function taken(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const list: Uint8Array[] = [];
  for await (const piece of pieces) list.push(piece);
  return list;
}

describe('a lane', () => {
  const lanes = Lanes.inThreads(2);
  afterAll(() => lanes.destroy());

  const fold = async (partition: number, key: string, offset: number, block: Uint8Array) => {
    const folded = await lanes.fold(partition, key, offset, NOON, new Uint8Array(block), false);
    if (folded === null) throw new Error('the block was to be read again');
    return folded;
  };
  const piecesOf = async (partition: number, key: string): Promise<Uint8Array[]> => {
    const { pieces } = await lanes.snapshot(partition, key);
    return taken(pieces);
  };
  const usage = (from: number): Uint8Array =>
    usageBlock(
      from,
      from + 1,
      Array.from({ length: 50 }, (_, at) => ({ id: `${from}/${at}`, bytes: 1_000_000 + at })),
    );

  it('gives the pieces of a state once, from which another lane goes on with the same bytes', async () => {
    await lanes.open(0, 'a', IDENTITY, null);
    await fold(0, 'a', 0, factBlock(FACTS, 0, 1));
    await fold(0, 'a', 1, usage(0));
    const { meta } = await lanes.snapshot(0, 'a');
    expect(meta).toMatchObject({ nextOffset: 2 });
    const pieces = await piecesOf(0, 'a');
    expect(pieces.length).toBeGreaterThan(1);
    const copies = pieces.map((piece) => piece.slice());
    await lanes.open(1, 'b', IDENTITY, { meta, pieces });
    expect(await piecesOf(1, 'b')).toEqual(copies);
    const [here, there] = [await fold(0, 'a', 2, usage(1)), await fold(1, 'b', 2, usage(1))];
    expect(readBlockHeader(here.rated).header).toMatchObject({ controls: { rated: 50 } });
    expect(Buffer.from(there.rated).equals(here.rated)).toBe(true);
  });

  it('ends a snapshot at the next fold: pieces of two states are never mixed', async () => {
    await lanes.open(0, 'c', IDENTITY, null);
    await fold(0, 'c', 0, factBlock(FACTS, 0, 1));
    const { pieces } = await lanes.snapshot(0, 'c');
    await fold(0, 'c', 1, usage(0));
    await expect(taken(pieces)).rejects.toThrow('no snapshot');
    expect((await piecesOf(0, 'c')).length).toBeGreaterThan(1);
  });
});
