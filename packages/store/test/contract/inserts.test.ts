import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { amountBytes, avroFile } from '../avro-file.ts';
import { rows, useClient } from './client.ts';

const EXACT = 'SETTINGS output_format_json_quote_64bit_integers = 1, output_format_json_quote_decimals = 1';

/** The client takes text as a stream of bytes. */
const csv = (text: string) => Readable.from([text], { objectMode: false });

describe('inserts of rows', () => {
  const room = useClient();

  it('fill columns that are not listed with their defaults', async () => {
    const query =
      "CREATE TABLE some (a Int64, b String DEFAULT 'b', c Int64 DEFAULT a + 1) ENGINE = MergeTree ORDER BY a";
    await room.client.command({ query });
    await room.client.insert({ table: 'some', values: [{ a: 1 }], format: 'JSONEachRow', columns: ['a'] });
    await room.client.insert({ table: 'some', values: [[2, 'x']], format: 'JSONCompactEachRow', columns: ['a', 'b'] });
    await room.client.insert({ table: 'some', values: csv('"3","y","9"\n'), format: 'CSV' });
    await room.client.command({ query: "INSERT INTO some (a) VALUES (4), (toInt64('5'))" });
    await room.client.command({ query: 'INSERT INTO some (a, b) FORMAT JSONEachRow {"a":6,"b":"FORMAT; VALUES"}' });
    await room.client.command({ query: "INSERT INTO some SELECT number, 'n', 0 FROM numbers(7, 2)" });
    expect(await rows(room, `SELECT * FROM some ORDER BY a ${EXACT}`)).toEqual([
      { a: '1', b: 'b', c: '2' },
      { a: '2', b: 'x', c: '3' },
      { a: '3', b: 'y', c: '9' },
      { a: '4', b: 'b', c: '5' },
      { a: '5', b: 'b', c: '6' },
      { a: '6', b: 'FORMAT; VALUES', c: '7' },
      { a: '7', b: 'n', c: '0' },
      { a: '8', b: 'n', c: '0' },
    ]);
  });

  it('keep every digit and every byte', async () => {
    const query = 'CREATE TABLE exact (k UInt8, u UInt64, d Decimal(38, 12), s String) ENGINE = MergeTree ORDER BY k';
    await room.client.command({ query });
    const values = [
      {
        k: 1,
        u: '18446744073709551615',
        d: '12345678901234567890123456.123456789012',
        s: 'a"b\\c\n\t\u0000漢\u{1f600}',
      },
      { k: 2, u: '9007199254740993', d: '-0.000000000001', s: '' },
    ];
    await room.client.insert({ table: 'exact', values, format: 'JSONEachRow' });
    expect(await rows(room, `SELECT * FROM exact ORDER BY k ${EXACT}`)).toEqual(values);
  });

  it('say how many rows were written', async () => {
    await room.client.command({ query: 'CREATE TABLE counted (x Int32) ENGINE = MergeTree ORDER BY x' });
    const values = Array.from({ length: 123 }, (_, x) => ({ x }));
    const { summary } = await room.client.insert({ table: 'counted', values, format: 'JSONEachRow' });
    expect(summary?.written_rows).toBe('123');
  });

  it('take a gzip body', async () => {
    await room.client.command({ query: 'CREATE TABLE zipped (x Int32) ENGINE = MergeTree ORDER BY x' });
    const query = encodeURIComponent('INSERT INTO zipped FORMAT CSV');
    const response = await fetch(`${room.url}?database=${room.database}&query=${query}`, {
      method: 'POST',
      body: gzipSync('1\n2\n'),
      headers: { 'Content-Encoding': 'gzip', 'X-ClickHouse-User': room.user, 'X-ClickHouse-Key': room.password },
    });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await rows(room, 'SELECT x FROM zipped ORDER BY x')).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it('refuse a bad row with its code, and all rows with it', async () => {
    await room.client.command({ query: 'CREATE TABLE strict (x Int32) ENGINE = MergeTree ORDER BY x' });
    const bad = room.client.insert({ table: 'strict', values: csv('1\n2\nx\n'), format: 'CSV' });
    await expect(bad).rejects.toMatchObject({ code: expect.stringMatching(/^(6|27|72|117)$/) });
    expect(await rows(room, 'SELECT x FROM strict')).toEqual([]);
    const unknown = room.client.insert({ table: 'strict', values: [{ x: 1 }], format: 'JSONEachRow', columns: ['y'] });
    await expect(unknown).rejects.toMatchObject({ code: '16' });
    const nowhere = room.client.insert({ table: 'nowhere', values: [{ x: 1 }], format: 'JSONEachRow' });
    await expect(nowhere).rejects.toMatchObject({ code: '60' });
  });

  it('that break off leave nothing', async () => {
    await room.client.command({ query: 'CREATE TABLE broken (x Int32) ENGINE = MergeTree ORDER BY x' });
    async function* source() {
      yield '1\n2\n';
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new Error('the source failed');
    }
    const insert = room.client.insert({
      table: 'broken',
      values: Readable.from(source(), { objectMode: false }),
      format: 'CSV',
    });
    await expect(insert).rejects.toThrow();
    expect(await rows(room, 'SELECT x FROM broken')).toEqual([]);
  });
});

const SCHEMA = JSON.stringify({
  type: 'record',
  name: 'R',
  fields: [
    { name: 'key', type: { type: 'fixed', name: 'K', size: 4 } },
    { name: 'time', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'small', type: 'int' },
    { name: 'large', type: 'long' },
    {
      name: 'amount',
      type: { type: 'fixed', name: 'A', size: 16, logicalType: 'decimal', precision: 38, scale: 12 },
    },
    { name: 'text', type: 'string' },
    { name: 'bytes', type: 'bytes' },
    { name: 'list', type: { type: 'array', items: 'string' } },
    { name: 'map', type: { type: 'map', values: 'string' } },
  ],
});
const record = {
  key: Uint8Array.from([0, 1, 254, 255]),
  time: 1_795_000_000_123_456n,
  small: -5,
  large: -9_223_372_036_854_775_808n,
  amount: amountBytes(-1n),
  text: 'Grüße',
  bytes: Uint8Array.from([0, 10, 39, 92, 255]),
  list: ['a', ''],
  map: { EUR: '0.1', USD: '' },
};

describe('inserts of Avro container files', () => {
  const room = useClient();
  const insert = async (table: string, avro: Uint8Array, clickhouse_settings: Record<string, string | number> = {}) => {
    const values = Readable.from([Buffer.from(avro)], { objectMode: false });
    const { stream } = await room.client.exec({
      query: `INSERT INTO ${table} FORMAT Avro`,
      values,
      clickhouse_settings,
    });
    stream.resume();
  };
  const create = (table: string, settings = '') =>
    room.client.command({
      query: `CREATE TABLE ${table}
        (key FixedString(4), time DateTime64(6, 'UTC'), small Int32, large Int64, amount Decimal(38, 12), text String,
         bytes String, list Array(String), map Map(LowCardinality(String), String))
        ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY large ${settings}`,
    });

  it('keep every type exactly', async () => {
    await create('typed');
    await insert('typed', avroFile(SCHEMA, [record]));
    const query =
      'SELECT hex(key) AS key, toString(time) AS time, small, large, amount, text, hex(bytes) AS bytes, list, map';
    expect(await rows(room, `${query} FROM typed ${EXACT}`)).toEqual([
      {
        key: '0001FEFF',
        time: '2026-11-18 11:06:40.123456',
        small: -5,
        large: '-9223372036854775808',
        amount: '-0.000000000001',
        text: 'Grüße',
        bytes: '000A275CFF',
        list: ['a', ''],
        map: { EUR: '0.1', USD: '' },
      },
    ]);
  });

  it('are one part where the settings ask for it, and nothing where the token is known', async () => {
    await create('tokens', 'SETTINGS non_replicated_deduplication_window = 100');
    await room.client.command({ query: 'SYSTEM STOP MERGES tokens' });
    const avro = avroFile(
      SCHEMA,
      Array.from({ length: 500 }, (_, large) => ({ ...record, large })),
      100,
      140,
    );
    const settings = {
      async_insert: 0,
      insert_deduplication_token: 'g1/0/17',
      max_insert_threads: '1',
      min_insert_block_size_rows: '1048576',
      min_insert_block_size_bytes: '0',
      max_insert_block_size: '1048576',
    };
    for (const token of ['g1/0/17', 'g1/0/18', 'g1/0/17']) {
      await insert('tokens', avro, { ...settings, insert_deduplication_token: token });
    }
    const parts = `SELECT toUInt32(rows) AS rows FROM system.parts
      WHERE database = currentDatabase() AND table = 'tokens' AND active`;
    expect(await rows(room, parts)).toEqual([{ rows: 70_000 }, { rows: 70_000 }]);
  });

  it('refuse damaged files whole', async () => {
    await create('damaged');
    const sound = avroFile(
      SCHEMA,
      Array.from({ length: 100 }, () => record),
      10,
    );
    const marker = Buffer.from(sound);
    marker[marker.length - 1] = 0;
    for (const bad of [sound.subarray(0, -30), marker, Buffer.from('Obj'), Buffer.alloc(0)]) {
      await expect(insert('damaged', bad)).rejects.toMatchObject({ code: expect.stringMatching(/^\d+$/) });
    }
    expect(await rows(room, 'SELECT count() = 0 AS none FROM damaged')).toEqual([{ none: expect.toSatisfy(Boolean) }]);
  });

  it('drop copies of a row when read with FINAL', async () => {
    const query = `CREATE TABLE copies (key FixedString(4), large Int64, amount Decimal(38, 12))
      ENGINE = ReplacingMergeTree ORDER BY (large, key)`;
    await room.client.command({ query });
    const fields = (JSON.parse(SCHEMA) as { fields: { name: string }[] }).fields;
    const schema = JSON.stringify({
      type: 'record',
      name: 'R',
      fields: fields.filter(({ name }) => ['key', 'large', 'amount'].includes(name)),
    });
    const avro = avroFile(schema, [record, { ...record, large: 2n }]);
    await insert('copies', avro);
    await insert('copies', avro);
    const sums = 'SELECT toUInt8(count()) AS n, toString(sum(amount)) AS amount FROM copies FINAL';
    expect(await rows(room, sums)).toEqual([{ n: 2, amount: '-0.000000000002' }]);
  });
});
