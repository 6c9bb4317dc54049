/**
 * The settlement against the independent auditor, on the reference workload and without servers: the same bytes are decoded,
 * guided and folded by ours, and audited by code that shares nothing with it. Whole bills are compared, to the last 1e-12.
 */
import { randomBytes } from 'node:crypto';
import type { UsageEvent } from '@headrace/codec';
import { eventKey, parseAmount, payloadDigest, quantityProblem, sessionOf, UsageDecoder } from '@headrace/codec';
import {
  Conflicts,
  compareEvents,
  EventTable,
  formatMoney,
  type GuidedFact,
  isProfile,
  type OfflineEvent,
  ReferenceIndex,
  type SettledBill,
  Settlement,
} from '@headrace/rating';
import { audit, compareTotals, createWorkload, type TotalRow, totalsDigest, type Workload } from '@headrace/testkit';
import { expect, test } from 'vitest';

const seed = process.env.HEADRACE_SEED ?? randomBytes(4).toString('hex');
const HORIZON = 45 * 86_400_000_000;
const TOLERANCE = 3_600_000_000;

function readFacts(workload: Workload): { readonly index: ReferenceIndex; readonly facts: readonly GuidedFact[] } {
  const index = new ReferenceIndex();
  const facts: GuidedFact[] = [];
  let position = 0;
  for (const { json } of workload.facts()) {
    expect(index.applyMessage(position, json)).toEqual([]);
    for (const fact of index.factsOf(position, json)) {
      if (index.concern(fact).to === 'none') continue;
      facts.push({ position, receivedAt: 0, kind: fact.kind, fact: JSON.stringify(fact) });
    }
    position += 1;
  }
  return { index, facts };
}

/** What guiding lets pass, in canonical order. */
function guidedEvents(workload: Workload, index: ReferenceIndex): readonly OfflineEvent[] {
  const decoder = new UsageDecoder();
  const events: OfflineEvent[] = [];
  for (const { value, receivedAtMs } of workload.messages()) {
    const decoded = decoder.decodeMessage(value);
    if (decoded.kind === 'refused') continue;
    for (const { event, refused } of decoded.events) {
      const guided = refused === null && event !== null ? guide(event, receivedAtMs * 1000, index) : null;
      if (guided !== null) events.push(guided);
    }
  }
  return events.sort((a, b) => compareEvents(a.eventTime, a.id, b.eventTime, b.id));
}

function guide(event: UsageEvent, receivedAt: number, index: ReferenceIndex): OfflineEvent | null {
  const { startTime } = event;
  if (startTime < receivedAt - HORIZON || startTime > receivedAt + TOLERANCE || quantityProblem(event) !== null)
    return null;
  const key = new Uint32Array(4);
  const payload = new Uint32Array(2);
  const id = eventKey(event, key);
  const profile = index.resolve(event.iccid, event.imsi, event.msisdn, startTime, index.end);
  if (id === null || !isProfile(profile)) return null;
  payloadDigest(event, payload);
  const [a = 0, b = 0, c = 0, d = 0] = key;
  const [e = 0, f = 0] = payload;
  const { source, service, plmn, rat, apn, ratingGroup } = event;
  return {
    id,
    key: [a, b, c, d],
    payload: [e, f],
    profile,
    context: {
      ...{ source, service, plmn: plmn ?? '', rat: rat ?? '', apn: apn ?? '' },
      ...{ ratingGroup: ratingGroup ?? -1, rawEncoding: 'message' },
    },
    eventTime: startTime,
    endTime: event.endTime ?? startTime,
    receivedAt,
    utcOffsetMinutes: event.utcOffsetMinutes,
    bytesUp: event.bytesUp,
    bytesDown: event.bytesDown,
    seconds: event.seconds,
    units: event.units,
    amount: event.amount === null ? undefined : (parseAmount(event.amount) ?? undefined),
    amountCurrency: event.currency ?? '',
    imei: event.imei ?? '',
    session: sessionOf(event),
  };
}

function settle(events: readonly OfflineEvent[], facts: readonly GuidedFact[]): SettledBill {
  const table = new EventTable();
  const conflicts = new Conflicts();
  for (const event of events) table.add(event);
  conflicts.add(table);
  const settlement = new Settlement(facts, { leaveOut: conflicts.keys });
  expect(settlement.refused).toEqual([]);
  settlement.add(table);
  return settlement.close();
}

function rowsOf({ totals }: SettledBill, leg: string): TotalRow[] {
  return totals
    .filter((total) => total.leg === leg)
    .map(({ account, period, service, currency, quantity, amount }) => {
      return { account, period, service, currency, quantity, amount: formatMoney(amount) };
    });
}

test.each([{ giant: false }, { giant: true }])(
  `the settled bill is the auditor's: %o (seed ${seed})`,
  async ({ giant }) => {
    const workload = createWorkload({ seed, events: 40_000, scale: 'XS', giant });
    const { index, facts } = readFacts(workload);
    const bill = settle(guidedEvents(workload, index), facts);
    const audited = await audit({ facts: workload.facts(), messages: workload.messages() });
    const retail = rowsOf(bill, 'retail');
    expect(compareTotals(audited.totals, retail).differences).toEqual([]);
    expect(totalsDigest(retail)).toBe(audited.totalsDigest);
    expect(compareTotals(audited.costTotals, rowsOf(bill, 'wholesale')).differences).toEqual([]);
    const pools = bill.pools.map(({ pool, account, rule, period, size, used, overage }) => {
      return { pool, account, rule, period, size: String(size), used: String(used), overage: String(overage) };
    });
    const byPool = (a: { pool: string; period: string }, b: { pool: string; period: string }): number =>
      `${a.period} ${a.pool}` < `${b.period} ${b.pool}` ? -1 : 1;
    expect(pools.sort(byPool)).toEqual([...audited.pools].sort(byPool));
  },
);
