import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

describe('a server that fails in the middle of an insert', () => {
  const avro = avroFile(schemaText('rated-line.v1'), ratedLines({ count: 100 }));
  const block = { table: TABLES.ratedUsage, avro, token: 'g1/0/1' };
  const count = async (store: Store) =>
    (await store.query<{ n: string }>('SELECT count() AS n FROM rated_usage'))[0]?.n;

  it('is killed and comes back: the block is there once', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'store-test-'));
    let server = await startClickHouse({ dir });
    const port = Number(new URL(server.url).port);
    const store = await Store.connect({ url: server.url, user: 'default', password: '', database: 'outage' }, log);
    try {
      await store.migrate();
      const first = store.insertBlockPatiently(block, AbortSignal.timeout(100_000));
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
      server = await startClickHouse({ dir, port });
      await first;
      expect(await count(store)).toBe('100');
      await store.insertBlock(block.table, avro, block.token);
      expect(await count(store)).toBe('100');
    } finally {
      await store.close();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('loses its answers: what was inserted without our knowing is not inserted again', async () => {
    const server = await startClickHouse();
    const proxy = await answerLosingProxy(Number(new URL(server.url).port));
    const settings = { url: server.url, user: 'default', password: '', database: 'lost' };
    const direct = await Store.connect(settings, log);
    const store = await Store.connect({ ...settings, url: proxy.url }, log);
    try {
      await direct.migrate();
      proxy.loseAnswers(3);
      await store.insertBlockPatiently(block, AbortSignal.timeout(100_000));
      expect(proxy.lost()).toBe(3);
      expect(await count(direct)).toBe('100');
    } finally {
      await store.close();
      await direct.close();
      await proxy.close();
      await server.stop();
    }
  });
});

/** Passes everything on, but cuts the connection instead of giving an answer back as often as it is told. */
async function answerLosingProxy(port: number) {
  let toLose = 0;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.pipe(upstream);
    upstream.on('data', (bytes) => {
      if (toLose > 0) {
        toLose--;
        lost++;
        client.destroy();
        upstream.destroy();
      } else client.write(bytes);
    });
    upstream.on('end', () => client.end());
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    lost: () => lost,
    loseAnswers: (times: number) => {
      toLose = times;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
