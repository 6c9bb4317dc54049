/**
 * What settlement reads and writes: rated events in canonical order, billed totals, and what a settlement makes of them.
 *
 * 1. What is read is cut off at positions, so a loader that goes on changes nothing.
 * 2. Writes are repeatable: pieces have tokens of the settlement and their number. The settlement's row comes last.
 */
import { repeatableRows } from './insert.ts';
import type { Store } from './store.ts';
import { TABLES } from './tables.ts';

/** Rows of one insert. */
const PIECE_ROWS = 20_000;
/** ClickHouse sorts on disk beyond. */
const SORT_BYTES_MAX = 512 * 1024 * 1024;

/** Up to where a guided partition is read. */
export interface ReadPosition {
  readonly generation: number;
  readonly partition: number;
  /** Next guided offset: what lies before it is read. */
  readonly offset: number;
}

export interface EventRange {
  readonly positions: readonly ReadPosition[];
  /** Microseconds: events that end before, or begin at `to` or later, are left out. Undefined: no bound. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** As the columns of `settlements`, but for the time. */
export interface SettlementRow {
  readonly settlement: string;
  readonly period: string;
  readonly positions: Readonly<Record<string, number>>;
  readonly reference: number;
  readonly conflicts: number;
  readonly conflicts_digest: string;
  readonly fold_version: number;
  readonly digest: string;
  readonly adjustments: number;
  readonly events_rated: number;
  readonly events_duplicate: number;
  readonly events_suspended: number;
  readonly unrated: string;
}

/** Quantities and amounts as decimal text. */
export interface AdjustmentRow {
  readonly id: string;
  readonly settlement: string;
  readonly guided_partition: number;
  readonly account: string;
  readonly subscription: string;
  readonly service: string;
  readonly zone: string;
  readonly tag: string;
  readonly leg: string;
  readonly period: string;
  readonly currency: string;
  readonly unit: string;
  readonly quantity: string;
  readonly amount: string;
}

export interface PoolRow {
  readonly settlement: string;
  readonly period: string;
  readonly pool: string;
  readonly account: string;
  readonly rule: string;
  readonly allocation: string;
  readonly size: number;
  readonly used: number;
  readonly overage: number;
}

export interface PoolShareRow {
  readonly settlement: string;
  readonly period: string;
  readonly pool: string;
  readonly currency: string;
  readonly subscription: string;
  readonly amount: string;
  readonly charged: string;
  readonly exact: string;
}

/** In the order of the columns that `events` gives. */
export const EVENT_COLUMNS = [
  'hex(event_key)',
  'event_id',
  'toUnixTimestamp64Micro(event_time)',
  'toUnixTimestamp64Micro(end_time)',
  'toUnixTimestamp64Micro(received_at)',
  'utc_offset_minutes',
  'imei',
  'session',
  'hex(payload_digest)',
  'bytes_up',
  'bytes_down',
  'seconds',
  'units',
  "ifNull(toString(event_amount), '')",
  'amount_currency',
  'sim',
  'source',
  'service',
  'plmn',
  'rat',
  'apn',
  'rating_group',
] as const;

const KEY_COLUMNS = 'account, subscription, service, zone, tag, period, currency, unit, leg';

export class SettlementStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Periods that rated lines or adjustments have, sorted. */
  async periods(): Promise<readonly string[]> {
    const rows = await this.#store.query<{ period: string }>(
      `SELECT DISTINCT period FROM ${TABLES.ratedUsage} ORDER BY period`,
    );
    return rows.map(({ period }) => period);
  }

  /** Event keys, as hexadecimal text, that came with another payload too and that nobody has decided on; sorted. */
  async undecided(): Promise<readonly string[]> {
    const rows = await this.#store.query<{ key: string }>(
      `SELECT DISTINCT lower(hex(event_key)) AS key FROM ${TABLES.suspense}
       WHERE outcome = 'suspended' AND code = 'DUPLICATE_CONFLICT' ORDER BY key`,
    );
    return rows.map(({ key }) => key);
  }

  async find(settlement: string): Promise<SettlementRow | null> {
    const rows = await this.#store.query<Record<keyof SettlementRow, unknown>>(
      `SELECT * EXCEPT settled_at FROM ${TABLES.settlements} FINAL WHERE settlement = {settlement:String}`,
      { settlement },
    );
    const [row] = rows;
    return row === undefined ? null : settlementRow(row);
  }

  /** One row for each rated event, with the columns of EVENT_COLUMNS, by time and then by id in the order of UTF-8. */
  events({ positions, from, to }: EventRange): AsyncGenerator<readonly (readonly string[])[]> {
    const conditions = ["part = 0 AND leg = 'retail' AND raw_partition >= 0", withinPositions(positions)];
    if (from !== undefined) conditions.push(`end_time >= fromUnixTimestamp64Micro(${whole(from)}, 'UTC')`);
    if (to !== undefined) conditions.push(`event_time < fromUnixTimestamp64Micro(${whole(to)}, 'UTC')`);
    return this.#store.queryLists(
      `SELECT ${EVENT_COLUMNS.join(', ')} FROM ${TABLES.ratedLines} WHERE ${conditions.join(' AND ')}
       ORDER BY event_time, event_id
       SETTINGS max_bytes_before_external_sort = ${SORT_BYTES_MAX}, max_execution_time = 0`,
    );
  }

  /**
   * What was billed of some periods: lines up to the positions, and adjustments of completed settlements for the same
   * partitions. Columns: the key of a total (account, subscription, service, zone, tag, period, currency, unit, leg), then
   * quantity and amount.
   */
  billed(
    positions: readonly ReadPosition[],
    periods: readonly string[],
  ): AsyncGenerator<readonly (readonly string[])[]> {
    const partitions = [...new Set(positions.map(({ partition }) => whole(partition)))];
    const of = 'period IN {periods:Array(String)}';
    return this.#store.queryLists(
      `SELECT ${KEY_COLUMNS}, sum(line_quantity), sum(line_amount) FROM (
         SELECT ${KEY_COLUMNS}, quantity AS line_quantity, amount AS line_amount FROM ${TABLES.ratedLines}
         WHERE ${of} AND ${withinPositions(positions)}
         UNION ALL
         SELECT ${KEY_COLUMNS}, quantity AS line_quantity, amount AS line_amount FROM ${TABLES.adjustmentLines}
         WHERE ${of} AND guided_partition IN (${partitions.join(', ')})
       ) GROUP BY ${KEY_COLUMNS}
       SETTINGS max_execution_time = 0`,
      { periods },
    );
  }

  /** @param piece names what the rows are, within the settlement: the same piece is the same rows */
  async insertAdjustments(settlement: string, piece: string, rows: readonly AdjustmentRow[]): Promise<void> {
    await this.#insert(TABLES.adjustments, `${settlement}/${piece}`, rows);
  }

  async insertPools(
    settlement: string,
    piece: string,
    pools: readonly PoolRow[],
    shares: readonly PoolShareRow[],
  ): Promise<void> {
    await this.#insert(TABLES.poolStatements, `${settlement}/${piece}`, pools);
    await this.#insert(TABLES.poolShares, `${settlement}/${piece}`, shares);
  }

  /** Makes a settlement count. To be called last. */
  async complete(row: SettlementRow): Promise<void> {
    await this.#insert(TABLES.settlements, row.settlement, [row]);
  }

  async #insert(table: string, token: string, rows: readonly object[]): Promise<void> {
    for (let from = 0; from < rows.length; from += PIECE_ROWS) {
      const piece = rows.slice(from, from + PIECE_ROWS).map((row) => ({ ...row }));
      await this.#store.insertRows(table, piece, repeatableRows(`${token}/${from}`));
    }
  }
}

/** Of the lines of a period none are left out but those beyond the positions. */
function withinPositions(positions: readonly ReadPosition[]): string {
  const each = positions.map(
    ({ generation, partition, offset }) =>
      `(generation = ${whole(generation)} AND guided_partition = ${whole(partition)} AND guided_offset < ${whole(offset)})`,
  );
  return each.length === 0 ? 'false' : `(${each.join(' OR ')})`;
}

/** Numbers stand in the text of statements: only what is one may. */
function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return String(value);
}

function settlementRow(row: Record<keyof SettlementRow, unknown>): SettlementRow {
  const positions = Object.entries((row.positions ?? {}) as Record<string, string>);
  return {
    settlement: String(row.settlement),
    period: String(row.period),
    positions: Object.fromEntries(positions.map(([source, offset]) => [source, Number(offset)])),
    reference: Number(row.reference),
    conflicts: Number(row.conflicts),
    conflicts_digest: String(row.conflicts_digest),
    fold_version: Number(row.fold_version),
    digest: String(row.digest),
    adjustments: Number(row.adjustments),
    events_rated: Number(row.events_rated),
    events_duplicate: Number(row.events_duplicate),
    events_suspended: Number(row.events_suspended),
    unrated: String(row.unrated),
  };
}
