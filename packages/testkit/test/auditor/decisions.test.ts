/** Who pays, in which period, from which bucket, and what is not rated at all. */
import { describe, expect, test } from 'vitest';
import type { FactJson } from '../../src/index.ts';
import { account, auditOf, book, member, pool, RECEIVED_AT_MS, topUp, totalsOf, usage } from '../support/scenario.ts';

const meter = { owner: 'subscription', scope: 'cycle' };
const home = { service: 'data', zones: ['home'] };
const over = { id: 'over', ...home, model: 'per-unit', unitPrice: '1', meter };
const roam = { id: 'roam', service: 'data', zones: ['abroad'], model: 'per-unit', unitPrice: '5', meter };
const texts = { id: 'text', service: 'message', model: 'per-unit', unitPrice: '0.1', meter };
const free = { id: 'free', service: 'voice', model: 'zero-rated', reason: 'test' };

const plans = {
  bundle: { allowances: [{ id: 'in', ...home, quantity: 10, priority: 10 }], prices: [over, roam, texts, free] },
  pooled: {
    allowances: [],
    prices: [
      { ...over, id: 'p', meter: { owner: 'pool', scope: 'cycle' } },
      { ...roam, id: 'r' },
    ],
  },
};
const rules = { fixed: { kind: 'fixed', ...home, quantity: 100, priority: 20 } };
const addOns = { extra: { ...home, quantity: 7, priority: 5 } };
const world = book({ plans, pools: rules, addOns });
const bundle = [world, account('acme'), ...member('S', { account: 'acme', plan: 'bundle' })];
const at = '2026-11-10T12:00:00Z';

describe('buckets', () => {
  test('a top-up goes first, covers nothing before its validity, and ends exclusively', async () => {
    const facts = [...bundle, topUp('g', 'S', 'extra', '2026-11-10T00:00:00Z', '2026-11-11T00:00:00Z')];
    const early = [usage('1', 'S', '2026-11-09T23:59:59Z', { bytes_up: 12 })];
    expect(totalsOf(await auditOf(facts, early))).toEqual({ 'acme 2026-11 data': '12 @ 2' });
    const during = [...early, usage('2', 'S', at, { bytes_up: 9 })];
    expect(totalsOf(await auditOf(facts, during))).toEqual({ 'acme 2026-11 data': '21 @ 4' });
    const after = [...during, usage('3', 'S', '2026-11-11T00:00:00Z', { bytes_up: 3 })];
    expect(totalsOf(await auditOf(facts, after))).toEqual({ 'acme 2026-11 data': '24 @ 7' });
  });

  test('use abroad does not touch the bucket at home', async () => {
    const use = [usage('1', 'S', at, { bytes_up: 2, plmn: '20801' }), usage('2', 'S', at, { bytes_up: 10 })];
    expect(totalsOf(await auditOf(bundle, use))).toEqual({ 'acme 2026-11 data': '12 @ 10' });
  });

  test('a bucket is full again in each cycle, and cycles are those of the time zone', async () => {
    const facts = [world, account('acme', { timeZone: 'America/New_York' })];
    const all = [...facts, ...member('S', { account: 'acme', plan: 'bundle' })];
    // Midnight in New York is 04:00 UTC on the first of November, still with summer time.
    const use = [
      usage('1', 'S', '2026-11-01T03:59:59Z', { bytes_up: 11 }),
      usage('2', 'S', '2026-11-01T04:00:00Z', { bytes_up: 12 }),
    ];
    expect(totalsOf(await auditOf(all, use))).toEqual({ 'acme 2026-10 data': '11 @ 1', 'acme 2026-11 data': '12 @ 2' });
  });

  test("a pool's account pays what the pool covers and lets over; use outside of it stays with the user's", async () => {
    const accounts = [account('acme'), account('child', { parent: 'acme' })];
    const facts = [world, ...accounts, pool('p', 'acme', 'fixed')];
    const all = [...facts, ...member('S', { account: 'child', plan: 'pooled', pool: 'p' })];
    const use = [usage('1', 'S', at, { bytes_up: 104 }), usage('2', 'S', at, { bytes_up: 1, plmn: '20801' })];
    const report = await auditOf(all, use);
    expect(totalsOf(report)).toEqual({ 'acme 2026-11 data': '104 @ 4', 'child 2026-11 data': '1 @ 5' });
    expect(report.pools).toMatchObject([{ pool: 'p', size: '100', used: '100', overage: '4' }]);
  });

  test('a change of plan in mid-cycle: each event by the plan of its time', async () => {
    const moved = member(
      'S',
      { account: 'acme', plan: 'bundle' },
      { account: 'acme', plan: 'pooled', pool: 'p', validFrom: '2026-11-15T00:00:00Z' },
    );
    const facts = [world, account('acme'), pool('p', 'acme', 'fixed'), ...moved];
    const use = [usage('1', 'S', at, { bytes_up: 15 }), usage('2', 'S', '2026-11-15T00:00:00Z', { bytes_up: 50 })];
    const report = await auditOf(facts, use);
    expect(totalsOf(report)).toEqual({ 'acme 2026-11 data': '65 @ 5' });
    expect(report.pools).toMatchObject([{ used: '50', overage: '0' }]);
  });

  test('where the order decides who pays, it is that of time and event id', async () => {
    const dear = { ...over, unitPrice: '2', effectiveFrom: at };
    const two = { ...plans, bundle: { ...plans.bundle, prices: [over, dear, roam] } };
    const facts = [book({ plans: two, pools: rules, addOns }), ...bundle.slice(1)];
    const use = [usage('1', 'S', at, { bytes_up: 8 }), usage('2', 'S', '2026-11-02T00:00:00Z', { bytes_up: 8 })];
    // The earlier 8 are covered, and 2 of the later ones: 6 are left, at 2.
    expect(totalsOf(await auditOf(facts, use))).toEqual({ 'acme 2026-11 data': '16 @ 12' });
    expect(totalsOf(await auditOf(facts, use.toReversed()))).toEqual({ 'acme 2026-11 data': '16 @ 12' });
  });
});

