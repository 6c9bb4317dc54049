/**
 * The laws over the whole calculus, with random books and events that shrink: parts add up, restarts do not show, and what is
 * metered by the cycle does not depend on order, duplicates or how use is cut into events.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, type Rater, type ReferenceFact, restoreRater } from '../../src/index.ts';
import { type BookDocument, onePriceBook } from '../support/book.ts';
import { SEED } from '../support/random.ts';
import {
  type Line,
  rate,
  raterWith,
  row,
  type ScenarioEvent,
  snapshotBytes,
  subscriptionFact,
  topUpFact,
  total,
} from '../support/scenario.ts';

const RUNS = { seed: SEED, numRuns: 60 };
const METER = { owner: 'subscription', scope: 'cycle' };

/** A price of every scope, bands, a percentage, wholesale, and buckets of every kind. */
function wholeBook(): BookDocument {
  const book = onePriceBook({ model: 'per-unit', unitPrice: '1' });
  const call = {
    service: 'voice',
    model: 'per-unit',
    per: 60,
    connectFee: '0.1',
    meter: { ...METER, scope: 'session' },
  };
  const cost = {
    id: 'cost',
    leg: 'wholesale',
    service: 'data',
    model: 'package',
    packageSize: 7,
    packagePrice: '1',
    meter: METER,
  };
  const percentage = { model: 'percentage', ratePercent: '5', perEvent: { freeEvents: 2, fixed: '0.5' } };
  const tiers = [{ upTo: 10, unitPrice: '3', flatPrice: '1' }, { unitPrice: '1' }];
  return {
    ...book,
    services: {
      data: { unit: 'messages', counts: 'units' },
      voice: { unit: 'seconds', counts: 'seconds' },
      premium: { unit: 'money', counts: 'amount', decimals: 2 },
    },
    pools: { simple: { kind: 'stacked', service: 'data', priority: 30, limitPerSubscription: 15 } },
    addOns: { ten: { service: 'data', quantity: 10, step: 4 } },
    thresholds: [50, 100, 150],
    tariffs: { partners: { prices: [cost] } },
    wholesale: { tariffs: ['partners'] },
    plans: {
      plan: {
        contributes: { simple: 12 },
        allowances: [
          { id: 'own', service: 'data', quantity: 8, rollover: { maximumPercent: '50' } },
          { id: 'shared', service: 'data', owner: 'account', quantity: 90, recurs: 'once', priority: 9 },
          { id: 'bound', service: 'voice', quantity: 60, boundToDevice: true, priority: 20 },
        ],
        prices: [
          { id: 'data', service: 'data', model: 'graduated', tiers, minimum: '20', meter: { ...METER, scope: 'day' } },
          { ...call, id: 'day', unitPrice: '0.6', priority: 1, when: [{ from: '08:00', to: '18:00' }] },
          { ...call, id: 'night', unitPrice: '0.3', priority: 2 },
          { id: 'premium', service: 'premium', ...percentage, meter: METER },
        ],
      },
    },
  } as BookDocument;
}

const FACTS: readonly ReferenceFact[] = [
  subscriptionFact('A', '2026-09-01T00:00:00Z', { pool: 'P', device: 'd' }),
  subscriptionFact('B', '2026-10-15T00:00:00Z', { pool: 'P' }),
  topUpFact('T', '2026-10-20T00:00:00Z', '2026-11-10T00:00:00Z', 'A', 'ten'),
];

const time = fc.integer({ min: 0, max: 61 * 86_400 }).map((second) => {
  return new Date(Date.UTC(2026, 9, 1) + second * 1000).toISOString().replace('.000', '');
});
const common = {
  at: time,
  by: fc.constantFrom('A', 'B'),
  pool: fc.constantFrom('P', ''),
  poolRule: fc.constant('simple'),
  timeZone: fc.constant('Europe/Berlin'),
  receivedAt: fc.constant('2026-11-20T00:00:00Z'),
};
const anyEvent: fc.Arbitrary<Partial<ScenarioEvent>> = fc.oneof(
  fc.record({ ...common, service: fc.constant('data'), units: fc.integer({ min: 0, max: 12 }) }),
  fc.record({
    ...common,
    service: fc.constant('voice'),
    seconds: fc.integer({ min: 0, max: 40_000 }),
    session: fc.constantFrom('', 's', 't'),
    imei: fc.constantFrom('', 'd'),
  }),
  fc.record({
    ...common,
    service: fc.constant('premium'),
    amount: fc.integer({ min: 0, max: 999 }).map((n) => `${n / 4}`),
  }),
);
const anyEvents = fc.array(anyEvent, { maxLength: 40 }).map((events) => {
  return events.map((event, index): ScenarioEvent => ({ id: String(index), at: '', ...event }));
});

function run(rater: Rater, events: readonly ScenarioEvent[]): Line[] {
  const { lines, suspended } = rate(rater, events);
  expect(suspended).toEqual([]);
  return lines;
}

