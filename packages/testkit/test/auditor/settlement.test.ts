/** Rules under which the order of events decides what they cost: small bills worked out by hand. */
import { expect, test } from 'vitest';
import type { FactJson } from '../../src/index.ts';
import { Random } from '../../src/random.ts';
import { account, auditOf, book, member, pool, type SentMessage, totalsOf, usage } from '../support/scenario.ts';
import { testSeed } from '../support/seed.ts';

const cycle = { owner: 'subscription', scope: 'cycle' };
const event = { owner: 'subscription', scope: 'event' };
const home = { id: 'home', service: 'data', zones: ['home'], model: 'per-unit', unitPrice: '1', meter: cycle };
const roam = { id: 'roam', service: 'data', zones: ['abroad'], model: 'per-unit', unitPrice: '5', meter: cycle };
const bucket = { id: 'b', service: 'data', quantity: 10, priority: 10 };
const services = {
  data: { unit: 'bytes', counts: 'both' },
  voice: { unit: 'seconds', counts: 'seconds' },
  premium: { unit: 'money', counts: 'amount', decimals: 2 },
};

function world(plan: Readonly<Record<string, unknown>>, parts: Readonly<Record<string, unknown>> = {}): FactJson[] {
  const facts = [book({ services, plans: { p: plan }, ...parts }), account('acme')];
  return [...facts, ...member('S', { account: 'acme', plan: 'p' })];
}

const on = (id: string, day: number, fields: Parameters<typeof usage>[3], clock = '12:00:00'): SentMessage =>
  usage(id, 'S', `2026-11-${String(day).padStart(2, '0')}T${clock}Z`, fields);
const bytes = (id: string, day: number, count: number, abroad = false): SentMessage =>
  on(id, day, { bytes_up: count, plmn: abroad ? '20801' : '26201' });

const anywhere = { ...bucket, id: 'any', quantity: 4, priority: 20 };
const bands = [
  { id: 'peak', service: 'voice', model: 'per-unit', unitPrice: '2', meter: event, connectFee: '1' },
  { id: 'night', service: 'voice', model: 'per-unit', unitPrice: '1', meter: event, connectFee: '7' },
];
const when = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '20:00' }];
const percentage = { id: 'x', service: 'premium', model: 'percentage', ratePercent: '10', meter: cycle };
const asked = (id: string, day: number, amount: string): SentMessage => on(id, day, { service: 'premium', amount });

const cases: readonly [string, FactJson[], SentMessage[], Record<string, string>][] = [
  [
    'a bucket for home before one for everywhere: home takes 10 of the one and 1 of the other, roaming the 3 left',
    world({ allowances: [{ ...bucket, zones: ['home'] }, anywhere], prices: [home, roam] }),
    [bytes('1', 1, 11), bytes('2', 2, 5, true), bytes('3', 3, 2)],
    // Roaming 2 at 5, home 2 at 1.
    { 'acme 2026-11 data': '18 @ 12' },
  ],
  [
    'an increment by event behind a bucket: only what is not covered is rounded',
    world({ allowances: [bucket], prices: [{ ...home, increment: 5, meter: event }] }),
    [bytes('1', 1, 7), bytes('2', 2, 5), bytes('3', 3, 1)],
    // 2 of the second make 5, and so does the third.
    { 'acme 2026-11 data': '13 @ 10' },
  ],
  [
    'at one instant the event id decides, by code points',
    world({ allowances: [bucket], prices: [{ ...home, increment: 5, meter: event }] }),
    [bytes('a', 1, 6), bytes('B', 1, 6)],
    { 'acme 2026-11 data': '12 @ 5' },
  ],
  [
    'a version of a price in mid-cycle has a meter of its own',
    world({ prices: [home, { ...home, unitPrice: '3', effectiveFrom: '2026-11-10T00:00:00Z' }] }),
    [bytes('1', 9, 4), bytes('2', 10, 2)],
    { 'acme 2026-11 data': '6 @ 10' },
  ],
  [
    'what is left of a month is drawn first in the next, at most half of the bucket',
    world({
      allowances: [{ ...bucket, validFrom: '2026-10-15T00:00:00Z', rollover: { maximumPercent: '50' } }],
      prices: [home],
    }),
    [usage('0', 'S', '2026-10-31T00:00:00Z', { bytes_up: 3 }), bytes('1', 1, 16)],
    { 'acme 2026-10 data': '3 @ 0', 'acme 2026-11 data': '16 @ 1' },
  ],
  [
    'a package by day',
    world({
      prices: [
        {
          ...home,
          model: 'package',
          unitPrice: undefined,
          packageSize: 10,
          packagePrice: '1',
          meter: { scope: 'day' },
        },
      ].map((price) => JSON.parse(JSON.stringify(price))),
    }),
    [bytes('1', 1, 6), bytes('2', 1, 3), bytes('3', 2, 6), bytes('4', 2, 6)],
    { 'acme 2026-11 data': '21 @ 3' },
  ],
  [
    'a call over the end of a band, behind a bucket: 6 s are covered, 4 s are peak, 5 s are not',
    world({
      allowances: [{ id: 'v', service: 'voice', quantity: 6, priority: 10 }],
      prices: [
        { ...bands[0], when },
        { ...bands[1], priority: 1 },
      ],
    }),
    [on('1', 2, { service: 'voice', seconds: 15 }, '19:59:50'), on('2', 1, { service: 'voice', seconds: 3 })],
    // A Sunday's 3 s come first and take half of the bucket: then 7 s of peak and the fee, and 5 s after.
    { 'acme 2026-11 voice': '18 @ 20' },
  ],
  [
    'a percentage: the first event free, a fixed part, a maximum',
    world({ prices: [{ ...percentage, perEvent: { freeEvents: 1, fixed: '0.5', maximum: '2' } }] }),
    [asked('1', 3, '100.00'), asked('2', 2, '3.50'), asked('3', 1, '40.00')],
    // 40.00 free; 0.35 + 0.50; 10.50 at most 2.
    { 'acme 2026-11 premium': '14350 @ 2.85' },
  ],
];

