/**
 * `headrace init`: makes an empty Kafka and ClickHouse ready: topics, tables, and the first facts of the reference log
 * (how many guided partitions there are, which fold is in force, the raw partitions, the built-in writer schemas).
 *
 * Every step is harmless when repeated: topics and tables that are there stay, and a fact whose id is known is nothing.
 */
import { schemaManifest } from '@headrace/codec';
import { type Logger, readConfig } from '@headrace/platform';
import { FOLD_VERSION, type ReferenceFact } from '@headrace/rating';
import { clickhouseSettings, Store } from '@headrace/store';
import { Broker, kafkaSettings, TOPICS, topicSpecs } from '@headrace/stream';
import { type Command, readWords, wholeNumber } from './command.ts';
import { configSchema } from './config.ts';
import { publishFacts } from './reference-log.ts';

const HELP = `headrace init [--raw-partitions N] [--guided-partitions N] [--replication N] [--json]

Creates what is missing: topics, ClickHouse tables, first facts of the reference log. May be repeated.

  --raw-partitions N      partitions of usage.events (4); may be raised later by running init again
  --guided-partitions N   partitions that rating is shared out over (4); fixed from the first run on
  --replication N         replicas of each topic (1)
  --json                  say what was done as one JSON object

Example:
  KAFKA_BROKERS=127.0.0.1:9092 CLICKHOUSE_URL=http://127.0.0.1:8123 npx headrace init
`;

interface InitOptions {
  readonly raw: number;
  readonly guided: number;
  readonly replication: number;
}

export const command: Command = {
  help: HELP,
  async run(words, log) {
    const { values } = readWords(words, {
      'raw-partitions': { type: 'string' },
      'guided-partitions': { type: 'string' },
      replication: { type: 'string' },
      json: { type: 'boolean' },
    });
    const options = {
      raw: wholeNumber('raw-partitions', values['raw-partitions'], 4, 1_000),
      guided: wholeNumber('guided-partitions', values['guided-partitions'], 4, 1_000),
      replication: wholeNumber('replication', values.replication, 1, 10),
    };
    const done = await init(options, log);
    process.stdout.write(
      values.json === true
        ? `${JSON.stringify(done)}\n`
        : `Topics: ${done.topics} ready. ClickHouse: ${done.migrations} migrations applied now. Reference log: ${done.facts} facts written.\n`,
    );
    return 0;
  },
};

async function init(
  options: InitOptions,
  log: Logger,
): Promise<{ readonly topics: number; readonly migrations: number; readonly facts: number }> {
  const config = readConfig(configSchema);
  const broker = await Broker.connect(kafkaSettings(config), log);
  try {
    const specs = topicSpecs({ ...options, generation: 1 });
    await broker.ensureTopics(specs);
    const store = await Store.connect(clickhouseSettings(config), log);
    const migrations = await store.migrate();
    await store.close();
    const raw = await broker.partitionCount(TOPICS.usageEvents);
    const facts = await publishFacts(broker, firstFacts(options.guided, raw, config.SCHEMA_REGISTRY_URL === undefined));
    return { topics: specs.length, migrations: migrations.length, facts };
  } finally {
    await broker.close();
  }
}

function firstFacts(guided: number, raw: number, builtInSchemas: boolean): readonly ReferenceFact[] {
  const facts: ReferenceFact[] = [
    { kind: 'guidedPartitions', id: 'guided-partitions/1', generation: 1, count: guided },
    { kind: 'foldVersion', id: `fold-version/${FOLD_VERSION}`, version: FOLD_VERSION },
  ];
  for (let partition = 0; partition < raw; partition += 1) {
    facts.push({ kind: 'rawPartition', id: `raw-partition/${partition}`, partition });
  }
  if (builtInSchemas) {
    for (const { id, subject, schema } of schemaManifest()) {
      if (subject === 'usage-event') facts.push({ kind: 'schema', id: `schema/${id}`, schemaId: id, schema });
    }
  }
  return facts;
}
