/** Things that tests do to a broker and that are no business of this room: deleting topics and records, transactions. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { Kafka, logLevel } from '../src/kafkajs.ts';

function kafka() {
  return new Kafka({ brokers: (process.env.KAFKA_BROKERS ?? '').split(','), logLevel: logLevel.NOTHING });
}

async function administer(task: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = kafka().admin();
  await admin.connect();
  try {
    await task(admin);
  } finally {
    await admin.disconnect();
  }
}

export function deleteTopic(topic: string): Promise<void> {
  return administer(async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    while ((await admin.listTopics()).includes(topic)) await sleep(50);
  });
}

/** What retention does, at once. */
export function deleteRecordsBelow(topic: string, partition: number, offset: number): Promise<void> {
  return administer(async (admin) => {
    // kafkajs 2.2.4 looks for the leader before it has loaded any metadata.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  });
}

/** Two messages of a transaction that commits, two of one that aborts, one without; with two markers: 7 offsets. */
export async function writeTransactions(topic: string): Promise<void> {
  const producer = kafka().producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const one = await producer.transaction();
  await one.send({ topic, messages: [{ value: 'kept 1' }, { value: 'kept 2' }] });
  await one.commit();
  const two = await producer.transaction();
  await two.send({ topic, messages: [{ value: 'aborted 1' }, { value: 'aborted 2' }] });
  await two.abort();
  await producer.disconnect();
  const plain = kafka().producer();
  await plain.connect();
  await plain.send({ topic, messages: [{ value: 'plain' }] });
  await plain.disconnect();
}
