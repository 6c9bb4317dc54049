import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClickHouse } from '../../src/clickhouse/index.ts';

const ask = async (url: string, query: string) => {
  const response = await fetch(url, { method: 'POST', body: query });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
};
const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const until = async (what: string, test: () => boolean) => {
  for (let tries = 0; !test(); tries++) {
    if (tries > 300) throw new Error(`waited too long for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

describe('the embedded ClickHouse', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-test-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('keeps the data of a named folder over restarts, and its log beside them', async () => {
    const dir = join(folder, 'kept');
    const first = await startClickHouse({ dir });
    await ask(first.url, 'CREATE TABLE kept (x Int32) ENGINE = MergeTree ORDER BY x');
    await ask(first.url, 'INSERT INTO kept VALUES (42)');
    await first.stop();
    await first.stop();
    expect(alive(first.pid)).toBe(false);
    const second = await startClickHouse({ dir });
    expect(await ask(second.url, 'SELECT x FROM kept')).toBe('42\n');
    await second.stop();
    expect(existsSync(join(dir, 'server.log'))).toBe(true);
  });

  it('loses nothing that was acknowledged when it is killed', async () => {
    const dir = join(folder, 'killed');
    const first = await startClickHouse({ dir });
    await ask(first.url, 'CREATE TABLE kept (x Int32) ENGINE = MergeTree ORDER BY x');
    for (let x = 0; x < 20; x++) await ask(first.url, `INSERT INTO kept VALUES (${x})`);
    process.kill(first.pid, 'SIGKILL');
    await until('the end of the process', () => !alive(first.pid));
    const second = await startClickHouse({ dir });
    expect(await ask(second.url, 'SELECT count(), sum(x) FROM kept')).toBe('20\t190\n');
    await second.stop();
    await first.stop();
  });

  it('says in a sentence that its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    await expect(startClickHouse({ port })).rejects.toMatchObject({
      code: 'SERVER_START_FAILED',
      message: `Port ${port} on 127.0.0.1 is in use by another process; choose another port for ClickHouse, or 0 for a free one.`,
    });
    other.close();
  });

  it('says in a sentence that its folder is in use', async () => {
    const dir = join(folder, 'shared');
    const first = await startClickHouse({ dir });
    await expect(startClickHouse({ dir })).rejects.toMatchObject({
      code: 'SERVER_START_FAILED',
      message: `The data in ${dir} are in use by another ClickHouse process; stop it or choose another folder.`,
    });
    expect(await ask(first.url, 'SELECT 1')).toBe('1\n');
    await first.stop();
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'ends with its parent, even by %s, and takes temporary data along',
    async (signal) => {
      const parent = spawn(process.execPath, [fileURLToPath(new URL('./parent.ts', import.meta.url))], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TMPDIR: folder },
      });
      const [line] = await parent.stdout.take(1).toArray();
      const { pid, url } = JSON.parse(String(line)) as { pid: number; url: string };
      expect(await ask(url, 'SELECT 1')).toBe('1\n');
      expect(readdirSync(folder).filter((name) => name.startsWith('headrace-clickhouse-'))).toHaveLength(2);
      parent.kill(signal);
      await until('the end of the child', () => !alive(pid));
      expect(readdirSync(folder).filter((name) => name.startsWith('headrace-clickhouse-'))).toEqual([]);
    },
  );

  it('ends although statements are running', async () => {
    const server = await startClickHouse();
    const long = ask(server.url, 'SELECT sum(cityHash64(number)) FROM numbers(1000000000000)').catch(() => 'cut');
    await ask(server.url, 'SELECT 1');
    await server.stop();
    expect([await long, alive(server.pid)]).toEqual(['cut', false]);
  });

  it('removes the data of a request that broke off', async () => {
    const dir = join(folder, 'bodies');
    const server = await startClickHouse({ dir });
    await ask(server.url, 'CREATE TABLE t (x Int32) ENGINE = MergeTree ORDER BY x');
    const stop = new AbortController();
    const query = encodeURIComponent('INSERT INTO t FORMAT CSV');
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('1\n'));
      },
    });
    const init = { method: 'POST', body, duplex: 'half', signal: stop.signal } as const;
    const insert = fetch(`${server.url}/?query=${query}`, init).catch(() => 'aborted');
    await until('the body', () => readdirSync(join(dir, 'incoming')).length === 1);
    stop.abort();
    expect(await insert).toBe('aborted');
    await until('the end of the body', () => readdirSync(join(dir, 'incoming')).length === 0);
    expect(await ask(server.url, 'SELECT count() FROM t')).toBe('0\n');
    await server.stop();
  });

  it('asks for credentials where it was given some, in all three ways', async () => {
    const server = await startClickHouse({ user: 'u', password: 'p:w' });
    const status = async (address: string, headers: Record<string, string>) =>
      (await fetch(`${address}/?query=SELECT+1`, { headers })).status;
    expect(await status(server.url, {})).toBe(403);
    expect(await status(server.url, { 'X-ClickHouse-User': 'u', 'X-ClickHouse-Key': 'p:w' })).toBe(200);
    expect(await status(server.url, { 'X-ClickHouse-User': 'u', 'X-ClickHouse-Key': 'no' })).toBe(403);
    expect(await status(server.url, { Authorization: `Basic ${btoa('u:p:w')}` })).toBe(200);
    expect((await fetch(`${server.url}/?query=SELECT+1&user=u&password=p:w`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/ping`)).text()).toBe('Ok.\n');
    await server.stop();
  });

  it('lets GET only read', async () => {
    const server = await startClickHouse();
    const get = async (query: string) => (await fetch(`${server.url}/?query=${encodeURIComponent(query)}`)).text();
    expect(await get('SELECT 1')).toBe('1\n');
    expect(await get('CREATE TABLE t (x Int8) ENGINE = Memory')).toMatch(/Code: 164\. .*\(READONLY\)/);
    await server.stop();
  });
});
