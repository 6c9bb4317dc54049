/**
 * The one configuration of vitest. A package's `vitest.config.ts` calls `room` and says whether its tests need servers.
 * Results also go to the package's `.cache/vitest.json`, from which `npm test` adds up its last line.
 */
import { createRequire } from 'node:module';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

export interface RoomOptions {
  /** Servers that are there before the first test: `KAFKA_BROKERS`, `CLICKHOUSE_URL` or both are set. */
  readonly servers?: 'kafka' | 'clickhouse' | 'both';
  /** Which files; the default is all tests of the package. */
  readonly include?: readonly string[];
}

/** The vitest configuration of one package. */
export function room(options: RoomOptions = {}): ViteUserConfig {
  const setups = { kafka: 'vitest-setup-kafka', clickhouse: 'vitest-setup-clickhouse', both: 'vitest-setup' };
  const { resolve } = createRequire(import.meta.url);
  const setup = options.servers === undefined ? [] : [setups[options.servers]];
  return defineConfig({
    test: {
      include: [...(options.include ?? ['test/**/*.test.ts'])],
      globalSetup: setup.map((name) => resolve(`@headrace/embedded/${name}`)),
      pool: 'forks',
      // Two cores, and several packages may test at once.
      maxWorkers: 2,
      // On a machine that is busy with other things a broker may take a minute to start.
      testTimeout: 240_000,
      hookTimeout: 240_000,
      teardownTimeout: 120_000,
      reporters: ['default', 'json'],
      outputFile: { json: '.cache/vitest.json' },
    },
  });
}
