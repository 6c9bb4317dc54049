/** Small worlds for the auditor: a book, facts and events, each in a line, sent as the publisher would send them. */
import { ByteSink, recordEncoder } from '../../src/avro/encoder.ts';
import { usageEventSchema } from '../../src/avro/schema.ts';
import { type AuditReport, audit, type FactJson } from '../../src/index.ts';
import { FRAME_BYTES, writeFrame } from '../../src/workload/files.ts';
import { UsageEvent } from '../../src/workload/usage-event.ts';

const encode = recordEncoder<UsageEvent>(usageEventSchema);

export interface SentMessage {
  readonly value: Buffer;
  readonly receivedAtMs: number;
}

/** Receipt a day after the last event, unless the test says another. */
export const RECEIVED_AT_MS = Date.UTC(2026, 11, 5);

/** One event for a SIM at a time (ISO). What is not given is as in a plain event of the home network. */
export function usage(id: string, sim: string, at: string, fields: Partial<UsageEvent>): SentMessage {
  const event = new UsageEvent();
  Object.assign(event, { source: 'test', event_id: id, service: 'data', iccid: sim, plmn: '26201', ...fields });
  event.start_time = Date.parse(at) * 1000;
  const sink = new ByteSink(256);
  sink.length = FRAME_BYTES;
  writeFrame(sink.bytes, 0, false);
  encode(sink, event);
  return { value: sink.bytes.subarray(0, sink.length), receivedAtMs: RECEIVED_AT_MS };
}

export const BEGIN = '2026-01-01T00:00:00Z';

export function account(name: string, more: Readonly<Record<string, unknown>> = {}): FactJson {
  const common = { parent: null, currency: 'EUR', timeZone: 'UTC', status: 'open', validFrom: BEGIN };
  return { kind: 'account', id: `account/${name}`, account: name, ...common, ...more };
}

export function pool(name: string, of: string, rule: string): FactJson {
  return { kind: 'pool', id: `pool/${name}`, pool: name, account: of, rule, validFrom: BEGIN };
}

export interface MemberState {
  readonly account: string;
  readonly plan: string;
  readonly pool?: string | null;
  readonly state?: string;
  readonly validFrom?: string;
}

/** A subscription with one fact for each state, and a SIM of the same name. */
export function member(name: string, ...states: readonly MemberState[]): FactJson[] {
  const subscriptions = states.map((state, index) => ({
    kind: 'subscription',
    id: `subscription/${name}/${index}`,
    subscription: name,
    pool: null,
    state: 'active',
    validFrom: BEGIN,
    ...state,
  }));
  const sim = { kind: 'sim', id: `sim/${name}`, sim: name, imsi: null, msisdn: null, subscription: name };
  return [...subscriptions, { ...sim, state: 'active', validFrom: BEGIN }];
}

export function topUp(
  grant: string,
  subscription: string,
  addOn: string,
  validFrom: string,
  validTo: string,
): FactJson {
  return { kind: 'topUp', id: `topUp/${grant}`, grant, subscription, addOn, validFrom, validTo };
}

export type BookParts = Readonly<Record<string, unknown>>;

/** A book with one home zone (26201), one abroad (20801), data, message and voice. */
export function book(parts: BookParts): FactJson {
  return {
    kind: 'priceBook',
    id: 'priceBook/test',
    book: {
      format: 1,
      name: 'test',
      version: 1,
      currency: 'EUR',
      effectiveFrom: BEGIN,
      author: 'a@example.net',
      approver: 'b@example.net',
      kilobyte: 1024,
      services: {
        data: { unit: 'bytes', counts: 'both' },
        message: { unit: 'messages', counts: 'units' },
        voice: { unit: 'seconds', counts: 'seconds' },
      },
      zones: { home: { networks: ['26201'] }, abroad: { networks: ['20801'] } },
      pools: {},
      addOns: {},
      ...parts,
    },
  };
}

export function auditOf(facts: readonly FactJson[], messages: readonly SentMessage[]): Promise<AuditReport> {
  return audit({ facts: [{ facts }], messages });
}

/** Account, period, service: quantity and amount, as `quantity @ amount`. */
export function totalsOf(report: AuditReport): Record<string, string> {
  return Object.fromEntries(
    report.totals.map((row) => [`${row.account} ${row.period} ${row.service}`, `${row.quantity} @ ${row.amount}`]),
  );
}
