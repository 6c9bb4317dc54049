/**
 * A Kafka cluster, one object for each process: topics, offsets, and the makers of producers, readers and consumptions.
 * Names are taken with or without the prefix and given with it.
 */
import { HeadraceError, type Logger } from '@headrace/platform';
import type { Admin } from 'kafkajs';
import { type ClientFactory, clientFactory, SHORT_RETRY } from './client.ts';
import { KafkaConsumption } from './consumption.ts';
import { kafkaError, rootOf } from './failures.ts';
import { KafkaOrderedProducer } from './producer.ts';
import { RangeReader } from './reader.ts';
import { pause, persist } from './retry.ts';
import type { KafkaSettings } from './settings.ts';
import type { TopicSpec } from './topics.ts';
import type {
  Committed,
  ConsumeOptions,
  Consumption,
  OrderedProducer,
  PartitionOffsets,
  StreamMessage,
} from './types.ts';

/** Tries of one administrative request before its failure is the caller's. */
const ADMIN_TRIES_MAX = 4;
/** How long a new topic may take until all brokers know it. */
const CREATION_MS_MAX = 15_000;
const CREATION_POLL_MS = 100;

export class Broker {
  readonly #settings: KafkaSettings;
  readonly #factory: ClientFactory;
  readonly #log: Logger;
  readonly #reader: RangeReader;
  readonly #producers = new Set<OrderedProducer>();
  readonly #consumptions = new Set<Consumption>();
  #admin: Promise<Admin> | null = null;

  private constructor(settings: KafkaSettings, factory: ClientFactory, log: Logger) {
    this.#settings = settings;
    this.#factory = factory;
    this.#log = log;
    this.#reader = new RangeReader(factory, (topic) => this.offsets(topic), log);
  }

