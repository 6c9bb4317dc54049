/**
 * Control totals and findings as rows: field names in snake case are the columns, and times are microseconds outside and
 * DateTime64(6) inside. The interfaces have the fields of schemas/avro/control-totals.v1.avsc and finding.v1.avsc.
 */
import { dateTime64 } from './positions.ts';

export interface ControlTotalsRecord {
  readonly stage: string;
  readonly source: string;
  readonly fromOffset: number;
  readonly fromX: number;
  readonly toOffset: number;
  readonly toX: number;
  readonly generation: number;
  readonly guidedPartition: number;
  readonly guidedOffset: number;
  /** Microseconds since 1970. */
  readonly blockTime: number;
  readonly status: string;
  readonly eventsIn: number;
  readonly eventsGuided: number;
  readonly eventsRated: number;
  readonly eventsDuplicate: number;
  readonly eventsRejected: number;
  readonly eventsSuspended: number;
  readonly bytesIn: number;
  readonly bytesGuided: number;
  readonly bytesRated: number;
  readonly bytesDuplicate: number;
  readonly bytesRejected: number;
  readonly bytesSuspended: number;
  readonly lines: number;
  readonly quantity: number;
  readonly eventQuantity: number;
  readonly brokenEvents: number;
  readonly amounts: Readonly<Record<string, string>>;
  readonly digest: string;
}

export interface FindingRecord {
  readonly id: string;
  readonly control: string;
  readonly severity: string;
  readonly key: string;
  readonly expected: string;
  readonly actual: string;
  readonly variance: string;
  readonly valueAtRisk: string;
  readonly currency: string;
  readonly detail: string;
  readonly evidence: string;
  readonly samples: readonly string[];
  /** Microseconds since 1970, as all times here. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly status: string;
  readonly owner: string;
  readonly reason: string;
  readonly changedBy: string;
  readonly changedAt: number;
}

const TIMES = new Set(['blockTime', 'firstSeen', 'lastSeen', 'changedAt']);
const FINDING_TIMES = ['first_seen', 'last_seen', 'changed_at'];

/** The row of a record, by column name. */
export function recordRow(record: ControlTotalsRecord | FindingRecord): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    row[column] = TIMES.has(name) ? dateTime64(Number(value)) : value;
  }
  return row;
}

/** Findings as they stand, times as microseconds. */
export const FINDINGS_QUERY = `
SELECT * REPLACE (${FINDING_TIMES.map((name) => `toUnixTimestamp64Micro(${name}) AS ${name}`).join(', ')})
FROM findings_current
ORDER BY id`;

type FindingRow = Readonly<Record<string, string | readonly string[]>>;

export function findingRecord(row: FindingRow): FindingRecord {
  const text = (name: string) => String(row[name] ?? '');
  const samples = row.samples ?? [];
  return {
    id: text('id'),
    control: text('control'),
    severity: text('severity'),
    key: text('key'),
    expected: text('expected'),
    actual: text('actual'),
    variance: text('variance'),
    valueAtRisk: text('value_at_risk'),
    currency: text('currency'),
    detail: text('detail'),
    evidence: text('evidence'),
    samples: typeof samples === 'string' ? [samples] : samples,
    firstSeen: Number(text('first_seen')),
    lastSeen: Number(text('last_seen')),
    status: text('status'),
    owner: text('owner'),
    reason: text('reason'),
    changedBy: text('changed_by'),
    changedAt: Number(text('changed_at')),
  };
}
