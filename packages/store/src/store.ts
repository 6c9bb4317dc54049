/**
 * ClickHouse, as the services use it: the sole user of @clickhouse/client.
 *
 * It owns connections, migrations, the exact insertion of blocks and the mapping of errors. It does not own what the
 * tables mean, nor when a block is inserted: that is the loader's.
 *
 * 1. 64-bit integers and decimals come back as strings with all their digits.
 * 2. A block goes in whole and once; a repeat of the same token is nothing.
 * 3. Every error is a HeadraceError; one with the action `retry` may pass by itself.
 */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import { HeadraceError, type Logger, retrying } from '@headrace/platform';
import { MIGRATE_COMMAND, storeError } from './errors.ts';
import { type BlockInsert, INSERT_TIMEOUT_MS, type InsertedBlock, insertSettings } from './insert.ts';
import { type AppliedMigration, MIGRATIONS_FOLDER, MIGRATIONS_TABLE, pending, readMigrations } from './migrations.ts';
import {
  type KnownBlock,
  type KnownBlockRow,
  knownBlock,
  LOADED_BLOCK_QUERY,
  LOADED_POSITIONS_QUERY,
  type LoadedBlock,
  type LoadedPosition,
  type LoadedPositionRow,
  loadedBlockRow,
  loadedPosition,
  type Position,
} from './positions.ts';
import { type ControlTotalsRecord, FINDINGS_QUERY, type FindingRecord, findingRecord, recordRow } from './records.ts';
import type { StoreSettings } from './settings.ts';
import { TABLES } from './tables.ts';

/** Values for {name:Type} in a statement. */
export type QueryParameters = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

const CONNECTIONS_MAX = 16;
/** Below the keep-alive time of any server and proxy, so that no request goes out on a connection just closed. */
const IDLE_SOCKET_MS = 2_500;

const EXACT: ClickHouseSettings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  date_time_output_format: 'iso',
};

export class Store {
  readonly #client: ClickHouseClient;
  readonly #settings: StoreSettings;
  readonly #log: Logger;

  private constructor(client: ClickHouseClient, settings: StoreSettings, log: Logger) {
    this.#client = client;
    this.#settings = settings;
    this.#log = log;
  }

  get database(): string {
    return this.#settings.database;
  }

  /**
   * Connects and proves that the server answers and takes the credentials; the database need not exist yet.
   * Errors: CLICKHOUSE_UNREACHABLE, CLICKHOUSE_AUTHENTICATION, CLICKHOUSE_TLS, CONFIG_INVALID for an unreadable CA file.
   */
  static async connect(settings: StoreSettings, log: Logger): Promise<Store> {
    const client = makeClient(settings);
    const store = new Store(client, settings, log);
    try {
      await store.#outside('SELECT 1');
      return store;
    } catch (cause) {
      await client.close();
      throw storeError(cause, settings, 'answer');
    }
  }

