/** Global setup of vitest for tests that need ClickHouse alone: uses CLICKHOUSE_URL, else starts an embedded one. */
import { startClickHouse } from './clickhouse/index.ts';

export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.CLICKHOUSE_URL) return async () => undefined;
  const clickhouse = await startClickHouse({ log: () => undefined });
  process.env.CLICKHOUSE_URL = clickhouse.url;
  return () => clickhouse.stop();
}
