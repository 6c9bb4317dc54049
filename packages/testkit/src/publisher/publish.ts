/**
 * Sends a workload to Kafka as a mediation system would.
 *
 * 1. One send is in flight; while it is, the next batch is made. So messages of a partition keep their order.
 * 2. What a report counts was acknowledged by all in-sync replicas.
 * 3. Memory holds two batches, however many events there are.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ProduceAcks } from '@platformatic/kafka';
import type {
  KafkaConnection,
  PublishFactsOptions,
  PublishFactsReport,
  PublishOptions,
  PublishReport,
} from '../contract.ts';
import { newWorkloadCounts } from '../workload/counts.ts';
import { createProducer, type RawProducer } from './connection.ts';
import { kafkaFailure } from './failures.ts';

const BATCH_MESSAGES_MAX = 4_000;
const BATCH_BYTES_MAX = 1_000_000;

const RECEIVED_AT = Buffer.from('received-at');

interface OutgoingMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key?: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
}

/** @throws HeadraceError KAFKA_UNREACHABLE, KAFKA_AUTHENTICATION, TOPIC_MISSING, ...; the signal's reason when aborted. */
export async function publish(options: PublishOptions): Promise<PublishReport> {
  const topic = `${options.topicPrefix ?? ''}usage.events`;
  const counts = newWorkloadCounts();
  const producer = createProducer(options.connection, options.compression ?? 'zstd');
  const sender = new Sender(producer, options.connection, topic);
  const sent = { messages: 0, events: 0, bytes: 0 };
  const started = performance.now();
  const order = options.order ?? 'natural';
  let { halfway } = options;
  try {
    for (const message of options.workload.messages({ partitions: options.partitions, order, counts })) {
      const { partition, key, value, receivedAtMs } = message;
      sender.add(outgoing(topic, partition, key, value, receivedAtMs), () => {
        sent.messages++;
        sent.events += message.events;
        sent.bytes += value.length;
      });
      if (!sender.full) continue;
      await sender.flush(options.signal);
      options.onProgress?.({ ...sent });
      if (halfway !== undefined && sent.events * 2 >= options.workload.options.events) {
        await sender.settled();
        await halfway();
        halfway = undefined;
      }
      await keepPace(sent.events, started, options.eventsPerSecondMax, options.signal);
    }
    await sender.flush(options.signal);
    await sender.settled();
    await halfway?.();
  } finally {
    await sender.close();
  }
  options.onProgress?.({ ...sent });
  return { ...sent, counts, seconds: (performance.now() - started) / 1000 };
}

/** Sends reference facts in their order to `reference.log`. Throws as `publish` does. */
export async function publishFacts(options: PublishFactsOptions): Promise<PublishFactsReport> {
  const topic = `${options.topicPrefix ?? ''}reference.log`;
  // Always compressed: a price book of some megabytes must fit into a broker's usual limit.
  const producer = createProducer(options.connection, 'zstd');
  const sender = new Sender(producer, options.connection, topic);
  const sent = { messages: 0, facts: 0 };
  try {
    for (const batch of options.batches) {
      sender.add(outgoing(topic, 0, null, Buffer.from(batch.json), options.receivedAtMs), () => {
        sent.messages++;
        sent.facts += batch.facts.length;
      });
      if (!sender.full) continue;
      await sender.flush(options.signal);
      options.onProgress?.(sent.facts);
    }
    await sender.flush(options.signal);
    await sender.settled();
  } finally {
    await sender.close();
  }
  options.onProgress?.(sent.facts);
  return { ...sent };
}

function outgoing(
  topic: string,
  partition: number,
  key: string | null,
  value: Buffer,
  receivedAtMs: number,
): OutgoingMessage {
  const headers = new Map([[RECEIVED_AT, Buffer.from(String(receivedAtMs))]]);
  return { topic, partition, value, headers, ...(key === null ? {} : { key: Buffer.from(key) }) };
}

async function keepPace(events: number, started: number, max: number | undefined, signal?: AbortSignal): Promise<void> {
  if (max === undefined) return;
  const ahead = (events / max) * 1000 - (performance.now() - started);
  if (ahead > 0) await sleep(ahead, undefined, signal === undefined ? {} : { signal });
}

/** Collects messages and sends them, one batch after the other. */
class Sender {
  readonly #producer: RawProducer;
  readonly #connection: KafkaConnection;
  readonly #topic: string;
  #batch: OutgoingMessage[] = [];
  #bytes = 0;
  #acknowledged: (() => void)[] = [];
  #inFlight: Promise<void> = Promise.resolve();

  constructor(producer: RawProducer, connection: KafkaConnection, topic: string) {
    this.#producer = producer;
    this.#connection = connection;
    this.#topic = topic;
  }

  get full(): boolean {
    return this.#batch.length >= BATCH_MESSAGES_MAX || this.#bytes >= BATCH_BYTES_MAX;
  }

  /** @param acknowledged called once the message is */
  add(message: OutgoingMessage, acknowledged: () => void): void {
    this.#batch.push(message);
    this.#bytes += message.value.length;
    this.#acknowledged.push(acknowledged);
  }

  /** Waits for the batch before, then starts to send this one. */
  async flush(signal?: AbortSignal): Promise<void> {
    await this.#inFlight;
    signal?.throwIfAborted();
    if (this.#batch.length === 0) return;
    this.#inFlight = this.#send(this.#batch, this.#acknowledged);
    // Awaited by the next flush; until then a rejection must not count as unhandled.
    this.#inFlight.catch(() => undefined);
    this.#batch = [];
    this.#acknowledged = [];
    this.#bytes = 0;
  }

  async settled(): Promise<void> {
    await this.#inFlight;
  }

  async #send(messages: OutgoingMessage[], acknowledged: readonly (() => void)[]): Promise<void> {
    try {
      await this.#producer.send({ messages, acks: ProduceAcks.ALL });
    } catch (cause) {
      throw kafkaFailure(cause, this.#connection, `send to ${this.#topic}`);
    }
    for (const confirm of acknowledged) confirm();
  }

  async close(): Promise<void> {
    await this.#inFlight.catch(() => undefined);
    await this.#producer.close();
  }
}
