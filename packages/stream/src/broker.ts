/**
 * A Kafka cluster, one object for each process: topics, offsets, and the makers of producers, readers and consumptions.
 * Names are taken with or without the prefix and given with it.
 */
import { HeadraceError, type Logger } from '@headrace/platform';
import { PartitionedConsumption } from './consumption.ts';
import { kafkaTransport } from './kafka-transport.ts';
import { SingleFlightProducer } from './producer.ts';
import { RangeReader } from './reader.ts';
import { pause } from './retry.ts';
import type { KafkaSettings } from './settings.ts';
import type { TopicSpec } from './topics.ts';
import type { Transport } from './transport.ts';
import type {
  Committed,
  ConsumeOptions,
  Consumption,
  MessagePlace,
  OrderedProducer,
  PartitionOffsets,
  StreamMessage,
} from './types.ts';

/** How long a new topic may take until all brokers know it. */
const CREATION_MS_MAX = 15_000;
const CREATION_POLL_MS = 100;

export class Broker {
  readonly #transport: Transport;
  readonly #log: Logger;
  readonly #reader: RangeReader;
  readonly #producers = new Set<OrderedProducer>();
  readonly #consumptions = new Set<Consumption>();

  private constructor(transport: Transport, log: Logger) {
    this.#transport = transport;
    this.#log = log;
    this.#reader = new RangeReader(transport, log);
  }

  /** @throws HeadraceError KAFKA_UNREACHABLE, KAFKA_AUTHENTICATION or KAFKA_TLS, in one sentence with the cure. */
  static async connect(settings: KafkaSettings, log: Logger): Promise<Broker> {
    return Broker.over(kafkaTransport(settings, log), log);
  }

  /** The same over another transport. */
  static async over(transport: Transport, log: Logger): Promise<Broker> {
    const broker = new Broker(transport, log);
    try {
      await transport.administration.probe();
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  /** The topic's name with the prefix. */
  topic(name: string): string {
    const { topicPrefix } = this.#transport.settings;
    return name.startsWith(topicPrefix) ? name : topicPrefix + name;
  }

  /**
   * Creates the topics that are missing. @throws HeadraceError TOPIC_PARTITIONS if one exists with fewer partitions.
   * (More are left alone: who added them reads them.)
   */
  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    const full = specs.map((spec) => ({ ...spec, name: this.topic(spec.name) }));
    await this.#transport.administration.createTopics(full);
    for (const spec of specs) await this.#checkPartitions(spec);
  }

  /**
   * Deletes every topic and consumer group whose name begins with the prefix, for runs that leave nothing behind.
   * Groups that still have members are left to expire. @throws RangeError without a prefix: that would be everything.
   */
  async removePrefixed(): Promise<void> {
    const { topicPrefix } = this.#transport.settings;
    if (topicPrefix === '') throw new RangeError('without a topic prefix every topic of the broker would be deleted');
    await this.#transport.administration.removePrefixed();
  }

  async partitionCount(topic: string): Promise<number> {
    return this.#transport.administration.partitionCount(this.topic(topic));
  }

  /** Earliest and end (next) offset of each partition, by partition number. */
  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    return this.#transport.administration.offsets(this.topic(topic));
  }

  /** What a group has committed, by partition; partitions without a commit are left out. */
  async committed(group: string, topic: string): Promise<ReadonlyMap<number, Committed>> {
    return this.#transport.administration.committed(this.#group(group), this.topic(topic));
  }

  producer(): OrderedProducer {
    const producer = new SingleFlightProducer(this.#transport, (name) => this.topic(name), this.#log);
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
   * The message at a place, read anew over a connection of its own, for one that arrived damaged: kafkajs checks no CRC,
   * so what a network card or a proxy did to the bytes shows only in what they say. Null where the log has none there.
   */
  async readAgain({ topic, partition, offset }: MessagePlace): Promise<StreamMessage | null> {
    for await (const message of this.read(topic, partition, offset, offset + 1)) return message;
    return null;
  }

  /**
   * Joins a group and consumes until it is stopped. @throws HeadraceError TOPIC_MISSING. Resolves before the first
   * assignment.
   */
  async consume(options: ConsumeOptions): Promise<Consumption> {
    const topics = options.topics.map((name) => this.topic(name));
    for (const topic of topics) await this.partitionCount(topic);
    const group = this.#group(options.group);
    const consumption = new PartitionedConsumption(this.#transport, { ...bound(options), topics, group }, this.#log);
    this.#consumptions.add(consumption);
    consumption.start();
    return consumption;
  }

  /** Stops what is left of consumptions, producers and readers. */
  async close(): Promise<void> {
    await Promise.all([...this.#consumptions].map((one) => one.stop()));
    await Promise.all([...this.#producers].map((one) => one.close()));
    await this.#reader.close();
    await this.#transport.close();
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
