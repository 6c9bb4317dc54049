/**
 * A deployment of its own for a test, and a stream in small: facts go to the reference log, events are guided by what is
 * known by then, rated in the order in which they come, and stored as the loader does.
 */
import { randomUUID } from 'node:crypto';
import {
  decodeGuidedBlock,
  encodeRatedBlock,
  encodeSuspenseBlock,
  eventKey,
  GuidedBlockWriter,
  type HeaderInput,
  NO_CONTROLS,
  payloadDigest,
  type UsageEvent,
} from '@headrace/codec';
import { suspendedByRater } from '@headrace/codec/blocks/suspense-block';
import { createLogger, readConfig, retrying } from '@headrace/platform';
import {
  type Context,
  createRater,
  guidedPartition,
  isProfile,
  type Profile,
  type Rater,
  ReferenceIndex,
} from '@headrace/rating';
import { clickhouseSettings, clickhouseSettingsSchema, Store, TABLES } from '@headrace/store';
import { Broker, kafkaSettings, kafkaSettingsSchema, topicSpecs } from '@headrace/stream';
import { type SettleReport, settle } from '../../src/index.ts';

export const PARTITIONS = 2;
const BLOCK_TIME = Date.UTC(2026, 11, 1) * 1000;

export class Deployment {
  readonly store: Store;
  readonly #broker: Broker;
  readonly #name: string;
  readonly #log = createLogger('test', { level: process.env.LOG_LEVEL ?? 'silent' });
  readonly #index = new ReferenceIndex();
  readonly #raters: readonly Rater[] = Array.from({ length: PARTITIONS }, () => createRater());
  readonly #next = new Int32Array(PARTITIONS);
  #position = 0;
  #raw = 0;

  private constructor(name: string, broker: Broker, store: Store) {
    this.#name = name;
    this.#broker = broker;
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
    const deployment = new Deployment(name, broker, store);
    await deployment.know({
      kind: 'guidedPartitions',
      id: 'guidedPartitions/1',
      generation: 1,
      count: PARTITIONS,
    });
    return deployment;
  }

