/** Settlement: the same set of events gives the same bill, and adjustments lead to it from wherever the stream was. */
import { describe, expect, it } from 'vitest';
import {
  adjustmentRecords,
  adjustments,
  Conflicts,
  compareBills,
  compareEvents,
  createRater,
  EventTable,
  formatMoney,
  LineTotals,
  mergeTotals,
  type OfflineEvent,
  OUTCOME_DUPLICATE,
  OUTCOME_RATED,
  OUTCOME_SUSPENDED,
  offlineEvent,
  type Profile,
  parseTimeMicros,
  type SettledBill,
  Settlement,
  type Total,
} from '../../src/index.ts';
import type { BookDocument } from '../support/book.ts';
import { Random, SEED } from '../support/random.ts';
import { bookFact, guidedFacts, MB, subscriptionFact } from '../support/scenario.ts';

function bookWith(unitPrice: string, allocation = 'usage'): BookDocument {
  return {
    format: 1,
    name: 'settled',
    version: 1,
    currency: 'EUR',
    effectiveFrom: '2026-01-01T00:00:00Z',
    author: 'a',
    approver: 'b',
    services: { data: { unit: 'bytes', counts: 'both' }, fax: { unit: 'messages', counts: 'units' } },
    pools: { stacked: { kind: 'stacked', service: 'data', proration: 'second', allocation } },
    plans: {
      plan: {
        contributes: { stacked: '10 MB' },
        prices: [
          {
            id: 'data',
            service: 'data',
            model: 'per-unit',
            unitPrice,
            per: '1 MB',
            meter: { owner: 'pool', scope: 'cycle' },
          },
        ],
      },
    },
  } as BookDocument;
}

/** Worked example 1: A and B are members all November (30 days), C its last 15. */
const FACTS = [
  subscriptionFact('A', '2026-01-01T00:00:00Z', { pool: 'P' }),
  subscriptionFact('B', '2026-01-01T00:00:00Z', { pool: 'P' }),
  subscriptionFact('C', '2026-11-16T00:00:00Z', { pool: 'P' }),
];
const pool = {
  kind: 'pool',
  id: 'pool/P',
  pool: 'P',
  account: 'ROOT',
  rule: 'stacked',
  validFrom: '2026-01-01T00:00:00Z',
} as const;

function factsWith(book: BookDocument) {
  return guidedFacts([bookFact(book), pool, ...FACTS]);
}

const profiles = new Map<string, Profile>();

function profileOf(subscription: string): Profile {
  const known = profiles.get(subscription);
  if (known !== undefined) return known;
  const profile = {
    usageAccount: 'ACC',
    subscription,
    sim: `sim-${subscription}`,
    plan: 'plan',
    pool: 'P',
    poolAccount: 'ROOT',
    poolRule: 'stacked',
    ratingKey: 'ROOT',
    currency: 'EUR',
    timeZone: 'UTC',
    simState: 'active',
  };
  profiles.set(subscription, profile);
  return profile;
}

function event(id: string, by: string, at: string, megabytes: number, service = 'data'): OfflineEvent {
  const context = { source: 's', service, plmn: '', rat: '', apn: '', ratingGroup: -1, rawEncoding: 'message' };
  const eventTime = parseTimeMicros(at);
  const bytesUp = service === 'data' ? megabytes * MB : 0;
  return offlineEvent({ id, profile: profileOf(by), context, eventTime, bytesUp, units: service === 'data' ? 0 : 1 });
}

const EVENTS = [
  event('e1', 'A', '2026-11-02T10:00:00Z', 12),
  event('e2', 'B', '2026-11-03T10:00:00Z', 3),
  event('e3', 'A', '2026-11-20T10:00:00Z', 8),
  event('e4', 'C', '2026-11-20T10:00:00Z', 6),
];

function tableOf(events: readonly OfflineEvent[]): EventTable {
  const table = new EventTable();
  for (const one of events) table.add(one);
  return table;
}

