/** The guide on a real broker: nothing lost, nothing doubled, whoever executes the plans. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeFactBlock, decodeGuidedBlock, type Plan, readBlockHeader, schemaManifest } from '@headrace/codec';
import { createLogger, Metrics, type Service } from '@headrace/platform';
import type { ReferenceFact } from '@headrace/rating';
import { Broker, Coverage, type KafkaSettings, TOPICS, topicSpecs } from '@headrace/stream';
import avsc from 'avsc';
import { afterEach, describe, expect, it } from 'vitest';
import { startGuide } from '../src/guide.ts';
import { PlanLog } from '../src/plan-log.ts';

const RAW = 2;
const GUIDED = 3;
const START = '2026-01-01T00:00:00Z';
const log = createLogger('guide-test', { level: 'error' });
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function cluster(): Promise<{ broker: Broker; kafka: KafkaSettings }> {
  const kafka: KafkaSettings = {
    brokers: (process.env.KAFKA_BROKERS ?? '').split(','),
    clientId: 'guide-test',
    topicPrefix: `t${randomUUID().slice(0, 8)}.`,
  };
  const broker = await Broker.connect(kafka, log);
  open.push(broker);
  await broker.ensureTopics(topicSpecs({ raw: RAW, guided: GUIDED, generation: 1, replication: 1 }));
  return { broker, kafka };
}

const schema = schemaManifest().find(({ subject }) => subject === 'usage-event');
if (schema === undefined) throw new Error('the manifest has no usage-event');
// An encoder that is not ours: avsc, by the schema file.
const eventType = avsc.Type.forSchema(JSON.parse(schema.schema), { wrapUnions: false });

function eventMessage(id: string, iccid: string): Buffer {
  const defaults = Object.fromEntries(
    (eventType as avsc.types.RecordType).fields.map((field) => [field.name, field.defaultValue()]),
  );
  const event = {
    ...defaults,
    source: 'test',
    event_id: id,
    service: 'data',
    iccid,
    start_time: Date.now() * 1000,
    bytes_up: 1,
    bytes_down: 2,
  };
  const head = Buffer.alloc(5);
  head.writeUInt32BE(schema?.id ?? 0, 1);
  return Buffer.concat([head, eventType.toBuffer(event)]);
}

function facts(accounts: number): ReferenceFact[] {
  const all: ReferenceFact[] = [
    { kind: 'guidedPartitions', id: 'g', generation: 1, count: GUIDED },
    { kind: 'schema', id: 'schema/1', schemaId: schema?.id ?? 0, schema: schema?.schema ?? '' },
  ];
  for (let n = 0; n < accounts; n += 1) {
    const name = `acc-${n}`;
    all.push(
      {
        kind: 'account',
        id: `a${n}`,
        account: name,
        parent: null,
        currency: 'EUR',
        timeZone: 'UTC',
        status: 'open',
        validFrom: START,
      },
      {
        kind: 'subscription',
        id: `s${n}`,
        subscription: `sub-${n}`,
        account: name,
        plan: 'p',
        pool: null,
        state: 'active',
        validFrom: START,
      },
      {
        kind: 'sim',
        id: `i${n}`,
        sim: `sim-${n}`,
        imsi: null,
        msisdn: null,
        subscription: `sub-${n}`,
        state: 'active',
        validFrom: START,
      },
    );
  }
  return all;
}

async function publishFacts(broker: Broker, all: readonly ReferenceFact[]): Promise<void> {
  const producer = broker.producer();
  await producer.send([
    { topic: TOPICS.referenceLog, partition: 0, messages: [{ value: Buffer.from(JSON.stringify(all)) }] },
  ]);
  await producer.close();
}

async function publishEvents(broker: Broker, from: number, to: number): Promise<void> {
  const producer = broker.producer();
  for (let partition = 0; partition < RAW; partition += 1) {
    const messages = [];
    for (let n = from; n < to; n += 1) {
      if (n % RAW === partition) messages.push({ value: eventMessage(`e${n}`, `sim-${n % 10}`) });
    }
    await producer.send([{ topic: TOPICS.usageEvents, partition, messages }]);
  }
  await producer.close();
}

function guide(kafka: KafkaSettings, eventsMax = 100): Promise<Service> {
  return startGuide({
    kafka,
    registryUrl: undefined,
    rules: { receiptTime: 'log', horizonDays: 45, futureToleranceMinutes: 60 },
    limits: { eventsMax, bytesMax: 8_000_000 },
    queueBytesMax: 1_000_000,
    stallMs: 60_000,
    log,
    metrics: new Metrics(),
    signal: new AbortController().signal,
  });
}

interface Applied {
  readonly ids: string[];
  readonly facts: string[];
  readonly duplicates: number;
  readonly coverage: Coverage;
}

/** Reads a guided partition as a rater would: by covered ranges. A gap or a breach fails the test. */
async function readGuided(broker: Broker, partition: number): Promise<Applied> {
  const offsets = await broker.offsets(TOPICS.guided);
  const end = offsets.find((each) => each.partition === partition)?.end ?? 0;
  const coverage = new Coverage();
  const applied = { ids: [] as string[], facts: [] as string[], duplicates: 0, coverage };
  if (end === 0) return applied;
  for await (const message of broker.read(TOPICS.guided, partition, 0, end)) {
    const value = message.value ?? Buffer.alloc(0);
    const read = readBlockHeader(value);
    if (read.problem !== null) throw new Error(read.problem);
    const { source, from, to, digest, kind } = read.header;
    const verdict = coverage.check(source, from, to, digest);
    if (verdict === 'duplicate') {
      applied.duplicates += 1;
      continue;
    }
    expect(verdict).toBe('apply');
    coverage.advance(source, to, digest);
    if (kind === 'reference') applied.facts.push(...decodeFactBlock(value).facts.map(({ kind: what }) => what));
    else {
      const block = decodeGuidedBlock(value);
      for (let event = 0; event < block.count; event += 1) applied.ids.push(block.eventId(event));
    }
  }
  return applied;
}

