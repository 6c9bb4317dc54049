/** Administrative requests to Kafka: one admin client, thrown away after a failure. */
import { HeadraceError, type Logger } from '@headrace/platform';
import type { Admin } from 'kafkajs';
import { type ClientFactory, SHORT_RETRY } from './client.ts';
import { kafkaError, rootOf } from './failures.ts';
import { persist } from './retry.ts';
import type { TopicSpec } from './topics.ts';
import type { Administration } from './transport.ts';
import type { Committed, PartitionOffsets } from './types.ts';

/** Tries of one administrative request before its failure is the caller's. */
const ADMIN_TRIES_MAX = 4;

export class KafkaAdministration implements Administration {
  readonly #factory: ClientFactory;
  readonly #log: Logger;
  #admin: Promise<Admin> | null = null;

  constructor(factory: ClientFactory, log: Logger) {
    this.#factory = factory;
    this.#log = log;
  }

  async probe(): Promise<void> {
    await this.#request('connect', (admin) => admin.describeCluster(), 1);
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    await this.#request('create topics', async (admin) => {
      const existing = new Set(await admin.listTopics());
      const missing = specs.filter(({ name }) => !existing.has(name));
      if (missing.length === 0) return;
      await admin.createTopics({
        // kafkajs takes "not known here yet" for an error; we wait on our own.
        waitForLeaders: false,
        topics: missing.map(({ name, partitions, replication, config }) => ({
          topic: name,
          numPartitions: partitions,
          replicationFactor: replication,
          configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
        })),
      });
    });
  }

  async removePrefixed(): Promise<void> {
    const { topicPrefix } = this.#factory.settings;
    await this.#request(`delete topics and groups ${topicPrefix}*`, async (admin) => {
      const topics = (await admin.listTopics()).filter((name) => name.startsWith(topicPrefix));
      if (topics.length > 0) await admin.deleteTopics({ topics });
      const { groups } = await admin.listGroups();
      const own = groups.map(({ groupId }) => groupId).filter((name) => name.startsWith(topicPrefix));
      if (own.length > 0)
        await admin.deleteGroups(own).catch((error: unknown) => this.#log.debug('groups stay', { error }));
    });
  }

  partitionCount(topic: string): Promise<number> {
    return this.#request(`look up ${topic}`, async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.length ?? 0;
    });
  }

  offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    return this.#request(`look up the offsets of ${topic}`, async (admin) => {
      const found = await admin.fetchTopicOffsets(topic);
      return found
        .map(({ partition, low, high }) => ({ partition, low: Number(low), end: Number(high) }))
        .sort((a, b) => a.partition - b.partition);
    });
  }

  committed(group: string, topic: string): Promise<ReadonlyMap<number, Committed>> {
    return this.#request(`look up the commits of group ${group}`, async (admin) => {
      const found = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      const entries = found.flatMap(({ partitions }) => partitions).filter(({ offset }) => Number(offset) >= 0);
      return new Map(
        entries.map(({ partition, offset, metadata }) => [
          partition,
          { offset: Number(offset), metadata: metadata ?? '' },
        ]),
      );
    });
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = null;
    if (admin !== null) await admin.then((one) => one.disconnect()).catch(() => undefined);
  }

  #request<T>(doing: string, task: (admin: Admin) => Promise<T>, triesMax = ADMIN_TRIES_MAX): Promise<T> {
    return persist(
      async () => {
        const used = this.#admin !== null;
        try {
          this.#admin ??= this.#connect();
          return await task(await this.#admin);
        } catch (error) {
          await this.close();
          const failure = kafkaError(error, doing, this.#factory.settings);
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

  async #connect(): Promise<Admin> {
    const admin = this.#factory.create().admin({ retry: SHORT_RETRY });
    await admin.connect();
    return admin;
  }
}
