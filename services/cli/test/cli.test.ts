/** The command line as a user meets it: a process, on real servers. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger, readConfig } from '@headrace/platform';
import { clickhouseSettings, clickhouseSettingsSchema, Store } from '@headrace/store';
import { Broker, TOPICS } from '@headrace/stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReferenceLog } from '../src/reference-log.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const BOOK = fileURLToPath(new URL('../../../schemas/price-books/demo-excerpt.yaml', import.meta.url));
const log = createLogger('cli-test', { level: 'error' });
const unique = randomUUID().slice(0, 8);
const env = { TOPIC_PREFIX: `t${unique}.`, CLICKHOUSE_DATABASE: `cli_${unique}` };
const folder = mkdtempSync(join(tmpdir(), 'headrace-cli-'));
let broker: Broker;
let store: Store;

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

function headrace(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...words], { env: { ...process.env, ...env, ...more } });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, out, error })));
}

function file(name: string, lines: readonly unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return path;
}

const account = (name: string, more: object = {}): object => ({
  kind: 'account',
  id: `account/${name}`,
  account: name,
  parent: null,
  currency: 'EUR',
  timeZone: 'UTC',
  status: 'open',
  validFrom: '2026-01-01T00:00:00Z',
  ...more,
});

beforeAll(async () => {
  const kafka = { brokers: (process.env.KAFKA_BROKERS ?? '').split(','), clientId: 'cli-test' };
  broker = await Broker.connect({ ...kafka, topicPrefix: env.TOPIC_PREFIX }, log);
  store = await Store.connect(
    clickhouseSettings(readConfig(clickhouseSettingsSchema, { ...process.env, ...env })),
    log,
  );
});

afterAll(async () => {
  await store.command(`DROP DATABASE IF EXISTS ${env.CLICKHOUSE_DATABASE}`);
  await store.close();
  await broker.removePrefixed();
  await broker.close();
  rmSync(folder, { recursive: true });
});

describe('headrace init', () => {
  it('makes topics, tables and first facts, and a second time nothing more', async () => {
    const first = await headrace(['init', '--raw-partitions', '3', '--guided-partitions', '2', '--json']);
    expect(first).toMatchObject({ status: 0, error: '' });
    expect(JSON.parse(first.out)).toMatchObject({ facts: 6, migrations: 6 });
    expect(await broker.partitionCount(TOPICS.usageEvents)).toBe(3);
    expect(await broker.partitionCount(TOPICS.guided)).toBe(2);
    const index = await readReferenceLog(broker);
    expect(index.guidedPartitions(index.end)).toMatchObject({ generation: 1, count: 2 });
    expect([0, 1, 2].map((partition) => index.rawPartition(partition))).toEqual([0, 0, 0]);
    await store.requireSchema();
    const second = await headrace(['init', '--raw-partitions', '3', '--guided-partitions', '2']);
    expect(second.status).toBe(0);
    expect(second.out).toContain('0 facts written');
  });

  it('says in one sentence what a server or a setting lacks', async () => {
    const away = await headrace(['init'], { KAFKA_BROKERS: '127.0.0.1:1' });
    expect(away.status).toBe(1);
    expect(away.error).toMatch(/^headrace: KAFKA_UNREACHABLE: /);
    expect(away.error.trim().split('\n')).toHaveLength(1);
    const unset = await headrace(['init'], { KAFKA_BROKERS: '' });
    expect(unset).toMatchObject({ status: 1 });
    expect(unset.error).toContain('KAFKA_BROKERS is not set');
  });
});

describe('headrace reference', () => {
  it('appends price books and facts once', async () => {
    const facts = file('good.jsonl', [account('acme'), account('acme-1', { parent: 'acme' })]);
    const first = await headrace(['reference', BOOK, facts, '--json']);
    expect(first).toMatchObject({ status: 0, error: '' });
    expect(JSON.parse(first.out)).toEqual({ facts: 3, written: 3 });
    const again = await headrace(['reference', BOOK, facts]);
    expect(again.out).toContain('0 of 3 facts written');
    expect((await readReferenceLog(broker)).has('account/acme-1')).toBe(true);
  });

  it('names file, line, problem and cure, and writes nothing', async () => {
    const before = (await readReferenceLog(broker)).end;
    const bad = file('bad.jsonl', [account('new'), '{oops', account('worse', { status: 'shut' })]);
    const book = file('book.yaml', ['format: 1', 'name: x', 'currency: EURO']);
    const ended = await headrace(['reference', bad, book]);
    expect(ended.status).toBe(1);
    expect(ended.error).toContain(`${bad}:2: not JSON`);
    expect(ended.error).toContain(`${bad}:3: `);
    expect(ended.error).toMatch(/book\.yaml:3: .*currency/);
    expect(ended.error).not.toContain('    at ');
    expect((await readReferenceLog(broker)).end).toBe(before);
  });

  it('tries facts against the log before it writes any', async () => {
    const before = (await readReferenceLog(broker)).end;
    const orphan = file('orphan.jsonl', [account('fine'), account('child', { parent: 'nobody' })]);
    const ended = await headrace(['reference', orphan]);
    expect(ended.status).toBe(1);
    expect(ended.error).toContain('parent account nobody is unknown');
    expect((await readReferenceLog(broker)).end).toBe(before);
  });

  it('checks without any server', async () => {
    const ended = await headrace(['reference', '--check', BOOK], { KAFKA_BROKERS: '127.0.0.1:1' });
    expect(ended).toMatchObject({ status: 0, error: '' });
    expect(ended.out).toContain('1 facts are valid');
  });
});

describe('wrong words', () => {
  it.each([
    [['frobnicate'], 'there is no command "frobnicate"'],
    [['init', '--raw-partitions', '0'], '--raw-partitions takes a whole number'],
    [['init', '--unknown'], "Unknown option '--unknown'"],
    [['reference'], 'needs at least one file'],
    [['reference', '/nowhere/at/all.jsonl'], 'cannot be read'],
  ])('%j: status 2 and one sentence', async (words, sentence) => {
    const ended = await headrace(words);
    expect(ended.status).toBe(2);
    expect(ended.error).toContain(sentence);
    expect(ended.error).not.toContain('    at ');
  });

  it('helps', async () => {
    const ended = await headrace(['--help']);
    expect(ended.status).toBe(0);
    expect(ended.out).toContain('init');
    expect((await headrace(['init', '--help'])).out).toContain('--raw-partitions');
  });
});
