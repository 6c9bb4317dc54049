/** Global setup of vitest for tests that need Kafka alone: uses KAFKA_BROKERS, else starts an embedded broker. */
import { startKafka } from './kafka/index.ts';

export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.KAFKA_BROKERS) return async () => undefined;
  const kafka = await startKafka();
  // Workers are forked after this and inherit it.
  process.env.KAFKA_BROKERS = kafka.brokers;
  return () => kafka.stop();
}
