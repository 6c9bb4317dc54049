/** Global setup of vitest for tests that need both servers: those of the environment, else embedded ones. */
import setupClickHouse from './vitest-setup-clickhouse.ts';
import setupKafka from './vitest-setup-kafka.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const started = await Promise.allSettled([setupKafka(), setupClickHouse()]);
  const stop = async () => {
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value() : undefined)));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return stop;
}
