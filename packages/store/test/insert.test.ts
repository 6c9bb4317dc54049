import { describe, expect, it } from 'vitest';
import { PART_ROWS_MAX, TABLES } from '../src/index.ts';
import { type AvroRecord, amountBytes, avroFile, schemaText } from './avro-file.ts';
import { ratedLines } from './rated-lines.ts';
import { useStore } from './support.ts';

const schema = schemaText('rated-line.v1');

describe('inserting a block', () => {
  const room = useStore({ migrated: true });
  const never = new AbortController().signal;
  const rows = async () =>
    Number((await room.store.query<{ n: string }>('SELECT count() AS n FROM rated_usage'))[0]?.n);
  const parts = async () => {
    const query = `SELECT name, rows FROM system.parts
      WHERE database = {database:String} AND table = 'rated_usage' AND active ORDER BY modification_time, name`;
    return room.store.query<{ name: string; rows: string }>(query, { database: room.store.database });
  };
  const insert = (records: readonly AvroRecord[], token: string, recordsPerBlock?: number) =>
    room.store.insertBlock(TABLES.ratedUsage, avroFile(schema, records, recordsPerBlock), token);

  it('puts 200,000 lines in many blocks of the file into one part', async () => {
    await room.store.command('SYSTEM STOP MERGES rated_usage');
    const before = await parts();
    const avro = avroFile(schema, ratedLines({ count: 1000, guidedOffset: 1 }), 1000, 200);
    await room.store.insertBlock(TABLES.ratedUsage, avro, 'g1/0/1');
    const after = await parts();
    expect(after).toHaveLength(before.length + 1);
    expect(after.map((part) => Number(part.rows))).toContain(200_000);
    expect(PART_ROWS_MAX).toBeGreaterThan(200_000);
  });

  it('does nothing for a token that was inserted, whatever happened in between', async () => {
    const block = ratedLines({ count: 500, guidedOffset: 2, seed: 2 });
    const before = await rows();
    await insert(block, 'g1/0/2');
    await insert(ratedLines({ count: 10, guidedOffset: 3, seed: 3 }), 'g1/0/3');
    await insert(block, 'g1/0/2');
    expect(await rows()).toBe(before + 510);
  });

  it('takes the same contents under another token as other lines', async () => {
    const block = ratedLines({ count: 20, guidedOffset: 4, seed: 4 });
    const before = await rows();
    await insert(block, 'g1/0/4');
    await insert(block, 'g2/0/4');
    expect(await rows()).toBe(before + 40);
    const lines = await room.store.query<{ n: string }>('SELECT count() AS n FROM rated_lines WHERE guided_offset = 4');
    expect(lines).toEqual([{ n: '20' }]);
  });

  it('takes blocks of several partitions at once, each once', async () => {
    const before = await rows();
    const blocks = [10, 11, 12, 13].map((partition) => ({
      token: `g1/${partition}/7`,
      avro: avroFile(schema, ratedLines({ count: 300, guidedPartition: partition, seed: partition })),
    }));
    const twice = [...blocks, ...blocks];
    await Promise.all(twice.map(({ token, avro }) => room.store.insertBlock(TABLES.ratedUsage, avro, token)));
    expect(await rows()).toBe(before + 4 * 300);
  });

  it('refuses a block of two months whole', async () => {
    const before = await rows();
    const december = 1_796_500_000_000_000n;
    const block = [...ratedLines({ count: 5 }), ...ratedLines({ count: 5, blockTimeMicros: december })];
    await expect(insert(block, 'two-months')).rejects.toMatchObject({ code: 'CLICKHOUSE_QUERY', action: 'stop' });
    expect(await rows()).toBe(before);
  });

  it('refuses a damaged block at once and whole, and takes the sound one under the same token', async () => {
    const before = await rows();
    const sound = avroFile(schema, ratedLines({ count: 50, guidedOffset: 9, seed: 9 }), 10);
    const damaged = sound.subarray(0, sound.length - 700);
    const insertion = room.store.insertBlockPatiently(
      { table: TABLES.ratedUsage, avro: damaged, token: 'g1/0/9' },
      never,
    );
    await expect(insertion).rejects.toMatchObject({ code: 'CLICKHOUSE_QUERY' });
    expect(await rows()).toBe(before);
    await room.store.insertBlock(TABLES.ratedUsage, sound, 'g1/0/9');
    expect(await rows()).toBe(before + 50);
  });

  it('refuses a block that misses a field', async () => {
    const parsed = JSON.parse(schema) as { fields: { name: string }[] };
    const fields = parsed.fields.filter(({ name }) => name !== 'amount');
    const avro = avroFile(JSON.stringify({ ...parsed, fields }), ratedLines({ count: 2 }));
    const insertion = room.store.insertBlock(TABLES.ratedUsage, avro, 'no-amount');
    await expect(insertion).rejects.toMatchObject({ code: 'CLICKHOUSE_QUERY' });
  });

  it('takes an empty block', async () => {
    const before = await rows();
    await insert([], 'empty');
    expect(await rows()).toBe(before);
  });

  it("keeps a third party's charge, and tells none from one of zero", async () => {
    const lines = ratedLines({ count: 3, seed: 78, guidedOffset: 78 });
    const charges = [10n ** 38n - 1n, 0n, null];
    const block = lines.map((line, at) => {
      const charge = charges[at] ?? null;
      return { ...line, event_amount: charge === null ? null : amountBytes(charge), amount_currency: 'USD' };
    });
    await insert(block, 'g1/0/78');
    const query = `SELECT toString(event_amount) AS charge, amount_currency AS currency, bytes_up AS bytes, threshold
      FROM rated_usage WHERE guided_offset = 78 ORDER BY line`;
    const found = await room.store.query<{ charge: string | null; currency: string; bytes: string; threshold: number }>(
      query,
    );
    expect(found.map(({ charge }) => charge)).toEqual([`${'9'.repeat(26)}.${'9'.repeat(12)}`, '0', null]);
    expect(found.map(({ bytes }) => bytes)).toEqual(lines.map((line) => String(line.bytes_up)));
    expect(found.map(({ threshold }) => threshold)).toEqual([80, 0, 0]);
  });

  it('keeps every field to the last digit', async () => {
    const [line] = ratedLines({ count: 1, seed: 77, guidedOffset: 77 });
    if (line === undefined) throw new Error('one line');
    const extremes = {
      ...line,
      quantity: 9_223_372_036_854_775_807n,
      before: -9_223_372_036_854_775_808n,
      amount: amountBytes(-(10n ** 38n - 1n)),
      meter: 'Grüße "\t\n\\ 漢',
      event_time: 1_795_000_000_123_456n,
    };
    await insert([extremes], 'extremes');
    const query = 'SELECT hex(event_key) AS key, * FROM rated_lines WHERE guided_offset = 77';
    const [found] = await room.store.query<Record<string, unknown>>(query);
    expect(found).toMatchObject({
      key: Buffer.from(line.event_key as Uint8Array)
        .toString('hex')
        .toUpperCase(),
      quantity: '9223372036854775807',
      before: '-9223372036854775808',
      amount: '-99999999999999999999999999.999999999999',
      meter: 'Grüße "\t\n\\ 漢',
      event_time: '2026-11-18T11:06:40.123456Z',
      period: '2026-11',
      bucket_size: '26214400',
    });
  });

  it('stops repeating when the signal is aborted', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    const block = { table: TABLES.ratedUsage, avro: avroFile(schema, ratedLines({ count: 1 })), token: 'aborted' };
    await expect(room.store.insertBlockPatiently(block, aborted)).rejects.toThrow('enough');
  });
});