describe('outcomes', () => {
  const retired = { kind: 'sim', id: 'sim/R', sim: 'R', imsi: '1', msisdn: '2', subscription: 'S', state: 'retired' };
  const facts: FactJson[] = [
    ...bundle,
    account('shut', { status: 'blocked' }),
    account('dollars', { currency: 'USD' }),
    ...member('blocked', { account: 'shut', plan: 'bundle' }),
    ...member('foreign', { account: 'dollars', plan: 'bundle' }),
    ...member('planless', { account: 'acme', plan: 'none' }),
    ...member('later', { account: 'acme', plan: 'bundle', validFrom: '2026-12-01T00:00:00Z' }),
    { ...retired, validFrom: '2026-01-01T00:00:00Z' },
  ];

  test.each([
    ['suspended', 'SIM_UNKNOWN', usage('1', 'nobody', at, { bytes_up: 1 })],
    ['suspended', 'SIM_NOT_ACTIVE', usage('1', 'R', at, { bytes_up: 1 })],
    ['suspended', 'SIM_NOT_ACTIVE', usage('1', 'R', at, { iccid: null, msisdn: '2' })],
    ['suspended', 'SUBSCRIPTION_NOT_FOUND', usage('1', 'later', at, { bytes_up: 1 })],
    ['suspended', 'ACCOUNT_BLOCKED', usage('1', 'blocked', at, { bytes_up: 1 })],
    ['suspended', 'CURRENCY_MISMATCH', usage('1', 'foreign', at, { bytes_up: 1 })],
    ['suspended', 'PLAN_NOT_EFFECTIVE', usage('1', 'planless', at, { bytes_up: 1 })],
    ['suspended', 'SERVICE_UNRESOLVED', usage('1', 'S', at, { service: 'fax' })],
    ['suspended', 'ZONE_UNRESOLVED', usage('1', 'S', at, { plmn: '99999' })],
    ['suspended', 'ZONE_UNRESOLVED', usage('1', 'S', at, { plmn: null })],
    ['suspended', 'QUANTITY_INVALID', usage('1', 'S', at, { bytes_up: -1 })],
    ['suspended', 'QUANTITY_INVALID', usage('1', 'S', at, { units: 2 ** 47 + 1 })],
    ['suspended', 'QUANTITY_INVALID', usage('1', 'S', at, { end_time: 1 })],
    ['rejected', 'FIELD_MISSING', usage('1', 'S', at, { iccid: null })],
    ['rejected', 'FIELD_MISSING', usage('1', 'S', at, { event_id: null })],
    ['rejected', 'TIME_TOO_OLD', usage('1', 'S', '2026-10-20T23:59:59Z', {})],
    ['suspended', 'TIME_IN_FUTURE', usage('1', 'S', '2026-12-05T01:00:01Z', {})],
    ['rejected', 'SCHEMA_INVALID', { value: Buffer.alloc(0), receivedAtMs: RECEIVED_AT_MS }],
    [
      'rejected',
      'SCHEMA_INVALID',
      { value: usage('1', 'S', at, {}).value.subarray(0, 30), receivedAtMs: RECEIVED_AT_MS },
    ],
    ['suspended', 'SCHEMA_UNKNOWN', { value: Buffer.from([0, 9, 9, 9, 9, 0]), receivedAtMs: RECEIVED_AT_MS }],
    ['suspended', 'SCHEMA_INVALID', { value: Buffer.from('Obj\u0001rest'), receivedAtMs: RECEIVED_AT_MS }],
  ])('%s %s', async (outcome, code, message) => {
    const report = await auditOf(facts, [message]);
    expect(report).toMatchObject({ received: 1, rated: 0, [outcome]: 1, [`${outcome}ByCode`]: { [code]: 1 } });
    expect(report.totals).toEqual([]);
  });

  test('bounds that are still good: the horizon, an hour ahead, the largest quantity, a network where no zone counts', async () => {
    const good = [
      usage('1', 'S', '2026-10-21T00:00:00Z', { bytes_up: 1 }),
      usage('2', 'S', '2026-12-05T01:00:00Z', { bytes_up: 1 }),
      usage('3', 'S', at, { bytes_up: 2 ** 47 }),
      usage('4', 'S', at, { service: 'message', units: 1, plmn: '99999' }),
      usage('5', 'S', at, { service: 'voice', seconds: 60, plmn: null }),
    ];
    expect(await auditOf(facts, good)).toMatchObject({ received: 5, rated: 5 });
  });

  test('the same key and payload is a duplicate, whatever the flag says; another payload is a conflict', async () => {
    const first = usage('1', 'S', at, { bytes_up: 11 });
    const again = usage('1', 'S', at, { bytes_up: 11, retransmission: true });
    const other = usage('1', 'S', at, { bytes_up: 12 });
    const report = await auditOf(facts, [first, other, again]);
    expect(report).toMatchObject({ rated: 1, duplicate: 1, suspendedByCode: { DUPLICATE_CONFLICT: 1 } });
    // Until someone decides, neither payload is billed.
    expect(report.undecided).toBe(1);
    expect(totalsOf(report)).toEqual({});
  });

  test('a key is remembered only once its event is rated', async () => {
    const failed = usage('1', 'S', at, { bytes_up: 11, plmn: '99999' });
    const mended = usage('1', 'S', at, { bytes_up: 11 });
    expect(await auditOf(facts, [failed, mended, mended])).toMatchObject({ rated: 1, duplicate: 1, suspended: 1 });
  });
});
