/** Sorting on disk gives what sorting in memory gives, whatever the size of chunks, and leaves nothing behind. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { ExternalSorter, type SorterOptions } from '../../src/offline/sorter.ts';
import { Random } from '../support/random.ts';

interface Made {
  readonly time: number;
  readonly id: string;
  readonly payload: string;
}

const IDS = ['', 'a', 'ab', 'b', 'é', '\uffee', '😀', 'Z'];
let open: ExternalSorter[] = [];

afterEach(() => {
  for (const sorter of open) sorter.close();
  open = [];
});

async function sorted(records: readonly Made[], options: SorterOptions): Promise<ExternalSorter> {
  const sorter = new ExternalSorter(options);
  open.push(sorter);
  for (const { time, id, payload } of records) await sorter.add(time, id, Buffer.from(payload));
  return sorter;
}

async function read(sorter: ExternalSorter): Promise<Made[]> {
  const records: Made[] = [];
  for await (const batch of sorter.sorted()) {
    for (const { time, id, payload } of batch) records.push({ time, id: String(id), payload: String(payload) });
  }
  return records;
}

function folders(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^headrace-[^-]+$/.test(name));
}

describe('the external sort', () => {
  it.each<[string, number, SorterOptions]>([
    ['in memory', 1000, {}],
    ['in a few runs', 2000, { chunkBytes: 8_000 }],
    ['in more runs than are merged at once', 3000, { chunkBytes: 600, fanIn: 3 }],
    ['nothing', 0, { chunkBytes: 100 }],
    ['one', 1, { chunkBytes: 100 }],
  ])('%s', async (_name, count, options) => {
    const random = new Random();
    const records = Array.from({ length: count }, (_, index) => ({
      time: random.below(50) * (random.below(2) === 0 ? 1 : 1e13),
      id: random.of(IDS),
      payload: `${index}:${'x'.repeat(random.below(40))}`,
    }));
    const inMemory = [...records].sort(
      (a, b) => a.time - b.time || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)),
    );
    const before = folders();
    const sorter = await sorted(records, options);
    expect(await read(sorter)).toEqual(inMemory);
    expect(await read(sorter)).toEqual(inMemory);
    expect(sorter.count).toBe(count);
    if (options.chunkBytes !== undefined && count > 1) expect(sorter.bytesOnDisk).toBeGreaterThan(0);
    sorter.close();
    expect(folders().filter((name) => !before.includes(name))).toEqual([]);
  });

  it('records that are larger than the buffer of a run', async () => {
    const records = [3, 1, 2].map((time) => ({ time, id: '', payload: String(time).repeat(600_000) }));
    const sorter = await sorted(records, { chunkBytes: 700_000 });
    expect((await read(sorter)).map(({ time, payload }) => [time, payload.length])).toEqual([
      [1, 600_000],
      [2, 600_000],
      [3, 600_000],
    ]);
  });

  it('leaving early closes the files', async () => {
    const records = Array.from({ length: 20_000 }, (_, time) => ({ time, id: 'x', payload: 'y'.repeat(20) }));
    const sorter = await sorted(records, { chunkBytes: 50_000 });
    for await (const batch of sorter.sorted()) {
      expect(batch[0]?.time).toBe(0);
      break;
    }
    expect((await read(sorter)).length).toBe(20_000);
  });
});
