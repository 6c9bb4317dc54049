/**
 * A connection to Kafka for writing.
 *
 * The client is not idempotent on purpose. Idempotence in kafkajs 2.2.4 can lose acknowledged messages after a failed
 * send, and it could not help here: its promise ends with the client, which does not outlive a failure.
 */
import type { Message, Producer } from 'kafkajs';
import { type ClientFactory, METADATA_AGE_MS_MAX } from './client.ts';
import { CompressionTypes } from './kafkajs.ts';
import type { Sender } from './transport.ts';
import type { OutgoingBatch, OutgoingMessage } from './types.ts';

export async function connectSender(factory: ClientFactory): Promise<Sender> {
  const producer = factory.create().producer({
    idempotent: false,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    metadataMaxAge: METADATA_AGE_MS_MAX,
    // kafkajs must not repeat a send on its own: it would do so behind the one that may still arrive.
    retry: { retries: 0 },
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  await producer.connect();
  return { send: (batches) => sendBatches(producer, batches), close: () => producer.disconnect() };
}

async function sendBatches(producer: Producer, batches: readonly OutgoingBatch[]): Promise<readonly number[]> {
  const acknowledged = await producer.sendBatch({
    acks: -1,
    compression: CompressionTypes.ZSTD,
    topicMessages: batches.map(({ topic, partition, messages }) => ({
      topic,
      messages: messages.map((message) => toKafka(message, partition)),
    })),
  });
  return batches.map(({ topic, partition }) => {
    const found = acknowledged.find((one) => one.topicName === topic && one.partition === partition);
    return Number(found?.baseOffset ?? '-1');
  });
}

function toKafka(message: OutgoingMessage, partition: number): Message {
  const { value } = message;
  return {
    partition,
    key: message.key ?? null,
    value:
      value === null || Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    ...(message.headers === undefined ? {} : { headers: { ...message.headers } }),
    ...(message.timestampMs === undefined ? {} : { timestamp: String(message.timestampMs) }),
  };
}
