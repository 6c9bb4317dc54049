/** Publishers compress as they like: what another client sends with any codec of Kafka is read whole. */
import { randomUUID } from 'node:crypto';
import { createLogger } from '@headrace/platform';
import { Broker, TOPICS, topicSpecs } from '@headrace/stream';
import { createWorkload, publish } from '@headrace/testkit';
import { afterEach, expect, it } from 'vitest';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
let broker: Broker | null = null;

afterEach(async () => {
  await broker?.close();
});

it.each(['none', 'gzip', 'lz4', 'zstd'] as const)('reads what was published with %s', async (compression) => {
  const topicPrefix = `t${randomUUID().slice(0, 8)}.`;
  broker = await Broker.connect(
    { brokers, clientId: 'compression-test', topicPrefix },
    createLogger('test', { level: 'error' }),
  );
  await broker.ensureTopics(topicSpecs({ raw: 1, guided: 1, generation: 1, replication: 1 }));
  const workload = createWorkload({ seed: 'compression', events: 2_000, scale: 'XS' });
  const report = await publish({ connection: { brokers }, topicPrefix, workload, partitions: 1, compression });
  const [{ end }] = await broker.offsets(TOPICS.usageEvents);
  let bytes = 0;
  let messages = 0;
  for await (const { value } of broker.read(TOPICS.usageEvents, 0, 0, end)) {
    bytes += value?.length ?? 0;
    messages += 1;
  }
  expect([messages, bytes]).toEqual([report.messages, report.bytes]);
});
