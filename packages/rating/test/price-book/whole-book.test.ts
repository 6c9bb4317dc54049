/**
 * What the parts of a book mean together: a table of changes to a small book of one shared tariff and two plans, with the
 * problem that each makes. Changes that are no problem stand in a table of their own.
 */
import { describe, expect, it } from 'vitest';
import { type BookProblem, validatePriceBook } from '../../src/index.ts';

type Fields = Record<string, unknown>;
interface Book extends Fields {
  services: Record<string, Fields>;
  zones: Record<string, Fields>;
  pools: Record<string, Fields>;
  addOns: Record<string, Fields>;
  tariffs: Record<string, { allowances: Fields[]; prices: Fields[] }>;
  plans: Record<string, Fields & { prices: Fields[]; allowances: Fields[] }>;
  wholesale: Fields;
}

const CYCLE = { owner: 'subscription', scope: 'cycle' };
const EVENT = { owner: 'subscription', scope: 'event' };

/** All data is priced at 1 a byte by tariff `base`, all voice by the plan itself, all messages by both plans. */
function book(): Book {
  const message = { id: 'message', service: 'message', ...perUnit };
  return {
    format: 1,
    name: 'small',
    version: 1,
    currency: 'EUR',
    effectiveFrom: '2026-01-01T00:00:00Z',
    author: 'author',
    approver: 'approver',
    homeNetworks: ['26201'],
    services: {
      data: { unit: 'bytes', counts: 'both' },
      up: { unit: 'bytes', counts: 'up' },
      voice: { unit: 'seconds', counts: 'seconds' },
      message: { unit: 'messages', counts: 'units' },
      premium: { unit: 'money', counts: 'amount', decimals: 2 },
    },
    zones: { home: { networks: ['26201'] }, near: { networks: ['20801'] }, far: { networks: ['310410'] } },
    pools: { shared: { kind: 'stacked', service: 'data' } },
    addOns: { extra: { service: 'data', quantity: '1 MB' } },
    tariffs: {
      base: { allowances: [], prices: [{ id: 'data', service: 'data', ...perUnit }] },
      costs: { allowances: [], prices: [{ id: 'cost', leg: 'wholesale', service: 'data', ...perUnit }] },
    },
    plans: {
      one: { tariffs: ['base'], allowances: [], prices: [{ id: 'voice', service: 'voice', ...perUnit }, message] },
      two: { tariffs: ['base'], allowances: [], prices: [message] },
    },
    wholesale: { tariffs: ['costs'] },
  };
}

const perUnit = { model: 'per-unit', unitPrice: '1', meter: CYCLE };
const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

function data(more: Fields): Fields {
  return { id: 'more', service: 'data', ...perUnit, ...more };
}

function withPrices(...prices: Fields[]): (book: Book) => void {
  return (changed) => {
    changed.plans.one?.prices.push(...prices);
  };
}

function withAllowance(allowance: Fields): (book: Book) => void {
  return (changed) => {
    changed.plans.one?.allowances.push({ id: 'a', service: 'data', quantity: 1, ...allowance });
  };
}

/** In place of the tariff's own price. */
function withTariff(...prices: Fields[]): (book: Book) => void {
  return (changed) => {
    changed.tariffs.base = { allowances: [], prices };
  };
}

function problemsOf(change: (book: Book) => void): BookProblem[] {
  const changed = book();
  change(changed);
  const result = validatePriceBook(JSON.parse(JSON.stringify(changed)));
  return 'problems' in result ? result.problems : [];
}

const MORE = 'plans.one.prices[2]';
const ALLOWANCE = 'plans.one.allowances[0]';