  /** For processes that are to use it. */
  get env(): NodeJS.ProcessEnv {
    return { TOPIC_PREFIX: `${this.#name}.`, CLICKHOUSE_DATABASE: this.#name };
  }

  async close(): Promise<void> {
    await this.#broker.close();
    await this.store.command(`DROP DATABASE IF EXISTS ${this.#name}`);
    await this.store.close();
  }

  /** Appends facts to the reference log, and tells the raters that they concern. */
  async know(...facts: readonly object[]): Promise<void> {
    const text = JSON.stringify(facts);
    const topic = this.#broker.topic('reference.log');
    const producer = this.#broker.producer();
    await retrying('send facts', this.#log, AbortSignal.timeout(60_000), () =>
      producer.send([{ topic, partition: 0, messages: [{ value: Buffer.from(text) }] }]),
    );
    await producer.close();
    const refused = this.#index.applyMessage(this.#position, text);
    if (refused.length > 0) throw new Error(`refused: ${JSON.stringify(refused)}`);
    for (const fact of this.#index.factsOf(this.#position, text)) {
      const concern = this.#index.concern(fact);
      for (const [partition, rater] of this.#raters.entries()) {
        const concerns = concern.to === 'key' && guidedPartition(concern.ratingKey, PARTITIONS) === partition;
        if (!concerns && concern.to !== 'all') continue;
        const guided = {
          position: this.#position,
          receivedAt: BLOCK_TIME,
          kind: fact.kind,
          fact: JSON.stringify(fact),
        };
        await this.#answer(partition, rater.applyFacts([guided]).lines, null);
      }
    }
    this.#position += 1;
  }

  /** Rates events in the order in which they come, each in a block of its own. */
  async rate(...events: readonly UsageEvent[]): Promise<void> {
    for (const event of events) {
      const profile = this.#index.resolve(event.iccid, null, null, event.startTime, this.#index.end);
      if (!isProfile(profile)) throw new Error(profile.detail);
      const partition = guidedPartition(profile.ratingKey, PARTITIONS);
      const guided = decodeGuidedBlock(this.#guide(event, profile, partition));
      const outcome = (this.#raters[partition] as Rater).rate(guided);
      await this.#answer(partition, outcome.lines, guided);
      const identity = this.#identity(partition);
      const records = outcome.suspended.map((usage) => suspendedByRater(guided, usage, 'usage.events', identity));
      if (records.length === 0) continue;
      const block = encodeSuspenseBlock({ header: this.#header('suspense', partition), records });
      await this.store.insertBlock(TABLES.suspendedUsage, block, randomUUID());
    }
  }

  settle(...periods: readonly string[]): Promise<SettleReport> {
    return settle({ broker: this.#broker, store: this.store, log: this.#log }, periods);
  }

  /** Account and tag: quantity and amount, of a view, as `quantity @ amount`; totals of nothing are left out. */
  async bill(view: string, period = '2026-11'): Promise<Record<string, string>> {
    const rows = await this.store.query<{ key: string; total: string }>(
      `SELECT concat(account, ' ', service, ' ', zone, ' ', tag) AS key, concat(toString(sum(quantity)), ' @ ',
       toString(sum(amount))) AS total FROM ${view} WHERE period = {period:String} AND leg = 'retail'
       GROUP BY key HAVING sum(quantity) != 0 OR sum(amount) != 0 ORDER BY key`,
      { period },
    );
    return Object.fromEntries(rows.map(({ key, total }) => [key, total]));
  }

  async count(table: string): Promise<number> {
    const [row] = await this.store.query<{ n: string }>(`SELECT count() AS n FROM ${table}`);
    return Number(row?.n ?? 0);
  }

  #guide(event: UsageEvent, profile: Profile, partition: number): Uint8Array {
    const key = new Uint32Array(4);
    const digest = new Uint32Array(2);
    const id = eventKey(event, key) ?? '';
    payloadDigest(event, digest);
    const { source, service, plmn, rat, apn, ratingGroup } = event;
    const place = { plmn: plmn ?? '', rat: rat ?? '', apn: apn ?? '', ratingGroup: ratingGroup ?? -1 };
    const context: Context = { source, service, ...place, rawEncoding: 'message' };
    const origin = { receivedAt: BLOCK_TIME, rawPartition: 0, rawOffset: this.#raw++, rawIndex: 0 };
    const writer = new GuidedBlockWriter();
    writer.add({ event, profile, context, key, id, payloadDigest: digest, ...origin, raw: new Uint8Array() });
    return writer.finish(this.#header('usage', partition));
  }

  /** Stores lines as the answer to the next guided block. */
  async #answer(
    partition: number,
    lines: Parameters<typeof encodeRatedBlock>[0]['lines'],
    guided: ReturnType<typeof decodeGuidedBlock> | null,
  ): Promise<void> {
    const identity = this.#identity(partition);
    const header = this.#header('rated', partition);
    const block = encodeRatedBlock({ guided, lines, identity, header });
    const { offset } = identity;
    if (lines.count > 0) await this.store.insertBlock(TABLES.ratedUsage, block, `1/${partition}/${offset}`);
    await this.store.recordLoadedBlock({
      ...{ table: TABLES.ratedUsage, source: `guided/1/${partition}`, generation: 1, partition },
      ...{ from: { offset, x: 0 }, to: { offset: offset + 1, x: 0 }, nextOffset: offset + 1 },
      ...{ rows: lines.count, digest: '', blockTime: BLOCK_TIME },
    });
    this.#next[partition] = offset + 1;
  }

  #identity(partition: number) {
    return { generation: 1, partition, offset: this.#next[partition] ?? 0, blockTime: BLOCK_TIME };
  }

  #header(kind: HeaderInput['kind'], partition: number): HeaderInput {
    const offset = this.#next[partition] ?? 0;
    return {
      ...{ v: 1, kind, source: `guided/1/${partition}`, generation: 1, partition, status: 'applied' },
      ...{ from: { offset, x: 0 }, to: { offset: offset + 1, x: 0 }, blockTime: BLOCK_TIME, horizonDays: 45 },
      controls: NO_CONTROLS,
    };
  }
}