function canonical(events: readonly OfflineEvent[]): OfflineEvent[] {
  return [...events].sort((a, b) => compareEvents(a.eventTime, a.id, b.eventTime, b.id));
}

function settle(events: readonly OfflineEvent[], book = bookWith('0.10'), leaveOut?: ReadonlySet<string>): SettledBill {
  const settlement = new Settlement(factsWith(book), leaveOut === undefined ? {} : { leaveOut });
  expect(settlement.refused).toEqual([]);
  for (const one of canonical(events)) settlement.add(tableOf([one]));
  return settlement.close();
}

function amountOf(totals: readonly Total[]): string {
  return formatMoney(totals.reduce((sum, { amount }) => sum + amount, 0n));
}

describe('worked example 1', () => {
  it.each([
    ['usage', { A: '0.28', B: '0.04', C: '0.08' }],
    ['excess', { A: '0.36', B: '0', C: '0.04' }],
    ['chronological', { C: '0.4' }],
    ['pool', { '': '0.4' }],
  ])('the pool of 25 MB goes over by 4 MB for 0.40; by %s', (allocation, shares) => {
    const bill = settle(EVENTS, bookWith('0.10', allocation));
    expect(amountOf(bill.totals)).toBe('0.4');
    const [statement] = bill.pools;
    expect(statement).toMatchObject({ pool: 'P', account: 'ROOT', period: '2026-11', size: 25 * MB, overage: 4 * MB });
    const [charge] = statement?.charges ?? [];
    expect(charge).toMatchObject({ currency: 'EUR', exact: 400_000_000_000n, amount: 400_000_000_000n });
    const shown = charge?.shares.map(({ subscription, amount }) => [subscription, formatMoney(amount)]) ?? [];
    expect(Object.fromEntries(shown)).toEqual(shares);
  });
});

describe('the same set of events', () => {
  it('settles alike in batches of any size, with any repeats', () => {
    const random = new Random(SEED);
    const expected = settle(EVENTS);
    for (let round = 0; round < 20; round += 1) {
      const repeated = canonical([...EVENTS, ...EVENTS.filter(() => random.below(2) === 0)]);
      const settlement = new Settlement(factsWith(bookWith('0.10')));
      const left = [...repeated];
      while (left.length > 0) settlement.add(tableOf(left.splice(0, 1 + random.below(3))));
      const bill = settlement.close();
      expect(bill.totals).toEqual(expected.totals);
      expect(bill.events).toEqual({ rated: 4, duplicate: repeated.length - 4, suspended: 0 });
    }
  });

  it('rated in any order, with its adjustments, is the settled bill, total by total', () => {
    const random = new Random(SEED);
    const settled = settle(EVENTS).totals;
    for (let round = 0; round < 20; round += 1) {
      const rater = createRater();
      rater.applyFacts(factsWith(bookWith('0.10')));
      const table = tableOf(random.shuffled(EVENTS));
      const lines = new LineTotals();
      lines.add(rater.rate(table).lines, table);
      const rated = lines.totals();
      const sum = mergeTotals([...rated, ...adjustments(settled, rated)]);
      expect(sum.filter(({ quantity, amount }) => quantity !== 0n || amount !== 0n)).toEqual(settled);
      expect(adjustments(settled, settled)).toEqual([]);
    }
  });

  it('is not settled over years of receipt any differently: keys of days are kept until their time has passed', () => {
    const late = EVENTS.map((one, index) => ({
      ...one,
      receivedAt: one.eventTime + (4 - index) * 100 * 86_400_000_000,
    }));
    expect(settle(late).totals).toEqual(settle(EVENTS).totals);
  });
});

