/** Where to look next, line by line: URLs that answer now where things are left running, else how to come there. */
import type { RunningServices } from './pipeline.ts';
import { SERVICES } from './readings.ts';
import type { Run } from './summary.ts';

export function nextSteps({ options, servers }: Run, services: RunningServices, env: NodeJS.ProcessEnv): string[] {
  const read = [
    'README.md: how it works and how to point it at servers of your own',
    'ARCHITECTURE.md: the laws, each with the test that guards it',
  ];
  if (!options.keep) {
    return [
      'npm run demo -- --keep: leaves everything running, with its URLs',
      'npm run demo -- --giant: one account with 40 % of all events',
      ...read,
    ];
  }
  const address = URL.canParse(servers.clickhouse.url)
    ? new URL(servers.clickhouse.url).origin
    : servers.clickhouse.url;
  const prefix = env.TOPIC_PREFIX ? `, topics ${env.TOPIC_PREFIX}*` : '';
  return [
    ...SERVICES.map((name) => `${name}: http://127.0.0.1:${services[name].port}/health and /metrics`),
    `Kafka: ${servers.kafka.brokers}${prefix}`,
    `ClickHouse: ${address}, database ${env.CLICKHOUSE_DATABASE}; for example`,
    `  curl '${address}/?database=${env.CLICKHOUSE_DATABASE}' --data-binary 'SELECT * FROM suspense_by_cause FORMAT PrettyCompact'`,
    `  curl '${address}/?database=${env.CLICKHOUSE_DATABASE}' --data-binary 'SELECT leg, tag, currency, sum(amount) FROM settled_totals GROUP BY ALL FORMAT PrettyCompact'`,
    ...read,
  ];
}
