/** A deployment of its own for a test: topics with a prefix and a database that no other test has. */
import { randomUUID } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type ControlTotals, decodeControlTotals } from '@headrace/codec';
import { createLogger, Gate, Metrics, readConfig, retrying, type Service } from '@headrace/platform';
import { clickhouseSettings, clickhouseSettingsSchema, Store } from '@headrace/store';
import { Broker, kafkaSettings, kafkaSettingsSchema, topicSpecs } from '@headrace/stream';
import { LoaderMeters, startLoader } from '../../src/index.ts';

export const PARTITIONS = 2;

/** Stands between the loader and ClickHouse, and can be cut. */
class Cable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;

  constructor(target: URL) {
    this.#server = createServer((near) => {
      if (this.#cut) return near.destroy();
      const far = connect(Number(target.port), target.hostname);
      for (const [a, b] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(a);
        a.pipe(b);
        a.on('error', () => b.destroy());
        a.on('close', () => {
          this.#sockets.delete(a);
          b.destroy();
        });
      }
      return undefined;
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export interface RunningLoader extends Service {
  readonly metrics: Metrics;
}

export class Deployment {
  readonly broker: Broker;
  readonly store: Store;
  readonly #log = createLogger('test', { level: process.env.LOG_LEVEL ?? 'silent' });
  readonly #environment: NodeJS.ProcessEnv;
  readonly #closers: (() => Promise<void>)[] = [];
  #cable: Cable | undefined;

  private constructor(broker: Broker, store: Store, environment: NodeJS.ProcessEnv) {
    this.broker = broker;
    this.store = store;
    this.#environment = environment;
  }

  static async open(): Promise<Deployment> {
    const name = `t${randomUUID().slice(0, 8)}`;
    const environment = { ...process.env, TOPIC_PREFIX: `${name}.`, CLICKHOUSE_DATABASE: name };
    const log = createLogger('test', { level: process.env.LOG_LEVEL ?? 'silent' });
    const broker = await Broker.connect(kafkaSettings(readConfig(kafkaSettingsSchema, environment)), log);
    await broker.ensureTopics(topicSpecs({ raw: 1, guided: PARTITIONS, generation: 1, replication: 1 }));
    const store = await Store.connect(clickhouseSettings(readConfig(clickhouseSettingsSchema, environment)), log);
    await store.migrate();
    const deployment = new Deployment(broker, store, environment);
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

  async send(topic: string, partition: number, values: readonly Uint8Array[]): Promise<void> {
    const producer = this.broker.producer();
    const batch = { topic, partition, messages: values.map((value) => ({ value })) };
    await retrying('send', this.#log, AbortSignal.timeout(60_000), () => producer.send([batch]));
    await producer.close();
  }

  /** A loader; with `throughCable` it reaches ClickHouse over a connection that the test can cut. */
  async start(throughCable = false): Promise<RunningLoader> {
    let environment = this.#environment;
    if (throughCable) {
      this.#cable = new Cable(new URL(process.env.CLICKHOUSE_URL ?? ''));
      environment = { ...environment, CLICKHOUSE_URL: await this.#cable.open() };
      this.#closers.push(async () => this.#cable?.close());
    }
    const log = this.#log;
    const store = await Store.connect(clickhouseSettings(readConfig(clickhouseSettingsSchema, environment)), log);
    const producer = this.broker.producer();
    const metrics = new Metrics();
    const meters = new LoaderMeters(metrics, 2_000);
    const abort = new AbortController();
    const room = { broker: this.broker, producer, store, meters, log, signal: abort.signal, inserts: new Gate(4) };
    const options = { generation: 1, group: 'loader', queueBytesMax: 1 << 20 };
    const service = await startLoader(room, options, metrics);
    let stopped = false;
    const stop = async () => {
      if (stopped) return;
      stopped = true;
      abort.abort();
      await service.stop();
      await producer.close();
      await store.close();
    };
    this.#closers.push(stop);
    return { ...service, stop, metrics };
  }

  cut(): void {
    this.#cable?.cut();
  }

  mend(): void {
    this.#cable?.mend();
  }

  async number(query: string): Promise<number> {
    const [row] = await this.store.query<{ n: string | number }>(query);
    return Number(row?.n ?? 0);
  }

  async reports(): Promise<ControlTotals[]> {
    const [offsets] = await this.broker.offsets('assurance.controls');
    const reports: ControlTotals[] = [];
    if (offsets === undefined || offsets.end === offsets.low) return reports;
    for await (const { value } of this.broker.read('assurance.controls', 0, offsets.low, offsets.end)) {
      if (value !== null) reports.push(decodeControlTotals(value));
    }
    return reports;
  }
}

export async function until(test: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 50));
}
