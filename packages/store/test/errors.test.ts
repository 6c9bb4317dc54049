import { startClickHouse } from '@headrace/embedded/clickhouse/index';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clickhouseSettings, clickhouseSettingsSchema, Store, type StoreSettings, TABLES } from '../src/index.ts';
import { avroFile, schemaText } from './avro-file.ts';
import { ratedLines } from './rated-lines.ts';
import { log, testSettings } from './support.ts';

type Server = Awaited<ReturnType<typeof startClickHouse>>;

describe('settings', () => {
  const parse = (environment: Record<string, string>) =>
    clickhouseSettings(clickhouseSettingsSchema.parse({ CLICKHOUSE_URL: 'http://ch:8123', ...environment }));

  it('take credentials from the URL where no variable names them', () => {
    const settings = parse({ CLICKHOUSE_URL: 'http://u:p%40ss@ch:8123' });
    expect(settings).toEqual({ url: 'http://ch:8123/', user: 'u', password: 'p@ss', database: 'headrace' });
    expect(parse({ CLICKHOUSE_URL: 'http://u:p@ch:8123', CLICKHOUSE_PASSWORD: 'a%b' }).password).toBe('a%b');
  });

  it('refuse a database name that would need quotes, another protocol, and a CA file without TLS', () => {
    expect(() => parse({ CLICKHOUSE_DATABASE: 'a; DROP' })).toThrow(/letters, digits/);
    expect(() => parse({ CLICKHOUSE_URL: 'tcp://ch:9000' })).toThrow();
    expect(() => parse({ CLICKHOUSE_TLS_CA_FILE: '/ca.pem' })).toThrow(/https/);
  });

  it('name a CA file that cannot be read', async () => {
    const settings = parse({ CLICKHOUSE_URL: 'https://127.0.0.1:1', CLICKHOUSE_TLS_CA_FILE: '/nowhere/ca.pem' });
    await expect(Store.connect(settings, log)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('a server that is not there', () => {
  it('is named, with what to do', async () => {
    const settings: StoreSettings = { ...testSettings(), url: 'http://127.0.0.1:1' };
    await expect(Store.connect(settings, log)).rejects.toMatchObject({
      code: 'CLICKHOUSE_UNREACHABLE',
      action: 'retry',
      message: expect.stringMatching(/127\.0\.0\.1:1 .*CLICKHOUSE_URL/),
    });
  });
});

describe('a server with a password', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startClickHouse({ user: 'headrace', password: "s'ecret: ü" });
  });
  afterAll(() => server.stop());

  it('lets in who knows it, and tells the others', async () => {
    const right: StoreSettings = { url: server.url, user: 'headrace', password: "s'ecret: ü", database: 'd' };
    const store = await Store.connect(right, log);
    await store.close();
    const wrong = Store.connect({ ...right, password: 'guess' }, log);
    await expect(wrong).rejects.toMatchObject({ code: 'CLICKHOUSE_AUTHENTICATION', action: 'stop' });
    await expect(wrong).rejects.not.toThrow(/guess/);
    const other = Store.connect({ ...right, user: 'default', password: '' }, log);
    await expect(other).rejects.toThrow(/CLICKHOUSE_USER and CLICKHOUSE_PASSWORD/);
  });
});

describe('a server that goes and comes back', () => {
  it('gets the block once, after repeats', async () => {
    let server = await startClickHouse();
    const port = Number(new URL(server.url).port);
    const settings: StoreSettings = { url: server.url, user: 'default', password: '', database: 'outage' };
    const store = await Store.connect(settings, log);
    const avro = avroFile(schemaText('rated-line.v1'), ratedLines({ count: 100 }));
    await server.stop();
    const done = store.insertBlockPatiently(
      { table: TABLES.ratedUsage, avro, token: 't' },
      AbortSignal.timeout(100_000),
    );
    done.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    server = await startClickHouse({ port });
    const back = await Store.connect(settings, log);
    try {
      // The tables are gone with the first server's data: the insert meets that as an error of its own, unless the
      // migration is quicker. Both are right; what must not happen is an acknowledged insert without its rows.
      await back.migrate();
      const outcome = await done.then(
        () => 'inserted',
        (error: { code: string }) => error.code,
      );
      const [row] = await back.query<{ n: string }>('SELECT count() AS n FROM rated_usage');
      expect([outcome, row?.n]).toEqual(outcome === 'inserted' ? ['inserted', '100'] : ['CLICKHOUSE_SCHEMA', '0']);
    } finally {
      await store.close();
      await back.close();
      await server.stop();
    }
  });
});
