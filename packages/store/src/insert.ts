/**
 * How a block goes into ClickHouse: the settings that make it arrive whole or not at all, and once.
 *
 * 1. One block is one part: one partition (the table's partition key is one value for a block), one thread, and no
 *    splitting: the engine collects the rows until it has more than any block holds, or the input ends.
 * 2. A token that the table remembers makes a repeated insert nothing.
 * 3. The answer comes after the part is there (no asynchronous inserts).
 */
import type { ClickHouseSettings } from '@clickhouse/client';

/** More lines than a block may hold (BLOCK_LINES_MAX of the codec is half of it). */
export const PART_ROWS_MAX = 1_048_576;
/** After this the outcome counts as unknown and the insert is repeated; the token makes that harmless. */
export const INSERT_TIMEOUT_MS = 120_000;

export interface BlockInsert {
  readonly table: string;
  /** An Avro container file; its field names are the table's columns. */
  readonly avro: Uint8Array;
  /** Names the block: generation, partition and offset. The same token is the same bytes, for ever. */
  readonly token: string;
}

/** What ClickHouse said of an insert. A deduplicated repeat counts its rows too. */
export interface InsertedBlock {
  readonly writtenRows?: number;
}

/** For rows that are made again after a crash: the same token is the same rows, and a repeat is nothing. */
export function repeatableRows(token: string): ClickHouseSettings {
  return {
    async_insert: 0,
    wait_end_of_query: 1,
    insert_deduplicate: 1,
    insert_deduplication_token: token,
    optimize_on_insert: 0,
  };
}

export function insertSettings(token: string): ClickHouseSettings {
  return {
    async_insert: 0,
    wait_end_of_query: 1,
    insert_deduplicate: 1,
    insert_deduplication_token: token,
    max_insert_threads: '1',
    max_insert_block_size: String(PART_ROWS_MAX),
    min_insert_block_size_rows: String(PART_ROWS_MAX),
    // 0 is no limit: a block must not be split by its size either.
    min_insert_block_size_bytes: '0',
    input_format_parallel_parsing: 0,
    // A block over two partitions would be two parts: refused instead.
    max_partitions_per_insert_block: '1',
    throw_on_max_partitions_per_insert_block: 1,
    // Rows stay as they came, so that rows - distinct lines shows what was inserted twice.
    optimize_on_insert: 0,
    // A field that the block misses is an error, never a default.
    input_format_avro_allow_missing_fields: 0,
  };
}
