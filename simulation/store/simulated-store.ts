/**
 * The simulated ClickHouse: the tables that the stages write, with the rules that they rely on.
 *
 * 1. A block is one insert and one part: it arrives whole or not at all.
 * 2. A token that is among the latest of its table makes an insert nothing; beyond the window it is inserted again.
 * 3. Views that say FINAL count rows of one sorting key once; the last insert stands.
 */
import { decodeRatedBlock, decodeSuspenseBlock, decodeTotalsBlock, formatAmount, type TotalKey } from '@headrace/codec';
import type { ControlTotalsRecord, FindingRecord, LoadedBlock } from '@headrace/store';
import type { World } from '../world/world.ts';

/** As in schemas/clickhouse. */
const TOKENS_KEPT = 10_000;

/** A line of rated_usage as far as the oracle looks at it. */
export interface StoredLine {
  readonly event: string;
  readonly block: string;
  readonly total: string;
  readonly leg: string;
  readonly currency: string;
  readonly quantity: number;
  readonly amount: bigint;
}

export interface StoredRefusal {
  readonly outcome: string;
  readonly code: string;
  readonly event: string;
}

export interface StoredDelta {
  readonly block: string;
  readonly total: string;
  readonly leg: string;
  readonly currency: string;
  readonly quantity: number;
  readonly amount: bigint;
  readonly lines: number;
}

class Table<R> {
  /** By sorting key. */
  readonly rows = new Map<string, R>();
  /** Rows that were inserted, copies included. */
  inserted = 0;
  readonly #tokens: string[] = [];

  insert(rows: Iterable<readonly [string, R]>, token?: string): number {
    if (token !== undefined) {
      if (this.#tokens.includes(token)) return 0;
      this.#tokens.push(token);
      if (this.#tokens.length > TOKENS_KEPT) this.#tokens.shift();
    }
    let count = 0;
    for (const [key, row] of rows) {
      this.rows.set(key, row);
      count += 1;
    }
    this.inserted += count;
    return count;
  }
}

export class SimulatedStore {
  up = true;
  readonly lines = new Table<StoredLine>();
  readonly refusals = new Table<StoredRefusal>();
  readonly deltas = new Table<StoredDelta>();
  readonly controls = new Table<ControlTotalsRecord>();
  readonly findings = new Table<FindingRecord>();
  readonly loaded = new Table<LoadedBlock>();
  /** Inserts so far, those of findings left out, to tell quiet from work. */
  changes = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** @returns the rows that were written: 0 where the token is known */
  insertBlock(table: string, avro: Uint8Array, token: string): number {
    const rows = this.#insert(table, avro, token);
    this.changes += 1;
    this.#world.trace.add(`store ${table} ${token}: ${rows} rows`);
    return rows;
  }

  recordLoaded(blocks: readonly LoadedBlock[]): void {
    this.changes += 1;
    this.loaded.insert(
      blocks.map((block) => {
        const { table, source, generation, partition, from, to } = block;
        const range = `${to.offset},${to.x},${from.offset},${from.x}`;
        return [`${table} ${source} ${generation} ${partition} ${range}`, block] as const;
      }),
    );
  }

  insertControls(totals: readonly ControlTotalsRecord[]): void {
    this.changes += 1;
    this.controls.insert(totals.map((row) => [controlKey(row), row] as const));
  }

  insertFindings(findings: readonly FindingRecord[]): void {
    this.findings.insert(
      findings.filter((finding) => !this.#isOlder(finding)).map((finding) => [finding.id, finding] as const),
    );
  }

  #isOlder(finding: FindingRecord): boolean {
    const known = this.findings.rows.get(finding.id);
    const version = (record: FindingRecord) => Math.max(record.lastSeen, record.changedAt);
    return known !== undefined && version(known) > version(finding);
  }

  #insert(table: string, avro: Uint8Array, token: string): number {
    switch (table) {
      case 'rated_usage':
        return this.lines.insert(linesOf(avro), token);
      case 'suspended_usage':
        return this.refusals.insert(refusalsOf(avro), token);
      case 'invoice_total_deltas':
        return this.deltas.insert(deltasOf(avro), token);
      default:
        throw new Error(`no block goes into ${table}`);
    }
  }
}

export function controlKey(row: ControlTotalsRecord): string {
  const { stage, source, generation, guidedPartition, guidedOffset, status } = row;
  const range = `${row.fromOffset},${row.fromX},${row.toOffset},${row.toX}`;
  return `${stage} ${source} ${generation} ${guidedPartition} ${range} ${guidedOffset} ${status}`;
}

function linesOf(avro: Uint8Array): [string, StoredLine][] {
  const block = decodeRatedBlock(avro);
  const { source, to } = block.header;
  const place = `${source}@${to.offset - 1}`;
  return Array.from({ length: block.count }, (_, line) => {
    const key = block.totals[block.total[line] ?? -1];
    if (key === undefined) throw new Error('a line without a total');
    const stored: StoredLine = {
      event: block.eventId(line),
      block: place,
      total: totalText(key),
      leg: key.leg,
      currency: key.currency,
      quantity: block.quantity[line] ?? 0,
      amount: block.amount(line),
    };
    return [`${place} ${line}`, stored];
  });
}

function refusalsOf(avro: Uint8Array): [string, StoredRefusal][] {
  return decodeSuspenseBlock(avro).records.map((record) => {
    const { originTopic, originPartition, originOffset, originIndex, outcome, code, eventId } = record;
    return [`${originTopic}/${originPartition}@${originOffset}.${originIndex}`, { outcome, code, event: eventId }];
  });
}

function deltasOf(avro: Uint8Array): [string, StoredDelta][] {
  const { header, deltas } = decodeTotalsBlock(avro);
  const block = `${header.source}@${header.to.offset - 1}`;
  return deltas.map(({ quantity, amount, lines, ...key }) => {
    const total = totalText(key);
    return [`${total} ${block}`, { block, total, leg: key.leg, currency: key.currency, quantity, amount, lines }];
  });
}

function totalText(key: TotalKey): string {
  const { account, subscription, service, zone, tag, leg, period, currency, unit } = key;
  return [account, subscription, service, zone, tag, leg, period, currency, unit].join('|');
}

/** Sums by currency as decimal strings, for comparing. */
export function amountsOf(rows: Iterable<{ readonly currency: string; readonly amount: bigint }>): Map<string, string> {
  const sums = new Map<string, bigint>();
  for (const { currency, amount } of rows) sums.set(currency, (sums.get(currency) ?? 0n) + amount);
  return new Map([...sums].map(([currency, amount]) => [currency, formatAmount(amount)]));
}
