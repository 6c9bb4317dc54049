/** The publisher against a real broker: what was sent is what lies in the topics, in order. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { HeadraceError } from '@headrace/platform';
import { Admin, Consumer } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import {
  createWorkload,
  type KafkaConnection,
  kafkaConnectionFromEnvironment,
  newWorkloadCounts,
  publish,
  publishFacts,
  type RawMessage,
} from '../../src/index.ts';
import { testSeed } from '../support/seed.ts';

interface Found {
  readonly partition: number;
  readonly value: Buffer;
  readonly key: string | null;
  readonly receivedAt: string | undefined;
}

async function makeTopic(connection: KafkaConnection, topic: string, partitions: number): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...connection.brokers] });
  await admin.createTopics({
    topics: [topic],
    partitions,
    replicas: 1,
    configs: [{ name: 'max.message.bytes', value: '8388608' }],
  });
  await admin.close();
}

async function readAll(connection: KafkaConnection, topic: string, count: number): Promise<Found[]> {
  const consumer = new Consumer({
    groupId: `test-${randomBytes(4).toString('hex')}`,
    clientId: 'test',
    bootstrapBrokers: [...connection.brokers],
  });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
  const found: Found[] = [];
  for await (const message of stream) {
    const { partition, value, key, headers } = message;
    const receivedAt = [...headers].find(([name]) => String(name) === 'received-at')?.[1]?.toString();
    found.push({ partition, value, key: key?.toString() ?? null, receivedAt });
    if (found.length === count) break;
  }
  await stream.close();
  await consumer.close(true);
  return found;
}

function asFound({ partition, value, key, receivedAtMs }: RawMessage): Found {
  return { partition, value, key, receivedAt: String(receivedAtMs) };
}

/** By partition, in the order within each. */
function byPartition(messages: readonly Found[]): string[] {
  const sorted = messages.map((message, index) => ({ message, index }));
  sorted.sort((a, b) => a.message.partition - b.message.partition || a.index - b.index);
  return sorted.map(({ message }) => {
    const { partition, key, receivedAt, value } = message;
    return `${partition} ${key} ${receivedAt} ${value.toString('base64')}`;
  });
}

const seed = testSeed();
describe(`publisher (seed ${seed})`, () => {
  const workload = createWorkload({ seed, events: 6_000, scale: 'XS' });

  test.each(['zstd', 'gzip', 'lz4', 'none'] as const)('events with compression %s, in order', async (compression) => {
    const connection = kafkaConnectionFromEnvironment();
    const topicPrefix = `t${randomBytes(6).toString('hex')}.`;
    const partitions = 3;
    const order = compression === 'zstd' ? 'natural' : { shuffleSeed: seed };
    await makeTopic(connection, `${topicPrefix}usage.events`, partitions);
    const counts = newWorkloadCounts();
    const expected = [...workload.messages({ partitions, order, counts })];
    const progress: number[] = [];
    const halfways: number[] = [];
    const report = await publish({
      connection,
      topicPrefix,
      workload,
      partitions,
      compression,
      order,
      onProgress: ({ events }) => progress.push(events),
      halfway: async () => void halfways.push(progress.at(-1) ?? 0),
    });
    expect(halfways).toHaveLength(1);
    expect(report.counts).toEqual(counts);
    expect(report).toMatchObject({ messages: counts.messages, events: counts.published, bytes: counts.bytes });
    expect(progress.at(-1)).toBe(counts.published);
    const found = await readAll(connection, `${topicPrefix}usage.events`, expected.length);
    expect(byPartition(found)).toEqual(byPartition(expected.map(asFound)));
  });

  test('facts, one message a batch, in order and with their receipt time', async () => {
    const connection = kafkaConnectionFromEnvironment();
    const topicPrefix = `t${randomBytes(6).toString('hex')}.`;
    await makeTopic(connection, `${topicPrefix}reference.log`, 1);
    const batches = [...workload.facts()];
    const receivedAtMs = workload.windowStartMs;
    const report = await publishFacts({ connection, topicPrefix, batches, receivedAtMs });
    const facts = batches.reduce((sum, batch) => sum + batch.facts.length, 0);
    expect(report).toEqual({ messages: batches.length, facts });
    const found = await readAll(connection, `${topicPrefix}reference.log`, batches.length);
    expect(found.map(({ value }) => value.toString())).toEqual(batches.map((batch) => batch.json));
    expect(new Set(found.map((message) => message.receivedAt))).toEqual(new Set([String(receivedAtMs)]));
  });

  test('a topic that is not there, a broker that does not answer, an abort: errors that say so', async () => {
    const connection = kafkaConnectionFromEnvironment();
    const topicPrefix = `t${randomBytes(6).toString('hex')}.`;
    const missing = publish({ connection, topicPrefix, workload, partitions: 1 });
    await expect(missing).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
    await expect(missing).rejects.toBeInstanceOf(HeadraceError);
    const nobody = { brokers: [`127.0.0.1:${await closedPort()}`] };
    await expect(publish({ connection: nobody, workload, partitions: 1 })).rejects.toMatchObject({
      code: 'KAFKA_UNREACHABLE',
      message: expect.stringContaining(nobody.brokers[0] ?? ''),
    });
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(publish({ connection, topicPrefix, workload, partitions: 1, signal })).rejects.toThrow('stopped');
  });

  test('the connection is read from the environment', () => {
    const environment = {
      KAFKA_BROKERS: 'a:1, b:2',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_USERNAME: 'u',
      KAFKA_PASSWORD: 'p',
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: '/ca.pem',
    };
    expect(kafkaConnectionFromEnvironment(environment)).toEqual({
      brokers: ['a:1', 'b:2'],
      clientId: 'headrace-publisher',
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
      tls: { caFile: '/ca.pem' },
    });
    const noUser = { KAFKA_BROKERS: 'a:1', KAFKA_SASL_MECHANISM: 'plain' };
    expect(() => kafkaConnectionFromEnvironment(noUser)).toThrow(/KAFKA_USERNAME/);
  });
});

/** A port on which nothing listens. */
function closedPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
