/** Which price holds: criteria, versions, bands by the local wall clock, directions; and how an event is cut along them. */
import { describe, expect, it } from 'vitest';
import { Calendar } from '../../src/calendar.ts';
import { Choice, RoutePrice } from '../../src/fold/route-price.ts';
import { Segments } from '../../src/fold/segments.ts';
import type { Usage } from '../../src/fold/usage.ts';
import { type Price, parseTimeMicros } from '../../src/index.ts';
import { type BookDocument, EVENT, onePriceBook } from '../support/book.ts';
import { brief, rate, raterWith, type ScenarioEvent } from '../support/scenario.ts';

const AT = '2026-11-10T12:00:00Z';

/** A book with prices for data by name: each costs its number for every unit, on a meter of its own. */
function bookOf(prices: object[], more: Partial<BookDocument> = {}, unit?: 'bytes' | 'seconds'): BookDocument {
  const document = onePriceBook({}, {}, unit);
  const priced = prices.map((price, index) => ({
    id: `p${index + 1}`,
    service: 'data',
    model: 'per-unit',
    unitPrice: String(index + 1),
    meter: EVENT,
    ...price,
  }));
  return { ...document, plans: { plan: { prices: priced } }, ...more };
}

/** Ids of the prices of an event's lines, with quantities. */
function prices(book: BookDocument, event: Partial<ScenarioEvent>): string[] {
  const { lines, suspended } = rate(raterWith([book]), [{ id: '1', at: AT, units: 1, ...event }]);
  if (suspended.length > 0) return suspended.map(({ code }) => code);
  return lines.map(({ rule, quantity }) => `${rule.price.replace(/^plan\/|@.*$/g, '')} ${quantity}`);
}

describe('criteria', () => {
  const zones = { home: { networks: ['26201'] }, away: { networks: ['20801'] } };
  const criteria = [
    { rats: ['6'] },
    { apns: ['corporate'] },
    { ratingGroups: [10] },
    { zones: ['home'] },
    { roaming: true },
    { priority: 9 },
  ].map((price, index) => ({ priority: index, ...price }));
  const book = bookOf(criteria, { zones, homeNetworks: ['26201'] } as Partial<BookDocument>);

  it.each<[what: string, event: Partial<ScenarioEvent>, price: string]>([
    ['a radio technology', { rat: '6' }, 'p1 1'],
    ['an access point', { apn: 'corporate', rat: '1' }, 'p2 1'],
    ['a rating group', { ratingGroup: 10 }, 'p3 1'],
    ['a zone', { plmn: '26201' }, 'p4 1'],
    ['a network that is not at home', { plmn: '20801' }, 'p5 1'],
    ['a network in no zone is not at home either', { plmn: '99999' }, 'p5 1'],
    ['no network: neither at home nor roaming', {}, 'p6 1'],
    ['values that no criterion names', { rat: '7', apn: 'public', ratingGroup: 3 }, 'p6 1'],
    ['of several that fit the lowest priority', { rat: '6', plmn: '20801', ratingGroup: 10 }, 'p1 1'],
  ])('%s', (_what, event, price) => {
    expect(prices(book, event)).toEqual([price]);
  });

  it('of one priority a price that names zones before one that does not, whatever its date', () => {
    const two = bookOf([{ zones: ['home'] }, { effectiveFrom: '2026-05-01T00:00:00Z' }], { zones });
    expect(prices(two, { plmn: '26201' })).toEqual(['p1 1']);
    expect(prices(two, { plmn: '20801' })).toEqual(['p2 1']);
  });
});

