import { describe, expect, it } from 'vitest';
import { FactIds } from '../../src/fold/fact-ids.ts';
import { ABSENT, DIFFERENT, type KeyColumns, KeyTable, PRESENT } from '../../src/fold/key-table.ts';
import { Random, SEED } from '../support/random.ts';

function columnsOf(keys: readonly (readonly number[])[]): KeyColumns {
  return {
    eventKey: Uint32Array.from(keys.flatMap((key) => key.slice(0, 4))),
    payloadDigest: Uint32Array.from(keys.flatMap((key) => key.slice(4, 6))),
  };
}

function contents(table: KeyTable): number[][] {
  const entries: number[][] = [];
  for (const words of table.pieces(600))
    for (let at = 0; at < words.length; at += 6) entries.push([...words.subarray(at, at + 6)]);
  return entries;
}

describe('a table of keys', () => {
  // Spread keys as digests give them; few distinct words, so that many keys share beginnings; and counters, the worst case.
  it.each<[kind: string, key: (random: Random, index: number) => number[]]>([
    ['digests', (random) => [random.word(), random.word(), random.word(), random.word()]],
    ['few words', (random) => Array.from({ length: 4 }, () => random.pick([0, 1, 2, 0xffff_ffff, 0x8000_0000]))],
    ['counters', (_random, index) => [0, 0, 0, index]],
    ['the end of the range', (_random, index) => [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff - index]],
  ])(`knows exactly what was added: %s (seed ${SEED})`, (_kind, make) => {
    const random = new Random(SEED);
    const model = new Map<string, string>();
    const table = new KeyTable();
    for (let index = 0; index < 3000; index += 1) {
      const key = [...make(random, index), random.below(3), 0];
      const columns = columnsOf([key]);
      const name = key.slice(0, 4).join();
      const payload = key.slice(4).join();
      const known = model.get(name);
      const expected = known === undefined ? ABSENT : known === payload ? PRESENT : DIFFERENT;
      expect(table.look(columns, 0), `${index}: ${name}`).toBe(expected);
      if (expected === ABSENT) {
        table.add(columns, 0);
        model.set(name, payload);
        expect(table.look(columns, 0)).toBe(PRESENT);
      }
    }
    expect(table.count).toBe(model.size);
    expect(contents(table)).toHaveLength(model.size);
  });

  it('has the same bytes in whatever order keys came, sorted, and after writing and loading', () => {
    const random = new Random(SEED);
    const keys = Array.from({ length: 5000 }, () => Array.from({ length: 6 }, () => random.word()));
    const tableOf = (order: readonly (readonly number[])[]): KeyTable => {
      const table = new KeyTable();
      const columns = columnsOf(order);
      for (let index = 0; index < order.length; index += 1) table.add(columns, index);
      return table;
    };
    const first = tableOf(keys);
    const second = tableOf(random.shuffled(keys));
    expect(contents(second)).toEqual(contents(first));
    expect(second.bytes).toBe(first.bytes);
    const sorted = [...keys].sort((a, b) => {
      const at = a.findIndex((word, index) => word !== b[index]);
      return (a[at] ?? 0) - (b[at] ?? 0);
    });
    expect(contents(first)).toEqual(sorted);
    const loaded = KeyTable.of([...first.pieces(1200)]);
    expect(contents(loaded)).toEqual(sorted);
    expect(loaded.bytes).toBe(first.bytes);
  });

  it('takes at most 64 bytes a key once it has a few thousand', () => {
    const random = new Random(SEED);
    const table = new KeyTable();
    const columns = columnsOf(Array.from({ length: 50_000 }, () => Array.from({ length: 6 }, () => random.word())));
    for (let index = 0; index < 50_000; index += 1) table.add(columns, index);
    expect(table.bytes / table.count).toBeLessThan(64);
    expect(table.bytes / table.count).toBeGreaterThan(24);
  });
});

describe('ids of facts', () => {
  it('are told apart by every character and by length', () => {
    const ids = new FactIds();
    const names = [
      'a',
      'b',
      'ab',
      'ba',
      'aa',
      'aaa',
      '',
      'sub/1',
      'sub/2',
      'sub/1/',
      'a'.repeat(8),
      'a'.repeat(9),
      'é',
      'e',
    ];
    for (const name of names) {
      expect(ids.has(name), name).toBe(false);
      ids.add(name);
      expect(ids.has(name), name).toBe(true);
    }
    expect(ids.table.count).toBe(names.length);
  });

  it('of 200,000 numbered facts have no two digests alike', () => {
    const ids = new FactIds();
    for (let index = 0; index < 200_000; index += 1) ids.add(`subscription/${index}`);
    expect(ids.table.count).toBe(200_000);
  });
});
