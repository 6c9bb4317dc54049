/**
 * What ClickHouse holds at the end, read as anyone would read it. Numbers travel as text, so that no amount passes
 * through floating point.
 */
import type { TotalRow } from '@headrace/testkit';

/** One row, every column as text. */
export type Row = Readonly<Record<string, string>>;

/** Runs a SELECT whose columns are all strings. */
export type Query = (sql: string) => Promise<readonly Row[]>;

export const OUTCOMES = ['received', 'rated', 'duplicate', 'rejected', 'suspended'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface StoredPool {
  readonly pool: string;
  readonly account: string;
  readonly period: string;
  /** bytes, seconds or messages: what the figures count. */
  readonly unit: string;
  readonly size: bigint;
  readonly used: bigint;
  readonly overage: bigint;
  /** Rated lines that drew on it. */
  readonly lines: number;
}

/** What settlement changed on the retail leg. */
export interface StoredAdjustments {
  readonly rows: number;
  /** Accounts whose bill it changed. */
  readonly accounts: number;
  /** Currency to decimal string. */
  readonly amounts: Readonly<Record<string, string>>;
  /** The largest one; null if there is none. */
  readonly example: Row | null;
}

export interface StoredFinding {
  readonly control: string;
  readonly severity: string;
  readonly key: string;
  readonly expected: string;
  readonly actual: string;
}

export interface Stored {
  readonly events: Readonly<Record<Outcome, number>>;
  /** Passed on by the guide and answered by no rater; and what the guide cannot account for. */
  readonly inFlight: number;
  readonly unaccounted: number;
  /** `rejected:CODE` and `suspended:CODE` to events. */
  readonly codes: Readonly<Record<string, number>>;
  /** Lines as the raters counted them, rows, and rows without copies. */
  readonly lines: number;
  readonly loadedLines: number;
  readonly distinctLines: number;
  /** Retail leg, currency to decimal string: from the lines as they were rated, and settled. */
  readonly amounts: Readonly<Record<string, string>>;
  readonly settledAmounts: Readonly<Record<string, string>>;
  /** Settled, of the wholesale leg. */
  readonly wholesaleAmounts: Readonly<Record<string, string>>;
  readonly adjustments: StoredAdjustments;
  /** Retail leg as it was rated, from the lines and from the invoice totals. */
  readonly lineTotals: readonly TotalRow[];
  readonly invoiceTotals: readonly TotalRow[];
  /** Rated lines and adjustments together. */
  readonly settledTotals: readonly TotalRow[];
  readonly wholesaleTotals: readonly TotalRow[];
  readonly pools: readonly StoredPool[];
  /** Open ones. */
  readonly findings: readonly StoredFinding[];
  /** A line worth explaining; null if there is no priced line. */
  readonly example: Row | null;
}

const EVENTS = `SELECT toString(received) AS received, toString(rated) AS rated, toString(duplicate) AS duplicate,
  toString(rejected) AS rejected, toString(suspended) AS suspended, toString(in_flight) AS in_flight,
  toString(difference) AS difference FROM event_account`;

const CODES = `SELECT concat(outcome, ':', code) AS code, toString(count()) AS events FROM suspense
  GROUP BY outcome, code ORDER BY outcome, code`;

const LINES = `SELECT
  (SELECT toString(sum(lines)) FROM controls WHERE stage = 'rater') AS lines,
  (SELECT toString(count()) FROM rated_usage) AS loaded,
  (SELECT toString(count()) FROM rated_lines) AS distinct_lines`;

const amounts = (view: string, leg = 'retail') => `SELECT currency, toString(sum(amount)) AS amount FROM ${view}
  WHERE leg = '${leg}' GROUP BY currency ORDER BY currency`;

const totals = (view: string, leg = 'retail') => `SELECT account, period, service, currency,
  toString(sum(quantity)) AS quantity, toString(sum(amount)) AS amount FROM ${view} WHERE leg = '${leg}'
  GROUP BY account, period, service, currency ORDER BY account, period, service, currency`;

const ADJUSTMENTS = `SELECT (SELECT toString(count()) FROM adjustment_lines WHERE leg = 'retail') AS adjustments,
  (SELECT toString(count()) FROM (SELECT account FROM adjustment_lines WHERE leg = 'retail'
    GROUP BY account, currency HAVING sum(amount) != 0)) AS accounts`;

// What was billed stands beside it: the total as settled, less its adjustments.
const LARGEST_ADJUSTMENT = `SELECT account, subscription, service, zone, tag, period, currency, unit,
  toString(quantity) AS settled_quantity, toString(amount) AS settled, toString(amount - adjusted_amount) AS billed,
  toString(adjusted_amount) AS adjustment FROM settled_totals WHERE leg = 'retail' AND adjusted_amount != 0
  ORDER BY abs(adjusted_amount) DESC, account, subscription, service, zone, tag, period LIMIT 1`;

// The bucket of a pool is named pool:<rule>.
const POOLS = `SELECT pool, account, period, unit, toString(size) AS size, toString(used) AS used,
  toString(overage) AS overage, toString(lines) AS lines FROM settled_pools
  LEFT JOIN (SELECT pool, period, any(unit) AS unit, count() AS lines FROM rated_lines
    WHERE leg = 'retail' AND pool != '' AND startsWith(bucket, 'pool:') GROUP BY pool, period) AS drawn
  USING (pool, period) ORDER BY lines DESC, pool, account, period`;

const FINDINGS = `SELECT control, severity, key, expected, actual FROM findings_current
  WHERE status IN ('open', 'acknowledged', 'explained') ORDER BY control, key`;

// Overage says the most: a meter that moved, a price, and what came before.
const EXAMPLE_ID = `SELECT toString(generation) AS generation, toString(guided_partition) AS guided_partition,
  toString(guided_offset) AS guided_offset, toString(line) AS line FROM rated_lines
  WHERE leg = 'retail' AND amount > 0 ORDER BY tag = 'overage' DESC, before > 0 DESC, account, period, event_key, part LIMIT 1`;

/** Reads it all. The pipeline must be at rest. */
export async function readStored(query: Query): Promise<Stored> {
  const [events = {}] = await query(EVENTS);
  const [lines = {}] = await query(LINES);
  return {
    events: {
      received: Number(events.received),
      rated: Number(events.rated),
      duplicate: Number(events.duplicate),
      rejected: Number(events.rejected),
      suspended: Number(events.suspended),
    },
    inFlight: Number(events.in_flight),
    unaccounted: Number(events.difference),
    codes: Object.fromEntries((await query(CODES)).map((row) => [row.code ?? '', Number(row.events)])),
    lines: Number(lines.lines),
    loadedLines: Number(lines.loaded),
    distinctLines: Number(lines.distinct_lines),
    amounts: await readAmounts(query, amounts('rated_lines')),
    settledAmounts: await readAmounts(query, amounts('settled_totals')),
    wholesaleAmounts: await readAmounts(query, amounts('settled_totals', 'wholesale')),
    adjustments: await readAdjustments(query),
    lineTotals: (await query(totals('rated_lines'))).map(totalRow),
    invoiceTotals: (await query(totals('invoice_totals'))).map(totalRow),
    settledTotals: (await query(totals('settled_totals'))).map(totalRow),
    wholesaleTotals: (await query(totals('settled_totals', 'wholesale'))).map(totalRow),
    pools: (await query(POOLS)).map(poolRow),
    findings: (await query(FINDINGS)).map(findingRow),
    example: await readExample(query),
  };
}

async function readAmounts(query: Query, sql: string): Promise<Record<string, string>> {
  const rows = await query(sql);
  return Object.fromEntries(rows.map(({ currency = '', amount = '' }) => [currency, canonical(amount)]));
}

async function readAdjustments(query: Query): Promise<StoredAdjustments> {
  const [counts = {}] = await query(ADJUSTMENTS);
  const [example = null] = await query(LARGEST_ADJUSTMENT);
  return {
    rows: Number(counts.adjustments),
    accounts: Number(counts.accounts),
    amounts: await readAmounts(query, amounts('adjustment_lines')),
    example,
  };
}

/** One decimal text for each amount: no trailing zeros, no minus before zero. */
export function canonical(amount: string): string {
  const text = amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
  return text === '-0' || text === '' ? '0' : text;
}

function totalRow(row: Row): TotalRow {
  const { account = '', period = '', service = '', currency = '', quantity = '0', amount = '0' } = row;
  return { account, period, service, currency, quantity, amount: canonical(amount) };
}

function poolRow(row: Row): StoredPool {
  const { pool = '', account = '', period = '', unit = '', size = '0', used = '0', overage = '0', lines = '0' } = row;
  return {
    pool,
    account,
    period,
    unit,
    size: BigInt(size),
    used: BigInt(used),
    overage: BigInt(overage),
    lines: Number(lines),
  };
}

function findingRow(row: Row): StoredFinding {
  const { control = '', severity = '', key = '', expected = '', actual = '' } = row;
  return { control, severity, key, expected, actual };
}

async function readExample(query: Query): Promise<Row | null> {
  const [id] = await query(EXAMPLE_ID);
  if (id === undefined) return null;
  const where = Object.entries(id).map(([column, value]) => `${column} = ${value}`);
  const columns = EXAMPLE_COLUMNS.map((column) => `toString(${column}) AS ${column}`);
  // The table and not the view: columns named like their own text must not be looked up in the result.
  const sql = `SELECT ${columns.join(', ')} FROM (SELECT * FROM rated_lines WHERE ${where.join(' AND ')})`;
  const [row] = await query(sql);
  return row ?? null;
}

const EXAMPLE_COLUMNS = [
  ...['event_id', 'event_time', 'received_at', 'raw_partition', 'raw_offset', 'sim', 'subscription', 'plan', 'pool'],
  ...['service', 'plmn', 'rat', 'apn', 'usage_account', 'account', 'period', 'zone', 'tag', 'leg', 'unit', 'currency'],
  ...['price_book', 'price', 'reason', 'bucket', 'meter', 'part', 'quantity', 'event_quantity', 'amount', 'before'],
  ...['after', 'bucket_size', 'threshold'],
];