describe('a change that makes a book wrong', () => {
  it.each<[what: string, change: (book: Book) => void, path: string, problem: string, cure: string]>([
    // Names
    [
      'a tariff named like a plan',
      (b) => (b.tariffs.one = { allowances: [], prices: [data({})] }),
      'tariffs.one',
      "a plan is named 'one' too",
      'another name',
    ],
    [
      'a tariff that is not there',
      (b) => Object.assign(b.plans.one as Fields, { tariffs: ['bsae'] }),
      'plans.one.tariffs[0]',
      'no known tariff',
      "did you mean 'base'?",
    ],
    [
      'a tariff that nobody uses',
      (b) => (b.tariffs.spare = { allowances: [], prices: [data({})] }),
      'tariffs.spare',
      'is never used',
      'take it out',
    ],
    [
      'service beside services',
      withPrices(data({ services: ['data'] })),
      `${MORE}.services`,
      'stands beside service',
      'one of the two',
    ],
    [
      'services of two units',
      withAllowance({ service: undefined, services: ['data', 'voice'] }),
      ALLOWANCE,
      'different units',
      'an entry for each unit',
    ],
    [
      'roaming without home networks',
      (b) => {
        delete b.homeNetworks;
        b.plans.one?.prices.push(data({ roaming: true }));
      },
      `${MORE}.roaming`,
      'nothing is known of roaming',
      'homeNetworks',
    ],
    // Currencies
    [
      'one tariff in two currencies',
      (b) => Object.assign(b.plans.two as Fields, { currency: 'USD' }),
      'plans.two.tariffs[0]',
      "other plans use tariff 'base' in EUR",
      'each currency',
    ],
    // Ties
    [
      'two prices for one use',
      withPrices(data({})),
      'tariffs.base.prices[0]',
      "both used by plan 'one', both fit service 'data'",
      'priority',
    ],
    [
      'two for one rating group',
      withPrices(data({ ratingGroups: [1, 2], priority: -1 }), data({ id: 'b', ratingGroups: [2, 3], priority: -1 })),
      'plans.one.prices[3]',
      "'more' and 'b' both fit",
      'priority',
    ],
    [
      'two for one access point, one of which also names a radio type',
      withPrices(data({ apns: ['x'], priority: -1 }), data({ id: 'b', apns: ['x'], rats: ['NR'], priority: -1 })),
      'plans.one.prices[3]',
      'both fit',
      'priority',
    ],
    [
      'two whose bands meet',
      withPrices(
        data({ priority: -1, when: [{ from: '08:00', to: '18:00' }] }),
        data({ id: 'b', priority: -1, when: [{ from: '17:59', to: '20:00' }] }),
      ),
      'plans.one.prices[3]',
      'both fit',
      'priority',
    ],
    [
      'a band past midnight that meets the morning',
      withPrices(
        data({ priority: -1, when: [{ from: '22:00', to: '06:00' }] }),
        data({ id: 'b', priority: -1, when: [{ days: ['mon'], from: '05:00', to: '07:00' }] }),
      ),
      'plans.one.prices[3]',
      'both fit',
      'priority',
    ],
    [
      'a date that is one of the days',
      withPrices(
        data({ priority: -1, when: [{ dates: ['2026-12-25'] }] }),
        data({ id: 'b', priority: -1, when: [{ days: ['fri'] }] }),
      ),
      'plans.one.prices[3]',
      'both fit',
      'priority',
    ],
    // Directions
    [
      'a service priced whole and by direction',
      withPrices(data({ direction: 'up', priority: -1 })),
      `${MORE}.direction`,
      "and 'data' for the whole",
      'each direction',
    ],
    [
      'a direction of a service that counts one',
      withPrices(data({ service: 'up', direction: 'up' })),
      `${MORE}.direction`,
      'counts up',
      'both',
    ],
    // Bands
    [
      'a band without a day',
      withPrices(data({ priority: -1, when: [{ days: [] }] })),
      `${MORE}.when[0].days`,
      'names no day',
      'name a day',
    ],
    [
      'a band whose date is on another day',
      withPrices(data({ priority: -1, when: [{ days: ['sat'], dates: ['2026-12-25'] }] })),
      `${MORE}.when[0]`,
      'holds never',
      'days or dates',
    ],
    [
      'a day that is none',
      withPrices(data({ when: [{ days: ['friday'] }] })),
      `${MORE}.when[0].days[0]`,
      'is not a day',
      'mon',
    ],
    [
      'a date that is none',
      withPrices(data({ when: [{ dates: ['02-30'] }] })),
      `${MORE}.when[0].dates[0]`,
      'is not a date',
      '12-25',
    ],
    [
      'a time of day that is none',
      withPrices(data({ when: [{ from: '25:00' }] })),
      `${MORE}.when[0].from`,
      'is not a time of day',
      '18:00',
    ],
    [
      'bands that leave a night without a price',
      withTariff(data({ when: [{ from: '08:00', to: '20:00' }] })),
      'tariffs.base.prices[0].when',
      "service 'data' without a price on Monday from 00:00 to 08:00",
      'without bands',
    ],
    [
      'bands that leave a Sunday',
      withTariff(data({ when: [{ days: WEEK.slice(0, 6) }] })),
      'tariffs.base.prices[0].when',
      'on Sunday from 00:00 to 24:00',
      'add bands',
    ],
    [
      'a cut of what is not time',
      withPrices(data({ priority: -1, bandSplit: 'cut' })),
      `${MORE}.bandSplit`,
      'cuts time',
      'start',
    ],
    // Use that nothing prices
    [
      'an allowance that no price follows',
      withAllowance({ service: 'up' }),
      ALLOWANCE,
      "service 'up', which no price of plan 'one' does",
      'add a price',
    ],
    [
      'an allowance wider than the prices',
      (b) => {
        withTariff(data({ zones: ['home'] }))(b);
        withAllowance({})(b);
      },
      ALLOWANCE,
      "in zone 'near'",
      'limit the zones',
    ],
    [
      'an allowance for access points that no price is for',
      (b) => {
        withTariff(data({ apns: ['x'] }))(b);
        withAllowance({ apns: ['x', 'y'] })(b);
      },
      ALLOWANCE,
      "with access point 'y'",
      'limit the zones and the other criteria',
    ],
    [
      'an allowance for all radio types where prices name some',
      (b) => {
        withTariff(data({ rats: ['NR', 'LTE'] }))(b);
        withAllowance({})(b);
      },
      ALLOWANCE,
      'with any other radio type',
      'add a price',
    ],
    [
      'an allowance before its price',
      (b) => {
        withTariff(data({ effectiveFrom: '2026-03-01T00:00:00Z' }))(b);
        withAllowance({})(b);
      },
      ALLOWANCE,
      'where no price',
      '2026-01-01T00:00:00Z',
    ],
    [
      'a later version that leaves a zone out',
      (b) => {
        withTariff(data({}), data({ effectiveFrom: '2026-06-01T00:00:00Z', zones: ['home'] }))(b);
        withAllowance({})(b);
      },
      ALLOWANCE,
      "in zone 'near'",
      '2026-06-01T00:00:00Z',
    ],
    [
      'one direction without a price',
      (b) => {
        withTariff(data({ direction: 'up' }))(b);
        withAllowance({})(b);
      },
      ALLOWANCE,
      'in direction down',
      'add a price',
    ],
    [
      'a pool that no price follows',
      (b) => {
        withTariff(data({ zones: ['home'] }))(b);
        Object.assign(b.plans.one as Fields, { contributes: { shared: 1 } });
      },
      'plans.one.contributes.shared',
      "in zone 'near'",
      'limit the zones',
    ],
    [
      'required costs that are missing',
      (b) => {
        b.wholesale.costs = 'required';
      },
      'plans.one.prices[0]',
      'where no wholesale price does',
      'costs: optional',
    ],
    // Rules that nothing reaches
    [
      'a price that another always beats',
      withPrices(data({ priority: 1 })),
      MORE,
      "never reached: price 'data' of 'base' always fits before it",
      'lower priority',
    ],
    [
      'a price that two others beat together',
      withPrices(
        data({ direction: undefined, priority: -2, ratingGroups: [1] }),
        data({ id: 'b', priority: -2, ratingGroups: [2] }),
        data({ id: 'c', priority: -1, ratingGroups: [1, 2] }),
      ),
      'plans.one.prices[4]',
      'never reached',
      'narrow the other',
    ],
    [
      'a price that began before another for the same',
      withTariff(
        data({ effectiveFrom: '2025-01-01T00:00:00Z' }),
        data({ id: 'b', effectiveFrom: '2025-06-01T00:00:00Z' }),
      ),
      'tariffs.base.prices[0]',
      "never reached: price 'b'",
      'take it out',
    ],
    [
      'a price for roaming at home',
      withPrices(data({ zones: ['home'], roaming: true })),
      MORE,
      'fits no network',
      'zones or roaming',
    ],
    [
      'a band of a year that is over',
      withPrices(data({ priority: -1, when: [{ dates: ['2025-12-25'] }] })),
      `${MORE}.when`,
      'never in force on a date',
      'change the dates',
    ],
    [
      'an allowance that ended before the book',
      withAllowance({ validTo: '2025-12-01T00:00:00Z' }),
      `${ALLOWANCE}.validTo`,
      'never valid',
      'later validTo',
    ],
    [
      'an allowance that ends before it begins',
      withAllowance({ validFrom: '2026-03-01T00:00:00Z', validTo: '2026-03-01T00:00:00Z' }),
      `${ALLOWANCE}.validTo`,
      'not after validFrom',
      'later validTo',
    ],
    // Buckets
    [
      'rollover of what does not recur',
      withAllowance({ recurs: 'once', rollover: {} }),
      `${ALLOWANCE}.rollover`,
      'there once for all time',
      'recurs: cycle',
    ],
    [
      'rollover in a book of one cycle',
      (b) => {
        b.cycle = 'all';
        withAllowance({ rollover: {} })(b);
      },
      `${ALLOWANCE}.rollover`,
      'one cycle for all time',
      'cycle: month',
    ],
    [
      "rollover of an account's bucket without a begin",
      withAllowance({ owner: 'account', rollover: {} }),
      `${ALLOWANCE}.rollover`,
      'which cycle',
      'validFrom',
    ],
    [
      "proration of an account's bucket",
      withAllowance({ owner: 'account', proration: 'second' }),
      `${ALLOWANCE}.proration`,
      'has no plan',
      'owner',
    ],
    [
      'more than all rolls over',
      withAllowance({ rollover: { maximumPercent: '101' } }),
      `${ALLOWANCE}.rollover.maximumPercent`,
      'not a per cent from 0 to 100',
      '12.5',
    ],
    [
      'two allowances of one id',
      (b) => {
        withAllowance({})(b);
        withAllowance({})(b);
      },
      'plans.one.allowances[1].id',
      'is there twice',
      'its own id',
    ],
    [
      'thresholds that fall',
      (b) => {
        b.thresholds = [80, 50];
      },
      'thresholds[1]',
      'not above the one before',
      'rise',
    ],
    // Models
    [
      'a percentage of bytes',
      withPrices(data({ model: 'percentage', unitPrice: undefined, ratePercent: '1' })),
      `${MORE}.model`,
      'counts bytes',
      'unit money',
    ],
    ['a unit price of money', withPrices(data({ service: 'premium' })), `${MORE}.model`, 'unit is money', 'percentage'],
    [
      'money as an integer',
      withPrices({
        id: 'p',
        service: 'premium',
        model: 'graduated-percentage',
        tiers: [{ upTo: 100, ratePercent: '1' }, { ratePercent: '2' }],
        meter: CYCLE,
      }),
      `${MORE}.tiers[0].upTo`,
      'not a whole quantity',
      "'2.50'",
    ],
    [
      'money with more decimals than the service',
      withPrices({
        id: 'p',
        service: 'premium',
        model: 'percentage',
        ratePercent: '1',
        freeUnits: '0.001',
        meter: CYCLE,
      }),
      `${MORE}.freeUnits`,
      'not a whole quantity',
      'at most 2 decimals',
    ],
    [
      'a connect fee of a cycle',
      withPrices(data({ priority: -1, ratingGroups: [1], connectFee: '1' })),
      `${MORE}.connectFee`,
      'the meter is of a cycle',
      'event or session',
    ],
    [
      'a tier with two bounds',
      withPrices(
        data({
          model: 'volume',
          unitPrice: undefined,
          tiers: [{ upTo: 5, below: 6, unitPrice: '1' }, { unitPrice: '2' }],
        }),
      ),
      `${MORE}.tiers[0].below`,
      'stands beside upTo',
      'write one',
    ],
    [
      'a second tier that ends where the first does',
      withPrices(
        data({
          model: 'volume',
          unitPrice: undefined,
          tiers: [{ upTo: 0, flatPrice: '1' }, { below: 1, unitPrice: '1' }, { unitPrice: '2' }],
        }),
      ),
      `${MORE}.tiers[1].below`,
      '0 is not above 0',
      'rise',
    ],
    [
      'a tier without a price',
      withPrices(data({ model: 'graduated', unitPrice: undefined, tiers: [{}] })),
      `${MORE}.tiers[0]`,
      'has no price',
      "unitPrice: '0'",
    ],
    [
      'a maximum below the minimum',
      withPrices(data({ maximum: '1', minimum: '2' })),
      `${MORE}.maximum`,
      'below minimum',
      'at least minimum',
    ],
    [
      'free units beside per-event terms',
      withPrices({
        id: 'p',
        service: 'premium',
        model: 'percentage',
        ratePercent: '1',
        freeUnits: '1',
        perEvent: { freeEvents: 1 },
        meter: CYCLE,
      }),
      `${MORE}.freeUnits`,
      'stands beside perEvent',
      'freeAmount',
    ],
    [
      'a discount of more than all',
      withPrices(data({ discountPercent: '100.1' })),
      `${MORE}.discountPercent`,
      'not a per cent',
      'from 0 to 100',
    ],
    [
      'a rounding that bills no message',
      withPrices(data({ service: 'up', unitPrice: '0.001', rounding: { digits: 2 }, meter: EVENT })),
      `${MORE}.rounding`,
      'can bill nothing: 1 of the unit costs 0.001',
      'mode: up',
    ],
    [
      'a flat price that is rounded away',
      withPrices(
        data({ service: 'up', model: 'flat', unitPrice: undefined, flatPrice: '0.004', rounding: { digits: 2 } }),
      ),
      `${MORE}.rounding`,
      'can bill nothing',
      'more digits',
    ],
    // Wholesale
    [
      'an allowance of costs',
      (b) => b.tariffs.costs?.allowances.push({ id: 'a', service: 'data', quantity: 1 }),
      'tariffs.costs.allowances[0]',
      'which no allowance does',
      'take it out',
    ],
    [
      'a retail price among costs',
      (b) => b.tariffs.costs?.prices.push(data({ service: 'up' })),
      'tariffs.costs.prices[1].leg',
      'is retail',
      'leg: wholesale',
    ],
    [
      'costs that a plan uses',
      (b) => Object.assign(b.plans.one as Fields, { tariffs: ['base', 'costs'] }),
      'wholesale.tariffs[0]',
      "plan 'one' uses",
      'no plan uses',
    ],
    [
      'a cost that a pool owns',
      (b) =>
        b.tariffs.costs?.prices.push({
          ...data({ leg: 'wholesale', service: 'up' }),
          meter: { owner: 'pool', scope: 'cycle' },
        }),
      'tariffs.costs.prices[1].meter.owner',
      'partners know no pools',
      'subscription or account',
    ],
    [
      'versions of two legs',
      withTariff(data({}), data({ leg: 'wholesale', effectiveFrom: '2026-02-01T00:00:00Z' })),
      'tariffs.base.prices[1].leg',
      'are retail',
      'its own id',
    ],
  ])('%s', (_what, change, path, problem, cure) => {
    expect(problemsOf(change)).toContainEqual({
      path,
      problem: expect.stringContaining(problem),
      cure: expect.stringContaining(cure),
    });
  });
});