describe('order', () => {
  it.each([
    ['an earlier time', [EVENTS[1], EVENTS[0]]],
    ['a lower id at the same time', [EVENTS[3], EVENTS[2]]],
  ])('%s is refused, in a batch and across batches, and nothing of the batch is rated', (_what, wrong) => {
    const events = wrong.flatMap((one) => one ?? []);
    const settlement = new Settlement(factsWith(bookWith('0.10')));
    expect(() => settlement.add(tableOf(events))).toThrow(/stands before/);
    expect(settlement.close().events.rated).toBe(0);
    const [first, second] = events;
    settlement.add(tableOf(first === undefined ? [] : [first]));
    expect(() => settlement.add(tableOf(second === undefined ? [] : [second]))).toThrow(
      /sort by event time, then by id/,
    );
  });
});

describe('conflicts', () => {
  const other = event('e3', 'A', '2026-11-20T10:00:00Z', 1);

  it('bill neither payload, and the adjustment reverses the provisional line', () => {
    const all = [...EVENTS, other];
    const conflicts = new Conflicts();
    conflicts.add(tableOf(all));
    expect(conflicts).toMatchObject({ count: 4 });
    const without = settle(EVENTS.filter(({ id }) => id !== 'e3'));
    const bill = settle(all, bookWith('0.10'), conflicts.keys);
    expect(bill.totals).toEqual(without.totals);
    expect(bill.events).toEqual({ rated: 3, duplicate: 0, suspended: 2 });
    expect(bill.unrated).toMatchObject([{ code: 'DUPLICATE_CONFLICT', events: 2, quantity: BigInt(9 * MB) }]);
    expect(amountOf(adjustments(bill.totals, settle(EVENTS).totals))).toBe('-0.4');
  });

  it('leave the indexes of the batch as they are', () => {
    const conflicts = new Conflicts();
    conflicts.add(tableOf([...EVENTS, other]));
    const settlement = new Settlement(factsWith(bookWith('0.10')), { leaveOut: conflicts.keys });
    const { lines, outcomes, suspended } = settlement.add(tableOf([...EVENTS, ...EVENTS.slice(3)]));
    expect([...outcomes]).toEqual([OUTCOME_RATED, OUTCOME_RATED, OUTCOME_SUSPENDED, OUTCOME_RATED, OUTCOME_DUPLICATE]);
    expect([...lines.event.subarray(0, lines.count)]).toEqual([0, 1, 3]);
    expect(suspended.map(({ event: index, code }) => [index, code])).toEqual([[2, 'DUPLICATE_CONFLICT']]);
  });
});

describe('adjustments', () => {
  it('have ids that follow from the settlement and the total, so that repeating them is harmless', () => {
    const differences = adjustments(settle(EVENTS).totals, []);
    const [first, again, other] = ['2026-11@7', '2026-11@7', '2026-11@8'].map((name) =>
      adjustmentRecords(name, differences).map(({ id }) => id),
    );
    expect(again).toEqual(first);
    expect(new Set([...(first ?? []), ...(other ?? [])]).size).toBe(differences.length * 2);
  });

  it('of late usage are what the next bill has more', () => {
    const known = settle(EVENTS.slice(0, 3));
    const all = settle(EVENTS);
    expect([amountOf(known.totals), amountOf(adjustments(all.totals, known.totals))]).toEqual(['0', '0.4']);
  });
});

describe('the trial of a new book', () => {
  it('says who pays more, who less, and what cannot be rated', () => {
    const fax = event('f1', 'B', '2026-11-21T00:00:00Z', 0, 'fax');
    const before = settle(EVENTS);
    const after = settle([...EVENTS, fax], bookWith('0.15'));
    const comparison = compareBills(before, after);
    expect(comparison.currencies).toMatchObject([{ currency: 'EUR', accountsUp: 1, accountsDown: 0, accountsSame: 0 }]);
    expect(comparison.topMovers).toMatchObject([{ account: 'ROOT', change: 200_000_000_000n }]);
    expect(comparison.unratedBefore).toEqual([]);
    expect(comparison.unratedAfter).toMatchObject([
      { code: 'PRICE_NOT_FOUND', service: 'fax', events: 1, firstEvent: 'f1' },
    ]);
  });
});
