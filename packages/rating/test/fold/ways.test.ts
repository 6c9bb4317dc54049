/**
 * The beaten way (`src/fold/ways.ts`) is a cache: whatever goes along it gives the lines and leaves the state that the general
 * steps give. Here everything is rated both ways. Applying no facts ends every way, so a rater that does so before each event
 * never goes along one.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rater, ReferenceFact } from '../../src/index.ts';
import { type BookDocument, onePriceBook } from '../support/book.ts';
import { SEED } from '../support/random.ts';
import {
  guidedFacts,
  type Line,
  rate,
  raterWith,
  row,
  type ScenarioEvent,
  snapshotBytes,
  subscriptionFact,
  topUpFact,
} from '../support/scenario.ts';

/** Draws one of each: a retail price, who owns its meter, the buckets before it, a cost, thresholds. */
const anyBook = fc
  .record({
    price: fc.constantFrom<object>(
      { model: 'per-unit', unitPrice: '0.3', per: 7 },
      { model: 'per-unit', unitPrice: '0.01', per: 3, increment: 5 },
      { model: 'package', packageSize: 6, packagePrice: '1' },
      { model: 'graduated', tiers: [{ upTo: 10, unitPrice: '3' }, { unitPrice: '1' }] },
      { model: 'volume', tiers: [{ upTo: 15, unitPrice: '10' }, { unitPrice: '5' }] },
      { model: 'flat', flatPrice: '2' },
      { model: 'per-unit', unitPrice: '1', maximum: '9' },
    ),
    scope: fc.constantFrom('event', 'day', 'cycle'),
    owner: fc.constantFrom('subscription', 'account', 'pool'),
    own: fc.constantFrom<object | undefined>(
      undefined,
      {},
      { rollover: { maximumPercent: '50' } },
      { proration: 'second' },
    ),
    shared: fc.constantFrom<object | undefined>(undefined, { recurs: 'once' }, {}),
    pool: fc.constantFrom<object>({ limitPerSubscription: 15 }, {}, { atEnd: 'stop' }),
    cost: fc.constantFrom<object | undefined>(undefined, { scope: 'event' }, { scope: 'cycle' }),
    thresholds: fc.constantFrom<number[]>([], [50, 100], [50, 150]),
  })
  .map((choice): BookDocument => {
    const { price, scope, owner, own, shared, pool, cost, thresholds } = choice;
    const allowances = [
      ...(own === undefined ? [] : [{ id: 'own', service: 'data', quantity: 8, ...own }]),
      ...(shared === undefined
        ? []
        : [{ id: 'all', service: 'data', owner: 'account', quantity: 40, priority: 9, ...shared }]),
    ];
    const costs = { id: 'cost', leg: 'wholesale', service: 'data', model: 'per-unit', unitPrice: '0.001', per: 3 };
    const partners = {
      prices: [{ ...costs, meter: { owner: 'subscription', scope: cost === undefined ? 'event' : 'cycle', ...cost } }],
    };
    const book = onePriceBook({ ...price, meter: { owner, scope } }, { allowances, contributes: { simple: 12 } });
    return {
      ...book,
      services: { data: { unit: 'messages', counts: 'units' }, message: { unit: 'messages', counts: 'units' } },
      completeness: 'optional',
      pools: { simple: { kind: 'stacked', service: 'data', priority: 30, ...pool } },
      addOns: { ten: { service: 'data', quantity: 10 } },
      thresholds,
      ...(cost === undefined ? {} : { tariffs: { partners }, wholesale: { tariffs: ['partners'] } }),
    } as BookDocument;
  });

const FACTS: readonly ReferenceFact[] = [
  subscriptionFact('A', '2026-09-01T00:00:00Z', { pool: 'P' }),
  subscriptionFact('B', '2026-10-15T00:00:00Z', { pool: 'P' }),
  topUpFact('T', '2026-10-20T00:00:00Z', '2026-11-10T00:00:00Z', 'A', 'ten'),
];

