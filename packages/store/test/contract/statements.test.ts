import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { describe, expect, it } from 'vitest';
import { rows, useClient } from './client.ts';

describe('statements and results', () => {
  const room = useClient();

  it('answers ping', async () => {
    expect(await room.client.ping()).toEqual({ success: true });
    expect(await room.client.ping({ select: true })).toEqual({ success: true });
  });

  it('gives exact numbers', async () => {
    const query =
      "SELECT toUInt64('18446744073709551615') AS a, toInt64('-9223372036854775808') AS b, toDecimal128('-0.000000000001', 12) AS c";
    const result = await room.client.query({
      query,
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1, output_format_json_quote_decimals: 1 },
    });
    expect(await result.json()).toEqual([
      { a: '18446744073709551615', b: '-9223372036854775808', c: '-0.000000000001' },
    ]);
  });

  it.each([
    ['JSON', (text: string) => JSON.parse(text).data, [{ n: 0 }, { n: 1 }]],
    ['JSONCompactEachRow', (text: string) => text, '[0]\n[1]\n'],
    ['CSVWithNames', (text: string) => text, '"n"\n0\n1\n'],
    ['TabSeparated', (text: string) => text, '0\n1\n'],
  ] as const)('gives format %s', async (format, read, expected) => {
    const query = 'SELECT toUInt32(number) AS n FROM numbers(2)';
    expect(read(await (await room.client.query({ query, format })).text())).toEqual(expected);
  });

  it('gives a format with a header once, however many blocks the result has', async () => {
    const query = 'SELECT number AS n FROM numbers(200000) SETTINGS max_block_size = 10000';
    const text = await (await room.client.query({ query, format: 'CSVWithNames' })).text();
    expect(text.match(/"n"/g)).toHaveLength(1);
    const json = await (await room.client.query({ query, format: 'JSON' })).json<{ n: unknown }>();
    expect(json.data).toHaveLength(200_000);
  });

  it('lets a FORMAT in the statement win over the default', async () => {
    const { stream } = await room.client.exec({ query: "SELECT 'a' AS x FORMAT JSONCompactEachRow" });
    expect(Buffer.concat(await stream.toArray()).toString()).toBe('["a"]\n');
  });

  it('streams a result of many rows in order', async () => {
    const result = await room.client.query({ query: 'SELECT number FROM numbers(500000)', format: 'JSONEachRow' });
    let expected = 0;
    for await (const part of result.stream<{ number: string }>()) {
      for (const row of part) {
        if (Number(row.json().number) !== expected) expect(row.json()).toEqual({ number: String(expected) });
        expected++;
      }
    }
    expect(expected).toBe(500_000);
  });

  it('can be left in the middle of a result', async () => {
    const result = await room.client.query({ query: 'SELECT number FROM numbers(100000000)', format: 'JSONEachRow' });
    for await (const part of result.stream()) if (part.length > 0) break;
    result.close();
    expect(await rows(room, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('binds parameters as they are', async () => {
    const text = 'it\'s "a" \\ `b`\n\t漢 {x:String} -- ';
    const result = await room.client.query({
      query:
        'SELECT {text:String} AS text, {n:UInt64} AS n, {list:Array(String)} AS list, {none:Nullable(Int8)} AS none',
      query_params: { text, n: '18446744073709551615', list: ['a', "b'"], none: null },
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    });
    expect(await result.json()).toEqual([{ text, n: '18446744073709551615', list: ['a', "b'"], none: null }]);
  });

  it('binds parameters that are too long for a URL', async () => {
    const text = 'x'.repeat(200_000);
    const result = await room.client.query({
      query: 'SELECT length({text:String}) AS n',
      query_params: { text },
      use_multipart_params: true,
      format: 'JSONEachRow',
    });
    expect(await result.json()).toEqual(
      [{ n: '200000' }].map(({ n }) => ({ n: expect.toSatisfy((v) => `${v}` === n) })),
    );
  });

  it('applies settings to one statement only', async () => {
    const query = "SELECT getSetting('max_block_size') AS n";
    const settings = { max_block_size: '4321' };
    const set = await room.client.query({ query, clickhouse_settings: settings, format: 'JSONEachRow' });
    expect(JSON.stringify(await set.json())).toContain('4321');
    expect(JSON.stringify(await rows(room, query))).not.toContain('4321');
  });

  it('keeps what is set in a named session, and only there', async () => {
    const session_id = `s-${room.database}`;
    await room.client.command({ query: 'CREATE TEMPORARY TABLE kept (x Int8)', session_id });
    await room.client.command({ query: 'INSERT INTO kept VALUES (7)', session_id });
    const result = await room.client.query({ query: 'SELECT x FROM kept', session_id, format: 'JSONEachRow' });
    expect(await result.json()).toEqual([{ x: 7 }]);
    await expect(rows(room, 'SELECT x FROM kept')).rejects.toMatchObject({ code: '60' });
  });

  it('names the query and the format in the header', async () => {
    const result = await room.client.query({
      query: 'SELECT 1',
      query_id: `q-${room.database}`,
      format: 'JSONEachRow',
    });
    await result.json();
    expect(result.query_id).toBe(`q-${room.database}`);
    expect(result.response_headers['x-clickhouse-query-id']).toBe(`q-${room.database}`);
    expect(result.response_headers['x-clickhouse-format']).toBe('JSONEachRow');
  });

  it('runs many statements at once, each with its own database and parameters', async () => {
    const ask = async (n: number) => {
      const query = 'SELECT {n:UInt32} AS n, currentDatabase() AS d';
      const result = await room.client.query({ query, query_params: { n }, format: 'JSONEachRow' });
      expect(await result.json()).toEqual([{ n, d: room.database }]);
    };
    await Promise.all(Array.from({ length: 40 }, (_, n) => ask(n)));
  });

  it('inserts and answers while a long statement runs', async () => {
    await room.client.command({ query: 'CREATE TABLE busy (x Int32) ENGINE = MergeTree ORDER BY x' });
    let ended = false;
    const stop = new AbortController();
    const long = room.client
      .query({
        query: 'SELECT sum(cityHash64(number, 1)) FROM numbers(1000000000000) SETTINGS max_threads = 1',
        abort_signal: stop.signal,
      })
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        ended = true;
      });
    await room.client.insert({ table: 'busy', values: [{ x: 1 }], format: 'JSONEachRow' });
    expect(await rows(room, 'SELECT x FROM busy')).toEqual([{ x: 1 }]);
    expect(ended).toBe(false);
    stop.abort();
    await long;
  });
});

describe('compression in both directions', () => {
  const room = useClient({ compression: true });

  it('changes nothing', async () => {
    await room.client.command({ query: 'CREATE TABLE t (x UInt64, s String) ENGINE = MergeTree ORDER BY x' });
    const values = Array.from({ length: 20_000 }, (_, x) => ({ x: String(x), s: `s${x}` }));
    await room.client.insert({ table: 't', values, format: 'JSONEachRow' });
    const result = await room.client.query({
      query: 'SELECT * FROM t ORDER BY x',
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    });
    expect(await result.json()).toEqual(values);
    await expect(rows(room, 'SELECT * FROM nope')).rejects.toMatchObject({ code: '60' });
  });
});

describe('errors', () => {
  const room = useClient();
  const status = async (query: string, headers: Record<string, string> = {}) => {
    const credentials = { 'X-ClickHouse-User': room.user, 'X-ClickHouse-Key': room.password };
    const address = `${room.url}?database=${room.database}`;
    const response = await fetch(address, { method: 'POST', body: query, headers: { ...credentials, ...headers } });
    const text = await response.text();
    return { status: response.status, code: response.headers.get('x-clickhouse-exception-code'), text };
  };

  it.each([
    ['SELECT * FROM nope', 404, '60', 'UNKNOWN_TABLE'],
    ['SELEC', 400, '62', 'SYNTAX_ERROR'],
    ['SELECT 1; SELECT 2', 400, '62', 'SYNTAX_ERROR'],
    ['SELECT nope', 404, '47', 'UNKNOWN_IDENTIFIER'],
    ['SELECT noSuchFunction(1)', 404, '46', 'UNKNOWN_FUNCTION'],
    ['SELECT 1 SETTINGS no_such_setting = 1', 404, '115', 'UNKNOWN_SETTING'],
    ["SELECT throwIf(1, 'stop')", 500, '395', 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
    ['SELECT {a:Int8}', undefined, '456', 'UNKNOWN_QUERY_PARAMETER'],
  ])('%s', async (query, http, code, name) => {
    const found = await status(query);
    expect(found).toMatchObject({ code, text: expect.stringContaining(`(${name})`) });
    expect(found.text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: `));
    if (http !== undefined) expect(found.status).toBe(http);
    else expect(found.status).toBeGreaterThanOrEqual(400);
  });

  it('of a database that is not there', async () => {
    const response = await fetch(`${room.url}?database=nope_${room.database}`, {
      method: 'POST',
      body: 'SELECT 1',
      headers: { 'X-ClickHouse-User': room.user, 'X-ClickHouse-Key': room.password },
    });
    expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([404, '81']);
  });

  it('reach the client with their number and name', async () => {
    const failure = rows(room, 'SELECT * FROM nope');
    await expect(failure).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
  });

  it('after the first rows end the stream with the error, not with fewer rows', async () => {
    const query =
      'SELECT number, throwIf(number = 900000) FROM numbers(1000000) SETTINGS max_block_size = 1000, max_threads = 1';
    const read = async () => (await room.client.query({ query, format: 'JSONEachRow' })).json();
    await expect(read()).rejects.toThrow(/non-zero/);
  });

  it('of a connection refused come from the client itself', async () => {
    const client = createClient({ url: 'http://127.0.0.1:1', log: { level: ClickHouseLogLevel.OFF } });
    await expect(client.command({ query: 'SELECT 1' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await client.close();
  });
});
