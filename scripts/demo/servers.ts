/** The demo's own connections to the servers: for positions and for the account. Read-only but for `removeTraces`. */
import { createLogger, readConfig } from '@headrace/platform';
import { clickhouseSettings, clickhouseSettingsSchema, Store } from '@headrace/store';
import { Broker, kafkaSettings, kafkaSettingsSchema, TOPICS } from '@headrace/stream';
import type { Place } from './pipeline.ts';
import type { Query } from './stored.ts';

/** Which topic is loaded into which table. */
const LOADED = [
  { topic: TOPICS.rated, table: 'rated_usage' },
  { topic: TOPICS.suspense, table: 'suspended_usage' },
  { topic: TOPICS.invoiceTotals, table: 'invoice_total_deltas' },
] as const;

export class Connections {
  readonly #broker: Broker;
  readonly #store: Store;

  private constructor(broker: Broker, store: Store) {
    this.#broker = broker;
    this.#store = store;
  }

  /** @throws HeadraceError when a server does not answer or refuses the credentials. */
  static async open(env: NodeJS.ProcessEnv): Promise<Connections> {
    const log = createLogger('demo', { level: 'error' });
    const broker = await Broker.connect(kafkaSettings(readConfig(kafkaSettingsSchema, env)), log);
    const store = await Store.connect(clickhouseSettings(readConfig(clickhouseSettingsSchema, env)), log);
    return new Connections(broker, store);
  }

  readonly query: Query = (sql) => this.#store.query(sql);

  /** Next offset of the reference log. */
  async referenceEnd(): Promise<number> {
    const offsets = await this.#broker.offsets(TOPICS.referenceLog);
    return offsets.reduce((sum, { end }) => sum + end, 0);
  }

  /**
   * Null when ClickHouse holds all that the topics hold, else what is missing, in words.
   * @param referenceGuided next position of the reference log that is not guided yet
   */
  async whatIsMissing(referenceGuided: number): Promise<string | null> {
    const facts = await this.referenceEnd();
    if (referenceGuided < facts) return `reference facts are guided to ${referenceGuided} of ${facts}`;
    const guided = await this.#broker.offsets(TOPICS.guided);
    const rated = await this.#broker.offsets(TOPICS.rated);
    for (const { partition, end } of guided) {
      const answered = rated.find((offsets) => offsets.partition === partition)?.end ?? 0;
      if (answered < end) return `the rater has answered ${answered} of ${end} blocks of guided partition ${partition}`;
    }
    for (const { topic, table } of LOADED) {
      const missing = await this.#notLoaded(topic, table);
      if (missing !== null) return missing;
    }
    return null;
  }

  async close(): Promise<void> {
    await this.#broker.close();
    await this.#store.close();
  }

  /** Removes what a run left on servers that are not ours. The services must have ended. */
  async removeTraces(
    { topicPrefix, database }: Place,
    servers: { kafka: boolean; clickhouse: boolean },
  ): Promise<void> {
    if (servers.kafka && topicPrefix !== '') await this.#broker.removePrefixed();
    if (servers.clickhouse) await this.#store.command(`DROP DATABASE IF EXISTS ${database} SYNC`);
  }

  async #notLoaded(topic: string, table: string): Promise<string | null> {
    const ends = await this.#broker.offsets(topic);
    const positions = await this.#store.loadedPositions(table);
    for (const { partition, end } of ends) {
      // A topic of one partition holds blocks of many sources, whose own partitions are others.
      const own = positions.filter((position) => ends.length === 1 || position.partition === partition);
      const next = own.reduce((most, { nextOffset }) => Math.max(most, nextOffset), 0);
      if (next < end) return `${table} holds ${next} of ${end} blocks of ${topic}, partition ${partition}`;
    }
    return null;
  }
}
