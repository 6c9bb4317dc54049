/** The loader's memory: which blocks are in a table, and how far each source is covered. */

/** As in a block's header: next offset, and next offset of the reference log. */
export interface Position {
  readonly offset: number;
  readonly x: number;
}

/** A row of loaded_blocks. Positions as in a block's header: from exclusive, to inclusive. */
export interface LoadedBlock {
  readonly table: string;
  /** guided/<generation>/<partition>, raw/<partition>, reference. */
  readonly source: string;
  readonly generation: number;
  readonly partition: number;
  readonly from: Position;
  readonly to: Position;
  /** Offset at which the consumed topic partition goes on. */
  readonly nextOffset: number;
  readonly rows: number;
  /** Of the block's contents, hexadecimal. */
  readonly digest: string;
  /** Microseconds since 1970. */
  readonly blockTime: number;
}

/** Up to where a table holds a source. */
export interface LoadedPosition {
  readonly source: string;
  readonly generation: number;
  readonly partition: number;
  readonly to: Position;
  readonly nextOffset: number;
  /** Of the last block. */
  readonly digest: string;
  readonly blocks: number;
  readonly rows: number;
}

/** The row as ClickHouse takes it. `loaded_at` is ClickHouse's own. */
export function loadedBlockRow(block: LoadedBlock): Record<string, string | number> {
  return {
    table_name: block.table,
    source: block.source,
    generation: block.generation,
    partition: block.partition,
    from_offset: block.from.offset,
    from_x: block.from.x,
    to_offset: block.to.offset,
    to_x: block.to.x,
    next_offset: block.nextOffset,
    rows: block.rows,
    digest: block.digest,
    block_time: dateTime64(block.blockTime),
  };
}

export interface LoadedPositionRow {
  readonly source: string;
  readonly generation: number;
  readonly partition: number;
  readonly to_offset: string;
  readonly to_x: string;
  readonly next_offset: string;
  readonly digest: string;
  readonly blocks: string;
  readonly rows: string;
}

export const LOADED_POSITIONS_QUERY = `
SELECT source, generation, partition, to_offset, to_x, next_offset, digest, blocks, rows
FROM loaded_positions
WHERE table_name = {table:String}
ORDER BY source, generation, partition`;

export function loadedPosition(row: LoadedPositionRow): LoadedPosition {
  return {
    source: row.source,
    generation: row.generation,
    partition: row.partition,
    to: { offset: Number(row.to_offset), x: Number(row.to_x) },
    nextOffset: Number(row.next_offset),
    digest: row.digest,
    blocks: Number(row.blocks),
    rows: Number(row.rows),
  };
}

/** Text of a DateTime64(6, 'UTC'), exactly: 2026-11-18 11:06:40.123456. */
export function dateTime64(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const text = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${text}.${String(micros - seconds * 1_000_000).padStart(6, '0')}`;
}

/** What is remembered of one block. */
export interface KnownBlock {
  readonly from: Position;
  readonly digest: string;
  readonly rows: number;
}

export interface KnownBlockRow {
  readonly from_offset: string;
  readonly from_x: string;
  readonly digest: string;
  readonly rows: string;
}

export const LOADED_BLOCK_QUERY = `
SELECT from_offset, from_x, digest, rows
FROM loaded_blocks
WHERE table_name = {table:String} AND source = {source:String} AND to_offset = {offset:Int64} AND to_x = {x:Int64}
ORDER BY loaded_at
LIMIT 1`;

export function knownBlock(row: KnownBlockRow): KnownBlock {
  return {
    from: { offset: Number(row.from_offset), x: Number(row.from_x) },
    digest: row.digest,
    rows: Number(row.rows),
  };
}