describe('a change that leaves a book valid', () => {
  it.each<[what: string, change: (book: Book) => void]>([
    ['none', () => {}],
    ['a price that wins by its priority', withPrices(data({ priority: -1, apns: ['x'] }))],
    ['a price that wins by naming zones', withPrices(data({ zones: ['home'] }))],
    ['a price that wins by a later effectiveFrom', withPrices(data({ effectiveFrom: '2026-02-01T00:00:00Z' }))],
    [
      'two versions of one price',
      withTariff(data({}), data({ effectiveFrom: '2026-02-01T00:00:00Z', unitPrice: '2' })),
    ],
    [
      'a version that is history',
      withTariff(data({ effectiveFrom: '2025-01-01T00:00:00Z' }), data({ effectiveFrom: '2025-06-01T00:00:00Z' })),
    ],
    [
      'prices for other rating groups',
      withPrices(data({ priority: -1, ratingGroups: [1] }), data({ id: 'b', priority: -1, ratingGroups: [2] })),
    ],
    [
      'prices at home and abroad',
      withPrices(data({ priority: -1, roaming: true }), data({ id: 'b', priority: -1, roaming: false })),
    ],
    [
      'one zone by roaming',
      withPrices(data({ zones: ['near'], roaming: true }), data({ id: 'b', zones: ['home'], roaming: false })),
    ],
    [
      'bands that meet only at an end',
      withPrices(
        data({ priority: -1, when: [{ from: '08:00', to: '18:00' }] }),
        data({ id: 'b', priority: -1, when: [{ from: '18:00', to: '20:00' }] }),
      ),
    ],
    [
      'a date that is not one of the days',
      withPrices(
        data({ priority: -1, when: [{ dates: ['2026-12-25'] }] }),
        data({ id: 'b', priority: -1, when: [{ days: ['sat'] }] }),
      ),
    ],
    [
      'bands that cover the week together',
      withTariff(
        data({ when: [{ from: '08:00', to: '20:00' }] }),
        data({ id: 'b', when: [{ from: '20:00', to: '08:00' }] }),
      ),
    ],
    ['both directions', withTariff(data({ direction: 'up' }), data({ id: 'b', direction: 'down' }))],
    ['an allowance of nothing', withAllowance({ quantity: 0 })],
    ['a price of nothing', withPrices(data({ unitPrice: '0', ratingGroups: [1], priority: -1 }))],
    [
      'an allowance for what a rating group prices',
      (b) => {
        withTariff(data({ ratingGroups: [7] }))(b);
        withAllowance({ ratingGroups: [7] })(b);
      },
    ],
    [
      'zero-rated use of all services',
      withPrices({ id: 'free', priority: -1, apns: ['x'], model: 'zero-rated', reason: 'test' }),
    ],
    [
      'wholesale prices of a plan',
      withPrices(
        data({ leg: 'wholesale', priority: -1 }),
        data({ id: 'b', leg: 'wholesale', priority: -1, zones: ['far'] }),
      ),
    ],
    [
      'use without a price, in a book that need not be complete',
      (b) => {
        b.completeness = 'optional';
        withAllowance({ service: 'up' })(b);
      },
    ],
    [
      'rounding of a started cent',
      withPrices(data({ service: 'up', unitPrice: '0.001', rounding: { digits: 2, mode: 'up' }, meter: EVENT })),
    ],
    [
      'a rounding of what a cycle adds up',
      withPrices(data({ service: 'up', unitPrice: '0.001', rounding: { digits: 2 } })),
    ],
    [
      'a first tier that ends at 0',
      withPrices(
        data({
          service: 'up',
          model: 'graduated',
          unitPrice: undefined,
          tiers: [{ upTo: 0, flatPrice: '1' }, { unitPrice: '2' }],
        }),
      ),
    ],
    [
      'a maximum below the minimum, in a book that need not be complete',
      (b) => {
        b.completeness = 'optional';
        withPrices(data({ service: 'up', maximum: '1', minimum: '2' }))(b);
      },
    ],
    [
      'a bound that is not in its tier',
      withPrices(
        data({
          service: 'up',
          model: 'volume',
          unitPrice: undefined,
          tiers: [{ below: 2, unitPrice: '1' }, { unitPrice: '2' }],
        }),
      ),
    ],
  ])('%s', (_what, change) => {
    expect(problemsOf(change)).toEqual([]);
  });
});