describe('bands', () => {
  const WEEKDAYS = [1, 2, 3, 4, 5];
  const evening = bookOf([{ priority: 1, when: [{ from: '18:00', to: '08:00' }] }, { priority: 2 }], {}, 'seconds');
  const weekend = bookOf(
    [
      { priority: 1, when: [{ days: [6, 7] }] },
      { priority: 2, when: [{ days: WEEKDAYS }] },
    ],
    {},
    'seconds',
  );
  const holiday = bookOf([{ priority: 1, when: [{ dates: ['12-25', '2026-12-31'] }] }, { priority: 2 }], {}, 'seconds');
  const night = bookOf([{ priority: 1, when: [{ from: '02:00', to: '03:00' }] }, { priority: 2 }], {}, 'seconds');
  const whole = bookOf(
    [
      { priority: 1, bandSplit: 'start', when: [{ from: '18:00', to: '08:00' }] },
      { priority: 2, bandSplit: 'start' },
    ],
    {},
    'seconds',
  );

  it.each<[what: string, book: BookDocument, event: Partial<ScenarioEvent>, parts: string[]]>([
    ['begin: the very second', evening, { at: '2026-11-10T18:00:00Z', seconds: 60 }, ['p1 60']],
    ['end: no longer', evening, { at: '2026-11-11T08:00:00Z', seconds: 60 }, ['p2 60']],
    ['past midnight', evening, { at: '2026-11-11T07:59:59Z', seconds: 1 }, ['p1 1']],
    ['an event over the begin is cut', evening, { at: '2026-11-10T17:59:00Z', seconds: 100 }, ['p2 60', 'p1 40']],
    ['midnight changes nothing', evening, { at: '2026-11-10T23:59:00Z', seconds: 120 }, ['p1 120']],
    ['two days: what comes back is one part', evening, { at: AT, seconds: 2 * 86_400 }, ['p2 72000', 'p1 100800']],
    [
      'a second begun before the cut is of the old price',
      evening,
      { at: '2026-11-10T17:59:58.5Z', seconds: 3 },
      ['p2 2', 'p1 1'],
    ],
    ['local hours', evening, { at: '2026-11-10T17:00:00Z', seconds: 1, timeZone: 'Europe/Berlin' }, ['p1 1']],
    ['priced as it began', whole, { at: '2026-11-10T17:59:00Z', seconds: 100 }, ['p2 100']],
    ['Friday night into Saturday', weekend, { at: '2026-11-13T23:59:50Z', seconds: 20 }, ['p2 10', 'p1 10']],
    [
      'Saturday begins at local midnight',
      weekend,
      { at: '2026-11-13T23:30:00Z', seconds: 1, timeZone: 'Europe/Berlin' },
      ['p1 1'],
    ],
    ['a date of every year', holiday, { at: '2026-12-25T12:00:00Z', seconds: 1 }, ['p1 1']],
    ['a date of one year', holiday, { at: '2027-12-31T12:00:00Z', seconds: 1 }, ['p2 1']],
    [
      'the hour that the clock skips is not',
      night,
      { at: '2026-03-29T00:59:00Z', seconds: 120, timeZone: 'Europe/Berlin' },
      ['p2 120'],
    ],
    [
      'the hour that comes twice is twice',
      night,
      { at: '2026-10-24T23:59:00Z', seconds: 7320, timeZone: 'Europe/Berlin' },
      ['p2 120', 'p1 7200'],
    ],
    ['of 0 s', evening, { at: '2026-11-10T18:00:00Z', seconds: 0 }, ['p1 0']],
  ])('%s', (_what, book, event, parts) => {
    expect(prices(book, event)).toEqual(parts);
  });

  it.each([
    [60, undefined],
    [61, 'PRICE_NOT_FOUND'],
  ])('no second may be without a price: %d s up to the last second of the only band and past it', (seconds, code) => {
    // Validation lets no such book pass, so the parts are asked for directly.
    const price = { bands: [{ days: undefined, dates: undefined, from: 28_800, to: 64_800 }], bandSplit: 'cut' };
    const only = new RoutePrice({ ...price, rule: { kind: 'zero-rated' } } as unknown as Price, undefined, 'EUR', 0);
    const usage = {
      party: { calendar: new Calendar('UTC') },
      route: { offer: { service: { unit: 'seconds', counts: 'seconds' } } },
      events: { seconds: [seconds] },
      index: 0,
      time: parseTimeMicros('2026-11-10T17:59:00Z'),
    } as unknown as Usage;
    const choices = { whole: new Choice([only]), up: undefined, down: undefined };
    expect(new Segments().plan(usage, choices)).toBe(code);
  });

  it('time that is counted as units does not last, so it is priced as it began', () => {
    const { prices: cut } = evening.plans.plan as { prices: object[] };
    const reported = bookOf(cut, { services: { data: { unit: 'seconds', counts: 'units' } } }, 'seconds');
    expect(prices(evening, { at: '2026-11-10T17:59:00Z', seconds: 100 })).toHaveLength(2);
    expect(prices(reported, { at: '2026-11-10T17:59:00Z', units: 100 })).toEqual(['p2 100']);
  });

  it('an event of ten years is cut day by day, one of longer is refused', () => {
    expect(prices(weekend, { seconds: 3660 * 86_400 })).toHaveLength(2);
    expect(prices(weekend, { seconds: 3661 * 86_400 })).toEqual(['OVERFLOW']);
  });
});

describe('directions', () => {
  const book = bookOf([{ direction: 'up' }, { direction: 'down' }], {}, 'bytes');
  it.each<[up: number, down: number, lines: string[]]>([
    [3, 5, ['p1 3', 'p2 5']],
    [0, 5, ['p2 5']],
    [3, 0, ['p1 3']],
    [0, 0, ['p1 0']],
  ])('%d octets up and %d down', (up, down, lines) => {
    expect(prices(book, { up, down })).toEqual(lines);
  });

  it('an allowance covers the front, which is what goes up', () => {
    const document = bookOf([{ direction: 'up' }, { direction: 'down' }], {}, 'bytes');
    const plan = document.plans.plan as { allowances?: object[] };
    plan.allowances = [{ id: 'a', service: 'data', quantity: 4 }];
    const { lines } = rate(raterWith([document]), [{ id: '1', at: AT, up: 3, down: 5 }]);
    expect(lines.map(brief)).toEqual(['in-bundle 4 0', 'overage 4 8']);
    expect(lines.map(({ eventQuantity }) => eventQuantity)).toEqual([8, 8]);
  });
});
