/** A deployment of its own for a test: topics with a prefix and a database that no other test has. */
import { randomUUID } from 'node:crypto';
import { decodeFinding, encodeControlTotals, type Finding } from '@headrace/codec';
import { createLogger, Metrics, readConfig, retrying, type Service } from '@headrace/platform';
import { clickhouseSettings, clickhouseSettingsSchema, Store } from '@headrace/store';
import { Broker, kafkaSettings, kafkaSettingsSchema, topicSpecs } from '@headrace/stream';
import { AssuranceMeters, type Round, startAssurance } from '../../src/index.ts';
import { PARTITIONS, ratedMessage, type World } from './world.ts';

const NEVER_MS = 3_600_000;

export interface RunningAssurance extends Service {
  readonly metrics: Metrics;
  check(): Promise<Round>;
}

export class Deployment {
  readonly broker: Broker;
  readonly store: Store;
  readonly #log = createLogger('test', { level: process.env.LOG_LEVEL ?? 'silent' });
  readonly #closers: (() => Promise<void>)[] = [];

  private constructor(broker: Broker, store: Store) {
    this.broker = broker;
    this.store = store;
  }

  static async open(): Promise<Deployment> {
    const name = `t${randomUUID().slice(0, 8)}`;
    const environment = { ...process.env, TOPIC_PREFIX: `${name}.`, CLICKHOUSE_DATABASE: name };
    const log = createLogger('test', { level: process.env.LOG_LEVEL ?? 'silent' });
    const broker = await Broker.connect(kafkaSettings(readConfig(kafkaSettingsSchema, environment)), log);
    await broker.ensureTopics(topicSpecs({ raw: 1, guided: PARTITIONS, generation: 1, replication: 1 }));
    const store = await Store.connect(clickhouseSettings(readConfig(clickhouseSettingsSchema, environment)), log);
    await store.migrate();
    const deployment = new Deployment(broker, store);
    deployment.#closers.push(
      () => broker.close(),
      async () => {
        await store.command(`DROP DATABASE IF EXISTS ${name}`);
        await store.close();
      },
    );
    return deployment;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  /** Assurance that checks only when asked. */
  async start(graceMs = NEVER_MS): Promise<RunningAssurance> {
    const producer = this.broker.producer();
    const metrics = new Metrics();
    const abort = new AbortController();
    const meters = new AssuranceMeters(metrics, NEVER_MS);
    const room = { broker: this.broker, store: this.store, meters, log: this.#log, signal: abort.signal };
    const options = {
      group: 'assurance',
      generation: 1,
      queueBytesMax: 1 << 20,
      liveIntervalMs: NEVER_MS,
      storedIntervalMs: NEVER_MS,
      graceMs,
      seenEveryMs: NEVER_MS,
    };
    const service = await startAssurance(room, producer, options, metrics);
    let stopped = false;
    const stop = async () => {
      if (stopped) return;
      stopped = true;
      abort.abort();
      await service.stop();
      await producer.close();
    };
    this.#closers.push(stop);
    return { ...service, stop, metrics, check: async () => (await service.actions?.check?.()) as Round };
  }

  /** Sends the world's reports and waits until the assurance has taken them in. */
  async send(assurance: RunningAssurance, { reports, rated }: World): Promise<void> {
    const taken = () => Number(assurance.health().detail.reports);
    const before = taken();
    const producer = this.broker.producer();
    const batches = [
      { topic: 'assurance.controls', partition: 0, messages: reports.map((r) => ({ value: encodeControlTotals(r) })) },
      ...rated.map((headers, partition) => ({
        topic: 'usage.rated',
        partition,
        messages: headers.map((header) => ({ value: ratedMessage(header) })),
      })),
    ].filter(({ messages }) => messages.length > 0);
    await retrying('send', this.#log, AbortSignal.timeout(60_000), () => producer.send(batches));
    await producer.close();
    const sent = batches.reduce((sum, { messages }) => sum + messages.length, 0);
    while (taken() < before + sent) {
      const { stopped } = assurance.health().detail;
      if (Array.isArray(stopped) && stopped.length > 0) throw new Error(`intake stopped: ${JSON.stringify(stopped)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Rows as they were inserted, repeated ones too, until merges meet them. */
  async count(): Promise<number> {
    const [row] = await this.store.query<{ n: string }>('SELECT count() AS n FROM control_totals');
    return Number(row?.n ?? 0);
  }

  async published(): Promise<Finding[]> {
    const [offsets] = await this.broker.offsets('assurance.findings');
    const findings: Finding[] = [];
    if (offsets === undefined || offsets.end === offsets.low) return findings;
    for await (const { value } of this.broker.read('assurance.findings', 0, offsets.low, offsets.end)) {
      if (value !== null) findings.push(decodeFinding(value));
    }
    return findings;
  }
}