/** Mostly the same use again and again, so that ways are found, gone, ended by time and changed by late use. */
const anyEvents = fc
  .array(
    fc.record({
      second: fc.integer({ min: 0, max: 61 * 24 }),
      by: fc.constantFrom('A', 'A', 'B'),
      pool: fc.constantFrom('P', 'P', 'P', ''),
      service: fc.constantFrom('data', 'data', 'data', 'message'),
      units: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(2 ** 46)),
    }),
    { minLength: 10, maxLength: 60 },
  )
  .map((events) => {
    // Two thirds come in order, the rest late.
    const sorted = events.map((event, index) => ({ ...event, order: index % 3 === 0 ? index * 24 : event.second }));
    sorted.sort((a, b) => a.order - b.order);
    return sorted.map(({ second, ...event }, index): ScenarioEvent => {
      const at = new Date(Date.UTC(2026, 9, 1) + second * 3_600_000).toISOString().replace('.000', '');
      const common = { poolRule: 'simple', timeZone: 'Europe/Berlin', receivedAt: '2026-11-20T00:00:00Z' };
      return { id: String(index), at, ...common, ...event };
    });
  });

function lines(rater: Rater, events: readonly ScenarioEvent[]): unknown[] {
  const rated = rate(rater, events);
  return [
    rated.lines.map((line: Line) => [row(line), line.threshold]),
    rated.suspended.map(({ code, detail }) => [code, detail]),
  ];
}

describe(`the beaten way (seed ${SEED})`, () => {
  it('gives the lines and the state of the general steps', () => {
    fc.assert(
      fc.property(anyBook, anyEvents, (book, events) => {
        const beaten = raterWith([book], FACTS);
        const general = raterWith([book], FACTS);
        for (const event of events) {
          general.applyFacts(guidedFacts([]));
          expect(lines(beaten, [event])).toEqual(lines(general, [event]));
        }
        expect(snapshotBytes(beaten)).toEqual(snapshotBytes(general));
        expect(beaten.poolStatements()).toEqual(general.poolStatements());
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('sees late use of the month before in what rolled over', () => {
    const own = { id: 'own', service: 'data', quantity: 8, rollover: {} };
    const meter = { owner: 'subscription', scope: 'cycle' };
    const book = onePriceBook({ model: 'per-unit', unitPrice: '1', meter }, { allowances: [own] });
    const facts = [subscriptionFact('A', '2026-10-01T00:00:00Z')];
    const [beaten, general] = [raterWith([book], facts), raterWith([book], facts)];
    const days = ['11-02', '11-03', '11-04', '10-30', '11-05', '11-06', '10-31', '11-07', '11-08'];
    for (const day of days) {
      const use = day.startsWith('10') ? 3 : 1;
      const event = { id: day, at: `2026-${day}T12:00:00Z`, units: use, up: use };
      general.applyFacts(guidedFacts([]));
      expect(lines(beaten, [event])).toEqual(lines(general, [event]));
    }
    expect(snapshotBytes(beaten)).toEqual(snapshotBytes(general));
  });

  it('ends when a top-up, a new member or a new book arrives', () => {
    const book = {
      ...onePriceBook({ model: 'per-unit', unitPrice: '1' }),
      addOns: { ten: { service: 'data', quantity: 10 } },
    };
    const rater = raterWith([book as BookDocument], [subscriptionFact('A', '2026-09-01T00:00:00Z')]);
    const use = (id: string): ScenarioEvent => ({ id, at: '2026-11-05T12:00:00Z', units: 4, up: 4 });
    for (const id of ['1', '2', '3']) expect(rate(rater, [use(id)]).lines[0]?.rule.tag).toBe('pay-per-use');
    rater.applyFacts(guidedFacts([topUpFact('T', '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', 'A', 'ten')]));
    expect(rate(rater, [use('4')]).lines[0]?.rule.bucket).toBe('grant:T');
  });
});
