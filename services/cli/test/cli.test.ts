/** The command line as a user meets it: a process, on real servers. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageDecoder, type UsageEvent } from '@headrace/codec';
import { createLogger, readConfig } from '@headrace/platform';
import { clickhouseSettings, clickhouseSettingsSchema, Store } from '@headrace/store';
import { Broker, TOPICS } from '@headrace/stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReferenceLog } from '../src/reference-log.ts';
import { type Ended, headrace as start } from './support/headrace.ts';

const example = (name: string): string => fileURLToPath(new URL(`../../../docs/command-line/${name}`, import.meta.url));
const BOOK = fileURLToPath(new URL('../../../schemas/price-books/demo-excerpt.yaml', import.meta.url));
const log = createLogger('cli-test', { level: 'error' });
const unique = randomUUID().slice(0, 8);
const env = { TOPIC_PREFIX: `t${unique}.`, CLICKHOUSE_DATABASE: `cli_${unique}` };
const folder = mkdtempSync(join(tmpdir(), 'headrace-cli-'));
let broker: Broker;
let store: Store;

function headrace(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return start(words, { env: { ...env, ...more } });
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
    // A new topic may be without a leader for a moment, which is told on standard error and waited for.
    expect(first.status).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({ facts: 6, migrations: expect.any(Number) });
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
    expect(ended.error).toMatch(/book\.yaml:3:\d+: currency/);
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

describe('headrace publish', () => {
  const usage = example('usage.csv');

  it('sends each event as a message, or files, that the pipeline reads back as they were', async () => {
    for (const [words, messages] of [
      [[], 8],
      [['--container', '--batch', '3'], 3],
    ] as const) {
      const before = await ends();
      const ended = await headrace(['publish', usage, '--json', '--received-at', ...words]);
      expect(ended.status).toBe(0);
      expect(ended.error).toContain(`${usage}:9: QUANTITY_INVALID`);
      const said = JSON.parse(ended.out);
      expect(said).toMatchObject({ sent: true, events: 8, units: 23, refused: { 'suspended QUANTITY_INVALID': 1 } });
      expect(said.messages).toBeGreaterThanOrEqual(messages);
      const sent = await published(before);
      expect(sent.map(({ eventId }) => eventId).sort()).toEqual(['1', '2', '3', '4', '4', '5', '6', '8']);
      expect(sent.reduce((sum, event) => sum + event.bytesUp + event.bytesDown, 0)).toBe(said.bytes);
    }
  });

  it('says so when Kafka or the topic is not there', async () => {
    const away = await headrace(['publish', usage], { KAFKA_BROKERS: '127.0.0.1:1' });
    expect(away).toMatchObject({ status: 1, out: '', error: expect.stringMatching(/^headrace: KAFKA_UNREACHABLE: /) });
    const missing = await headrace(['publish', usage], { TOPIC_PREFIX: `none-${unique}.` });
    expect(missing).toMatchObject({ status: 1, out: '', error: expect.stringMatching(/^headrace: TOPIC_MISSING: /) });
  });
});

async function ends(): Promise<readonly number[]> {
  return (await broker.offsets(broker.topic(TOPICS.usageEvents))).map(({ end }) => end);
}

async function published(from: readonly number[]): Promise<UsageEvent[]> {
  const events: UsageEvent[] = [];
  const decoder = new UsageDecoder();
  const to = await ends();
  for (const [partition, begin] of from.entries()) {
    const end = to[partition] ?? begin;
    if (end === begin) continue;
    for await (const { value, headers } of broker.read(broker.topic(TOPICS.usageEvents), partition, begin, end)) {
      const decoded = decoder.decodeMessage(value);
      if (decoded.kind === 'refused') throw new Error(decoded.detail);
      for (const { event } of decoded.events) if (event !== null) events.push(event);
      expect(Number(headers['received-at'])).toBeGreaterThanOrEqual((events.at(-1)?.startTime ?? 0) / 1000);
    }
  }
  return events;
}

describe('what the pipeline left in ClickHouse', () => {
  const line = {
    event_id: 'gw/2',
    event_time: '2026-11-02 08:15:00.5',
    subscription: 'boat-2',
    plan: 'tracker',
    pool: 'fleet',
    service: 'data',
    period: '2026-11',
    zone: 'home',
    leg: 'retail',
    unit: 'bytes',
    currency: 'EUR',
    price_book: 'trackers@1',
    account: 'acme',
    block_time: '2026-11-02 09:00:00',
    event_quantity: 1_048_576,
  };

  beforeAll(async () => {
    await store.migrate();
    const drawn = {
      tag: 'in-bundle',
      bucket: 'pool:shared',
      quantity: 524_288,
      before: 1_572_864,
      after: 2_097_152,
      bucket_size: 2_097_152,
      amount: '0',
    };
    const over = {
      tag: 'overage',
      price: 'tracker/data@always',
      meter: 'pool:cycle',
      quantity: 524_288,
      before: 0,
      after: 524_288,
      amount: '0.055',
      line: 1,
      part: 1,
      price_book: 'trackers@1',
      bucket: '',
      bucket_size: 0,
    };
    // The first line is there twice, as after a repeated insert.
    await store.insertRows('rated_usage', [
      { ...line, ...drawn, line: 0, part: 0, price: '', meter: '' },
      { ...line, ...drawn, line: 0, part: 0, price: '', meter: '' },
      { ...line, ...over },
    ]);
    const total = {
      settlement: 'x1',
      account: 'acme',
      subscription: 'boat-2',
      service: 'data',
      zone: 'home',
      tag: 'overage',
      leg: 'retail',
      period: '2026-11',
      currency: 'EUR',
      unit: 'bytes',
      quantity: 0,
    };
    await store.insertRows('adjustments', [{ ...total, id: 'a1', guided_partition: 0, amount: '-0.001' }]);
    const pool = { settlement: 'x1', period: '2026-11', pool: 'fleet' };
    await store.insertRows('pool_statements', [
      {
        ...pool,
        account: 'acme',
        rule: 'shared',
        allocation: 'usage',
        size: 2_097_152,
        used: 2_097_152,
        overage: 524_288,
      },
    ]);
    await store.insertRows('pool_shares', [
      { ...pool, currency: 'EUR', subscription: 'boat-2', amount: '0.05', charged: '0.05', exact: '0.054' },
    ]);
    await store.insertRows('settlements', [
      {
        settlement: 'x1',
        period: '2026-11',
        events_rated: 6,
        conflicts: 0,
        unrated: '[{"code":"SIM_UNKNOWN","service":"data","events":2,"firstEvent":"gw/6"}]',
      },
    ]);
  });

  it.each(['gw/2', '2'])('explains event %s, with a book its amounts too', async (event) => {
    const bare = await headrace(['explain', '--event', event]);
    expect(bare).toMatchObject({ status: 0, error: '' });
    expect(bare.out).toContain('Event gw/2 at 2026-11-02T08:15:00.5Z: subscription boat-2');
    expect(bare.out).toContain(
      'It was drawn from pool fleet (rule shared): 1,572,864 bytes of 2,097,152 bytes were used before',
    );
    const worked = await headrace(['explain', example('book.yaml'), '--event', event]);
    expect(worked.out).toContain('0.05 - 0 = 0.05 EUR. The line says 0.055, which is not that.');
  });

  it('explains an invoice line', async () => {
    const ended = await headrace(['explain', '--account', 'acme', '--period', '2026-11', '--tag', 'overage']);
    expect(ended.out).toContain('1 line by price tracker/data@always of trackers@1: 524,288 bytes, 0.055 EUR.');
    const none = await headrace(['explain', '--account', 'nobody']);
    expect(none).toMatchObject({
      status: 1,
      error: expect.stringContaining('there is no rated line with account nobody'),
    });
  });

  it('says what an event that is not there may be', async () => {
    const ended = await headrace(['explain', '--event', '404']);
    expect(ended).toMatchObject({
      status: 1,
      error: expect.stringContaining('ClickHouse has no rated line of event 404'),
    });
  });

  it('is the bill of a period: lines, adjustments, pools', async () => {
    const [csv, text] = [
      await headrace(['bill', '--period', '2026-11', '--csv']),
      await headrace(['bill', '--period', '2026-11']),
    ];
    expect(csv.out.split('\n').slice(1, -1)).toEqual([
      'acme,2026-11,data,home,in-bundle,retail,bytes,EUR,524288,0,0,0',
      'acme,2026-11,data,home,overage,retail,bytes,EUR,524288,0.054,0.05,-0.004',
    ]);
    expect(text.out).toContain(
      'Pool fleet (rule shared, account acme) in 2026-11: 2,097,152 of 2,097,152 used, 524,288 over; overage costs 0.05 EUR',
    );
    expect(text.out).toMatch(/boat-2 +0\.05 EUR/);
    expect(text.out).toMatch(/SIM_UNKNOWN +data +2/);
    expect(text.out).toContain('Settled (x1): 6 events rated.');
  });

  it('has no bill of a period without usage, and none of an account without', async () => {
    for (const words of [
      ['--period', '2026-10'],
      ['--period', '2026-11', '--account', 'brook'],
    ]) {
      const ended = await headrace(['bill', ...words]);
      expect(ended).toMatchObject({
        status: 1,
        out: '',
        error: expect.stringContaining('ClickHouse has no rated usage of period'),
      });
    }
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