async function readAll(broker: Broker): Promise<Applied[]> {
  return Promise.all(Array.from({ length: GUIDED }, (_, partition) => readGuided(broker, partition)));
}

async function eventually<T>(what: string, look: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const value = await look();
    if (good(value)) return value;
    await sleep(200);
  }
  throw new Error(`${what} did not happen`);
}

const idsOf = (partitions: readonly Applied[]): string[] => partitions.flatMap(({ ids }) => ids).sort();
const idsFrom = (texts: readonly string[]): number[] =>
  texts.map((text) => Number(/e(\d+)$/.exec(text)?.[1] ?? -1)).sort((a, b) => a - b);
const range = (end: number): number[] => Array.from({ length: end }, (_, n) => n);

describe('the guide', () => {
  it('guides facts first and every event exactly once, also over a restart in the middle', async () => {
    const { broker, kafka } = await cluster();
    await publishFacts(broker, facts(10));
    const first = await guide(kafka);
    await publishEvents(broker, 0, 2_000);
    await eventually(
      'the first part',
      () => readAll(broker),
      (all) => idsOf(all).length >= 300,
    );
    await first.stop();
    await publishEvents(broker, 2_000, 3_000);
    const second = await guide(kafka, 5_000);
    open.push({ close: () => second.stop() });
    const all = await eventually(
      'the whole',
      () => readAll(broker),
      (each) => idsOf(each).length >= 3_000,
    );
    expect(idsFrom(idsOf(all))).toEqual(range(3_000));
    for (const { facts: kinds } of all) expect(kinds).toContain('guidedPartitions');
    expect(all.flatMap(({ facts: kinds }) => kinds).filter((kind) => kind === 'account')).toHaveLength(10);
    expect(second.health().ok).toBe(true);
  });

  it('repeats the plans of a guide that died before its commit: duplicates, never damage', async () => {
    const { broker, kafka } = await cluster();
    await publishFacts(broker, facts(10));
    await publishEvents(broker, 0, 500);
    const dead = await guide(kafka);
    await eventually(
      'guiding',
      () => readAll(broker),
      (all) => idsOf(all).length >= 500,
    );
    await dead.stop();
    // As if the commits had been lost with the process.
    const forgetful = await Broker.connect(kafka, log);
    open.push(forgetful);
    const moved = await forgetful.consume({
      group: 'headrace-guide',
      topics: [TOPICS.usageEvents],
      assigned: () => Promise.resolve({ startAt: 0 }),
      messages: (handle) => {
        handle.commit(0, '');
        return Promise.resolve();
      },
      revoked: () => Promise.resolve(),
    });
    await eventually(
      'the rewound commit',
      () => broker.committed('headrace-guide', TOPICS.usageEvents),
      (committed) => [...committed.values()].every(({ offset }) => offset === 0) && committed.size === RAW,
    );
    await moved.stop();
    const heir = await guide(kafka);
    open.push({ close: () => heir.stop() });
    await publishEvents(broker, 500, 600);
    const all = await eventually(
      'the rest',
      () => readAll(broker),
      (each) => idsOf(each).length >= 600,
    );
    expect(idsFrom(idsOf(all))).toEqual(range(600));
    expect(all.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBeGreaterThan(0);
  });

  it('passes a close through an idle raw partition', async () => {
    const { broker, kafka } = await cluster();
    await publishFacts(broker, facts(1));
    const running = await guide(kafka);
    open.push({ close: () => running.stop() });
    await publishEvents(broker, 0, 1);
    await eventually(
      'the event',
      () => readAll(broker),
      (all) => idsOf(all).length === 1,
    );
    await publishFacts(broker, [{ kind: 'periodClosed', id: 'close', period: '2026-10' }]);
    const [{ end }] = await broker.offsets(TOPICS.referenceLog);
    await eventually(
      'both raw partitions beyond the close',
      () => readAll(broker),
      (all) => all.every(({ coverage }) => range(RAW).every((raw) => coverage.covered(`raw/${raw}`).x >= end)),
    );
  });
});

describe('the plan log', () => {
  const plan = (from: Plan['from'], to: Plan['to']): Plan => ({
    format: 1,
    source: 'raw/0',
    number: 1,
    from,
    to,
    generation: 1,
    guidedPartitions: GUIDED,
    receiptTime: 'log',
    horizonDays: 45,
    futureToleranceMinutes: 60,
  });
  const at = (offset: number, x = 1): Plan['from'] => ({ offset, x });

  it('lets one of two writers win, and the other sees it and executes the same', async () => {
    const { broker } = await cluster();
    const [one, other] = [broker.producer(), broker.producer()];
    open.push(one, other);
    const first = new PlanLog(broker, one, 'raw/0');
    const second = new PlanLog(broker, other, 'raw/0');
    expect(await first.open(null)).toEqual([]);
    expect(await second.open(null)).toEqual([]);
    const won = await first.append(plan(at(0, 0), at(10)));
    expect(won.mine).toBe(true);
    const lost = await second.append(plan(at(0, 0), at(7)));
    expect(lost.mine).toBe(false);
    expect(lost.counted.map(({ plan: { to } }) => to)).toEqual([at(10)]);
    expect(second.end).toEqual(at(10));
    expect((await second.append(plan(at(10), at(12)))).mine).toBe(true);
    // The first continues behind what it has not seen: it loses, and learns of both records between.
    const behind = await first.append(plan(at(10), at(20)));
    expect(behind.mine).toBe(false);
    expect(behind.counted.map(({ plan: { to } }) => to)).toEqual([at(12)]);
    // A reader that comes later finds the same chain, from the begin and from a plan that is known to count.
    const reader = new PlanLog(broker, one, 'raw/0');
    expect((await reader.open(null)).map(({ plan: { to } }) => to)).toEqual([at(10), at(12)]);
    const marked = new PlanLog(broker, one, 'raw/0');
    expect((await marked.open({ planOffset: 2 })).map(({ plan: { to } }) => to)).toEqual([at(12)]);
  });
});