test.each(cases)('%s', async (_, facts, messages, expected) => {
  expect(totalsOf(await auditOf(facts, messages))).toEqual(expected);
  expect(totalsOf(await auditOf(facts, messages.toReversed()))).toEqual(expected);
});

test('members of two plans with two prices in one pool, and a limit for each member', async () => {
  const meter = { owner: 'pool', scope: 'cycle' };
  const plans = {
    cheap: { prices: [{ ...home, meter }] },
    dear: { prices: [{ ...home, unitPrice: '9', meter }] },
  };
  const rule = {
    kind: 'fixed',
    service: 'data',
    zones: ['home'],
    quantity: 20,
    limitPerSubscription: 15,
    priority: 20,
  };
  const facts = [
    ...[book({ plans, pools: { r: rule } }), account('acme'), pool('p', 'acme', 'r')],
    ...member('S', { account: 'acme', plan: 'cheap', pool: 'p' }),
    ...member('T', { account: 'acme', plan: 'dear', pool: 'p' }),
  ];
  const use = [
    usage('1', 'S', '2026-11-01T00:00:00Z', { bytes_up: 17 }),
    usage('2', 'T', '2026-11-02T00:00:00Z', { bytes_up: 6 }),
    usage('3', 'S', '2026-11-03T00:00:00Z', { bytes_up: 1 }),
  ];
  const report = await auditOf(facts, use.toReversed());
  // S may have 15 of its 18, T gets the 5 that are left of the pool.
  expect(totalsOf(report)).toEqual({ 'acme 2026-11 data': '24 @ 12' });
  expect(report.pools).toMatchObject([{ size: '20', used: '20', overage: '4' }]);
});

test('what partners charge is on the whole use, and in their currency', async () => {
  const costs = [{ ...roam, id: 'w', leg: 'wholesale', unitPrice: '0.5', meter: event }];
  const tariffs = { partners: { prices: costs } };
  const facts = world(
    { allowances: [bucket], prices: [home, roam] },
    { tariffs, wholesale: { currency: 'USD', tariffs: ['partners'] } },
  );
  const report = await auditOf(facts, [bytes('1', 1, 8, true), bytes('2', 2, 8)]);
  expect(totalsOf(report)).toEqual({ 'acme 2026-11 data': '16 @ 6' });
  expect(report.costs).toEqual({ USD: '4' });
});

test('a shared tariff goes on when its subscription changes plan', async () => {
  const tariffs = { premium: { prices: [{ ...percentage, perEvent: { freeEvents: 2 } }] } };
  const plans = { p: { tariffs: ['premium'], prices: [home] }, q: { tariffs: ['premium'], prices: [home] } };
  const facts = [
    ...[book({ services, plans, tariffs }), account('acme')],
    ...member('S', { account: 'acme', plan: 'p' }, { account: 'acme', plan: 'q', validFrom: '2026-11-03T00:00:00Z' }),
  ];
  const use = [asked('1', 1, '10.00'), asked('2', 4, '10.00'), asked('3', 5, '10.00')];
  expect(totalsOf(await auditOf(facts, use))).toEqual({ 'acme 2026-11 premium': '3000 @ 1' });
});

const seed = testSeed();
test(`no order of arrival shows in the bill (seed ${seed})`, async () => {
  const random = new Random(Number.parseInt(seed, 16));
  const prices = [{ ...home, increment: 7, meter: event }, roam, ...bands, percentage];
  const facts = world({
    allowances: [
      { ...bucket, zones: ['home'], quantity: 200 },
      { ...anywhere, quantity: 99 },
    ],
    prices,
  });
  const use = Array.from({ length: 60 }, (_, index) =>
    bytes(`${index}`, 1 + random.below(28), random.below(20), index % 3 === 0),
  );
  const expected = totalsOf(await auditOf(facts, use));
  for (let order = 0; order < 5; order++) expect(totalsOf(await auditOf(facts, random.shuffle(use)))).toEqual(expected);
});