  /** @throws HeadraceError KAFKA_UNREACHABLE, KAFKA_AUTHENTICATION or KAFKA_TLS, in one sentence with the cure. */
  static async connect(settings: KafkaSettings, log: Logger): Promise<Broker> {
    const broker = new Broker(settings, clientFactory(settings, log), log);
    try {
      await broker.#administer('connect', (admin) => admin.describeCluster(), 1);
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  /** The topic's name with the prefix. */
  topic(name: string): string {
    const { topicPrefix } = this.#settings;
    return name.startsWith(topicPrefix) ? name : topicPrefix + name;
  }

  /**
   * Creates the topics that are missing. @throws HeadraceError TOPIC_PARTITIONS if one exists with fewer partitions.
   * (More are left alone: who added them reads them.)
   */
  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    await this.#administer('create topics', async (admin) => {
      const existing = new Set(await admin.listTopics());
      const missing = specs.filter(({ name }) => !existing.has(this.topic(name)));
      if (missing.length === 0) return;
      await admin.createTopics({
        // kafkajs takes "not known here yet" for an error; we wait on our own.
        waitForLeaders: false,
        topics: missing.map(({ name, partitions, replication, config }) => ({
          topic: this.topic(name),
          numPartitions: partitions,
          replicationFactor: replication,
          configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
        })),
      });
    });
    for (const spec of specs) await this.#checkPartitions(spec);
  }

  /**
   * Deletes every topic and consumer group whose name begins with the prefix, for runs that leave nothing behind.
   * Groups that still have members are left to expire. @throws RangeError without a prefix: that would be everything.
   */
  async removePrefixed(): Promise<void> {
    const { topicPrefix } = this.#settings;
    if (topicPrefix === '') throw new RangeError('without a topic prefix every topic of the broker would be deleted');
    await this.#administer(`delete topics and groups ${topicPrefix}*`, async (admin) => {
      const topics = (await admin.listTopics()).filter((name) => name.startsWith(topicPrefix));
      if (topics.length > 0) await admin.deleteTopics({ topics });
      const { groups } = await admin.listGroups();
      const own = groups.map(({ groupId }) => groupId).filter((name) => name.startsWith(topicPrefix));
      if (own.length > 0)
        await admin.deleteGroups(own).catch((error: unknown) => this.#log.debug('groups stay', { error }));
    });
  }

  async partitionCount(topic: string): Promise<number> {
    const name = this.topic(topic);
    return this.#administer(`look up ${name}`, async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
      return topics[0]?.partitions.length ?? 0;
    });
  }

  /** Earliest and end (next) offset of each partition, by partition number. */
  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    const name = this.topic(topic);
    return this.#administer(`look up the offsets of ${name}`, async (admin) => {
      const found = await admin.fetchTopicOffsets(name);
      return found
        .map(({ partition, low, high }) => ({ partition, low: Number(low), end: Number(high) }))
        .sort((a, b) => a.partition - b.partition);
    });
  }

  /** What a group has committed, by partition; partitions without a commit are left out. */
  async committed(group: string, topic: string): Promise<ReadonlyMap<number, Committed>> {
    const name = this.topic(topic);
    const groupId = this.#group(group);
    return this.#administer(`look up the commits of group ${groupId}`, async (admin) => {
      const found = await admin.fetchOffsets({ groupId, topics: [name] });
      const entries = found.flatMap(({ partitions }) => partitions).filter(({ offset }) => Number(offset) >= 0);
      return new Map(
        entries.map(({ partition, offset, metadata }) => [
          partition,
          { offset: Number(offset), metadata: metadata ?? '' },
        ]),
      );
    });
  }

  producer(): OrderedProducer {
    const producer = new KafkaOrderedProducer(this.#factory, (name) => this.topic(name), this.#log);
    this.#producers.add(producer);
    return producer;
  }

  /**
   * Messages of one partition from `from` (inclusive) to `to` (exclusive), in order; ends at `to`. Waits for a broker
   * that is away. @throws HeadraceError OFFSET_GONE below the log's begin, OFFSET_BEYOND_END beyond its end.
   */
  read(topic: string, partition: number, from: number, to: number): AsyncIterable<StreamMessage> {
    return this.#reader.read({ topic: this.topic(topic), partition, from, to });
  }

  /**
   * Joins a group and consumes until it is stopped. @throws HeadraceError TOPIC_MISSING. Resolves before the first
   * assignment.
   */
  async consume(options: ConsumeOptions): Promise<Consumption> {
    const topics = options.topics.map((name) => this.topic(name));
    for (const topic of topics) await this.partitionCount(topic);
    const group = this.#group(options.group);
    const consumption = new KafkaConsumption(this.#factory, this, { ...bound(options), topics, group }, this.#log);
    this.#consumptions.add(consumption);
    consumption.start();
    return consumption;
  }

  /** Stops what is left of consumptions, producers and readers. */
  async close(): Promise<void> {
    await Promise.all([...this.#consumptions].map((one) => one.stop()));
    await Promise.all([...this.#producers].map((one) => one.close()));
    await this.#reader.close();
    await this.#discardAdmin();
  }

  #group(name: string): string {
    return this.topic(name);
  }

  async #checkPartitions({ name, partitions }: TopicSpec): Promise<void> {
    const found = await this.#leaders(name);
    if (found >= partitions) return;
    throw new HeadraceError(
      'TOPIC_PARTITIONS',
      `${this.topic(name)} has ${found} partitions, but the configuration says ${partitions}; correct the configuration, or add the partitions and a fact for each.`,
      { context: { topic: this.topic(name), found, wanted: partitions } },
    );
  }

  /** Partitions of a topic that may have been made a moment ago, once each has a leader that every broker knows. */
  async #leaders(name: string): Promise<number> {
    const topic = this.topic(name);
    const until = Date.now() + CREATION_MS_MAX;
    for (;;) {
      try {
        return (await this.offsets(topic)).length;
      } catch (error) {
        const early = error instanceof HeadraceError && (error.code === 'TOPIC_MISSING' || error.action === 'retry');
        if (!early || Date.now() > until) throw error;
        await pause(CREATION_POLL_MS);
      }
    }
  }

  /** Runs one request on the admin client, which is thrown away after a failure. */
  #administer<T>(doing: string, task: (admin: Admin) => Promise<T>, triesMax = ADMIN_TRIES_MAX): Promise<T> {
    return persist(
      async () => {
        const used = this.#admin !== null;
        try {
          this.#admin ??= this.#connectAdmin();
          return await task(await this.#admin);
        } catch (error) {
          await this.#discardAdmin();
          const failure = kafkaError(error, doing, this.#settings);
          // A client remembers every topic that it was asked for, and once one of them is deleted it fails for all. And
          // two services that start at once both create.
          const stale = used && failure instanceof HeadraceError && failure.code === 'TOPIC_MISSING';
          if (!stale && rootOf(error).type !== 'TOPIC_ALREADY_EXISTS') throw failure;
          throw new HeadraceError('KAFKA_FAILED', failure.message, { cause: error });
        }
      },
      { log: this.#log, what: doing, triesMax },
    );
  }

  async #connectAdmin(): Promise<Admin> {
    const admin = this.#factory.create().admin({ retry: SHORT_RETRY });
    await admin.connect();
    return admin;
  }

  async #discardAdmin(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    if (admin !== null) await admin.then((one) => one.disconnect()).catch(() => undefined);
  }
}

/** The callbacks, called on the object that the caller gave. */
function bound(options: ConsumeOptions): ConsumeOptions {
  return {
    ...options,
    assigned: (place) => options.assigned(place),
    messages: (handle, messages) => options.messages(handle, messages),
    revoked: (place) => options.revoked(place),
  };
}