describe(`the whole calculus (seed ${SEED})`, () => {
  it('the parts of an event add up to the event in each leg, and are numbered from 0', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const lines = run(raterWith([wholeBook()], FACTS), events);
        for (const index of events.keys()) {
          const own = lines.filter(({ event }) => event === index);
          expect(own.map(({ part }) => part)).toEqual([...own.keys()]);
          for (const leg of ['retail', 'wholesale']) {
            const ofLeg = own.filter(({ rule }) => rule.leg === leg);
            const sum = ofLeg.reduce((quantity, line) => quantity + line.quantity, 0);
            for (const { eventQuantity } of ofLeg) expect(sum).toBe(eventQuantity);
          }
        }
      }),
      RUNS,
    );
  });

  it('a rater restored between any two events goes on as if nothing had happened', () => {
    fc.assert(
      fc.property(anyEvents, fc.nat(), (events, at) => {
        const cut = at % (events.length + 1);
        const whole = raterWith([wholeBook()], FACTS);
        const lines = run(whole, events);
        const first = raterWith([wholeBook()], FACTS);
        const before = run(first, events.slice(0, cut));
        const second = restoreRater(snapshotBytes(first));
        expect([...before, ...run(second, events.slice(cut))].map(row)).toEqual(lines.map(row));
        expect(snapshotBytes(second)).toEqual(snapshotBytes(whole));
        expect(second.trueUps()).toEqual(whole.trueUps());
        expect(second.balances(0)).toEqual(whole.balances(0));
        expect(second.poolStatements()).toEqual(whole.poolStatements());
        expect(second.statistics()).toEqual(whole.statistics());
      }),
      RUNS,
    );
  });

  it('the whole in one block is the whole in many', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const many = raterWith([wholeBook()], FACTS);
        const one = raterWith([wholeBook()], FACTS);
        expect(events.flatMap((event) => run(many, [event])).map(row)).toEqual(run(one, events).map(row));
        expect(snapshotBytes(many)).toEqual(snapshotBytes(one));
      }),
      RUNS,
    );
  });
});

describe(`what is metered by the cycle (seed ${SEED})`, () => {
  const models: fc.Arbitrary<object> = fc.constantFrom<object>(
    { model: 'per-unit', unitPrice: '0.3', per: 7 },
    { model: 'package', packageSize: 6, packagePrice: '1' },
    { model: 'graduated', tiers: [{ upTo: 10, unitPrice: '3', flatPrice: '1' }, { unitPrice: '1' }] },
    { model: 'volume', tiers: [{ upTo: 15, unitPrice: '10' }, { unitPrice: '5' }] },
    { model: 'stairstep', tiers: [{ upTo: 5, flatPrice: '1' }, { flatPrice: '4' }] },
    { model: 'per-unit', unitPrice: '1', minimumQuantity: 9, increment: 5, discountPercent: '12.5', maximum: '40' },
  );
  const uses = fc.array(fc.record({ units: fc.integer({ min: 1, max: 9 }), by: fc.constantFrom('A', 'B') }), {
    minLength: 1,
    maxLength: 15,
  });

  function bill(price: object, events: readonly ScenarioEvent[]): string {
    const allowances = [{ id: 'a', service: 'data', owner: 'account', quantity: 12 }];
    const meter = { owner: 'account', scope: 'cycle' };
    return total(run(raterWith([onePriceBook({ ...price, meter }, { allowances })]), events));
  }

  it('costs the same in any order, with duplicates, and cut into single units', () => {
    fc.assert(
      fc.property(models, uses, fc.infiniteStream(fc.nat()), (price, list, random) => {
        const events = list.map(
          (use, index): ScenarioEvent => ({ id: String(index), at: '2026-11-10T12:00:00Z', ...use }),
        );
        const expected = bill(price, events);
        const keyed = [...events, ...events.slice(0, 3)].map((event) => ({ event, key: random.next().value ?? 0 }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ event }) => event);
        expect(bill(price, shuffled)).toBe(expected);
        const cut = events.flatMap(({ units = 0, ...event }) =>
          Array.from({ length: units }, (_, part) => ({ ...event, id: `${event.id}/${part}`, units: 1 })),
        );
        expect(bill(price, cut)).toBe(expected);
      }),
      RUNS,
    );
  });

  it('5. late usage with volume tiers: 90 units are 900, 20 late ones make 110 at 9 = 990, with a line of +90', () => {
    const tiers = [{ upTo: 100, unitPrice: '10' }, { upTo: 200, unitPrice: '9' }, { unitPrice: '8' }];
    const rater = raterWith([onePriceBook({ model: 'volume', tiers })]);
    const lines = run(rater, [
      { id: '1', at: '2026-10-10T00:00:00Z', units: 90 },
      { id: '2', at: '2026-10-11T00:00:00Z', units: 20, receivedAt: '2026-11-10T00:00:00Z' },
    ]);
    expect(lines.map(({ rule, amount }) => `${rule.period} ${formatMoney(amount)}`)).toEqual([
      '2026-10 900',
      '2026-10 90',
    ]);
  });
});