  /**
   * Creates the database and brings its tables up to date; returns the names of the files applied now. Harmless when
   * several do it at once. Errors: MIGRATION_FAILED for a changed or wrong file or a failing statement.
   */
  async migrate(folder: string = MIGRATIONS_FOLDER): Promise<readonly string[]> {
    const migrations = await readMigrations(folder);
    await this.#guard(`create database ${this.database}`, async () => {
      await this.#outside(`CREATE DATABASE IF NOT EXISTS ${this.database}`);
      await this.#client.command({ query: MIGRATIONS_TABLE });
    });
    const open = pending(migrations, await this.#applied());
    for (const { version, name, digest, statements } of open) {
      for (const query of statements) {
        await this.#guard(`apply ${name}`, () => this.#client.command({ query }), 'MIGRATION_FAILED');
      }
      await this.insertRows('schema_migrations', [{ version, name, digest }]);
      this.#log.info('migration applied', { name, database: this.database });
    }
    return open.map(({ name }) => name);
  }

  /** Throws CLICKHOUSE_SCHEMA where the database or a migration is missing, MIGRATION_FAILED where one was changed. */
  async requireSchema(folder: string = MIGRATIONS_FOLDER): Promise<void> {
    const [first, ...more] = pending(await readMigrations(folder), await this.#applied());
    if (first === undefined) return;
    const text = `Database "${this.database}" lacks ${first.name}${more.length > 0 ? ` and ${more.length} more` : ''}. Run "${MIGRATE_COMMAND}".`;
    throw new HeadraceError('CLICKHOUSE_SCHEMA', text, { context: { database: this.database } });
  }

  /**
   * Inserts a block whole, and once however often it is called with the same token; returns after the acknowledgement.
   * An error with the action `retry` says that the outcome is unknown: call again with the same bytes. All others say
   * what repeating cannot cure: CLICKHOUSE_QUERY (the data), CLICKHOUSE_SCHEMA, CLICKHOUSE_AUTHENTICATION.
   * @param avro an Avro container file; its field names are the table's columns
   * @param token names the block (generation, partition, offset): the same token is the same bytes, for ever
   * @returns the rows ClickHouse says it wrote, where it says so
   */
  async insertBlock(table: string, avro: Uint8Array, token: string, signal?: AbortSignal): Promise<InsertedBlock> {
    const bytes = Buffer.from(avro.buffer, avro.byteOffset, avro.byteLength);
    const limit = AbortSignal.timeout(INSERT_TIMEOUT_MS);
    return this.#guard(`insert ${token} into ${table}`, async () => {
      const { stream, summary } = await this.#client.exec({
        query: `INSERT INTO ${table} FORMAT Avro`,
        values: Readable.from([bytes], { objectMode: false }),
        clickhouse_settings: insertSettings(token),
        abort_signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
      for await (const _ of stream);
      return summary === undefined ? {} : { writtenRows: Number(summary.written_rows) };
    });
  }

  /**
   * insertBlock, repeated byte for byte until it is acknowledged, the data are refused, or the signal is aborted (throws
   * the signal's reason).
   */
  async insertBlockPatiently(block: BlockInsert, signal: AbortSignal): Promise<InsertedBlock> {
    const { table, avro, token } = block;
    const insert = () => this.insertBlock(table, avro, token, signal);
    return retrying(`insert ${token} into ${table}`, this.#log, signal, async () => {
      try {
        return await insert();
      } catch (cause) {
        // An abort looks like a lost connection; the caller wants its own reason.
        signal.throwIfAborted();
        throw cause;
      }
    });
  }

  /** Remembers that blocks are in their tables. May be repeated: a row is known by its range. */
  async recordLoadedBlocks(blocks: readonly LoadedBlock[]): Promise<void> {
    await this.insertRows(TABLES.loadedBlocks, blocks.map(loadedBlockRow));
  }

  /** recordLoadedBlocks for one. */
  async recordLoadedBlock(block: LoadedBlock): Promise<void> {
    await this.recordLoadedBlocks([block]);
  }

  /** The block of a source that ends at `to`, or null where none was recorded. */
  async loadedBlock(table: string, source: string, to: Position): Promise<KnownBlock | null> {
    const [row] = await this.query<KnownBlockRow>(LOADED_BLOCK_QUERY, { table, source, offset: to.offset, x: to.x });
    return row === undefined ? null : knownBlock(row);
  }

  /** Up to where the table holds each source; empty where nothing was loaded. */
  async loadedPositions(table: string): Promise<readonly LoadedPosition[]> {
    const rows = await this.query<LoadedPositionRow>(LOADED_POSITIONS_QUERY, { table });
    return rows.map(loadedPosition);
  }

  /** Reports of stages; may be repeated. */
  async insertControlTotals(totals: readonly ControlTotalsRecord[]): Promise<void> {
    await this.insertRows(TABLES.controlTotals, totals.map(recordRow));
  }

  /** New sightings and changes of findings; may be repeated. */
  async insertFindings(findings: readonly FindingRecord[]): Promise<void> {
    await this.insertRows(TABLES.findings, findings.map(recordRow));
  }

  /** Findings as they stand. */
  async findings(): Promise<readonly FindingRecord[]> {
    return (await this.query<Parameters<typeof findingRecord>[0]>(FINDINGS_QUERY)).map(findingRecord);
  }

  /** Inserts a few rows by column name. Not repeated by itself. */
  async insertRows(
    table: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    settings: ClickHouseSettings = { async_insert: 0 },
  ): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    await this.#guard(`insert into ${table}`, async () => {
      const [column, ...others] = Object.keys(first);
      if (column === undefined) return;
      const columns: [string, ...string[]] = [column, ...others];
      await this.#client.insert({
        table,
        values: [...rows],
        format: 'JSONEachRow',
        columns,
        clickhouse_settings: settings,
      });
    });
  }

  /** All rows of a result; 64-bit integers and decimals as strings. For results that fit in memory. */
  async query<T>(query: string, parameters: QueryParameters = {}): Promise<T[]> {
    return this.#guard('answer a query', async () => {
      const result = await this.#client.query({ query, query_params: { ...parameters }, format: 'JSONEachRow' });
      return await result.json<T>();
    });
  }

  /** The rows of a result as they come. Leaving the loop early ends the query. */
  async *queryStream<T>(query: string, parameters: QueryParameters = {}): AsyncGenerator<T, void> {
    const result = await this.#guard('answer a query', () =>
      this.#client.query({ query, query_params: { ...parameters }, format: 'JSONEachRow' }),
    );
    try {
      for await (const rows of result.stream<T>()) {
        for (const row of rows) yield row.json<T>();
      }
    } catch (cause) {
      throw storeError(cause, this.#settings, 'answer a query to its end');
    } finally {
      result.close();
    }
  }

  /**
   * The rows of a result as lists of texts, many at a time: the cheap way for results of millions of rows. Columns have to be
   * free of NULL. Leaving the loop early ends the query.
   */
  async *queryLists(query: string, parameters: QueryParameters = {}): AsyncGenerator<readonly (readonly string[])[]> {
    const format = 'JSONCompactStringsEachRow';
    const result = await this.#guard('answer a query', () =>
      this.#client.query({ query, query_params: { ...parameters }, format }),
    );
    try {
      for await (const rows of result.stream<readonly string[]>()) yield rows.map((row) => row.json());
    } catch (cause) {
      throw storeError(cause, this.#settings, 'answer a query to its end');
    } finally {
      result.close();
    }
  }

  /** A statement without a result. */
  async command(query: string, parameters: QueryParameters = {}): Promise<void> {
    await this.#guard('run a statement', () => this.#client.command({ query, query_params: { ...parameters } }));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** Runs a statement outside of the database, which may not exist. */
  async #outside(query: string): Promise<void> {
    const client = makeClient({ ...this.#settings, database: 'default' });
    try {
      await client.command({ query });
    } finally {
      await client.close();
    }
  }

  async #applied(): Promise<readonly AppliedMigration[]> {
    const exists = await this.#guard('read its tables', async () => {
      const query = 'SELECT name FROM system.tables WHERE database = {database:String} AND name = {name:String}';
      const query_params = { database: this.database, name: 'schema_migrations' };
      const client = makeClient({ ...this.#settings, database: 'default' });
      try {
        const result = await client.query({ query, query_params, format: 'JSONEachRow' });
        return (await result.json()).length > 0;
      } finally {
        await client.close();
      }
    });
    if (!exists) return [];
    return this.query<AppliedMigration>(
      'SELECT DISTINCT version, name, digest FROM schema_migrations ORDER BY version',
    );
  }

  async #guard<T>(doing: string, work: () => Promise<T>, code?: 'MIGRATION_FAILED'): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const error = storeError(cause, this.#settings, doing);
      if (code === undefined || error.action === 'retry') throw error;
      throw new HeadraceError(code, error.message, { cause, context: error.context });
    }
  }
}

function makeClient(settings: StoreSettings): ClickHouseClient {
  return createClient({
    url: settings.url,
    username: settings.user,
    password: settings.password,
    database: settings.database,
    application: 'headrace',
    max_open_connections: CONNECTIONS_MAX,
    request_timeout: INSERT_TIMEOUT_MS,
    keep_alive: { enabled: true, idle_socket_ttl: IDLE_SOCKET_MS, eagerly_destroy_stale_sockets: true },
    clickhouse_settings: EXACT,
    // Errors reach the caller, who says them once and in words; the client would also print them.
    log: { level: ClickHouseLogLevel.OFF },
    ...(settings.tlsCaFile === undefined ? {} : { tls: { ca_cert: caFile(settings.tlsCaFile) } }),
  });
}

function caFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new HeadraceError('CONFIG_INVALID', `CLICKHOUSE_TLS_CA_FILE names ${file}, which cannot be read.`, { cause });
  }
}
