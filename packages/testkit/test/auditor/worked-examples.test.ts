/** The worked examples of the domain, calculated by hand, against the auditor. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/random.ts';
import { account, auditOf, book, member, pool, type SentMessage, totalsOf, usage } from '../support/scenario.ts';
import { testSeed } from '../support/seed.ts';

const KB = 1024;
const MB = 1024 * 1024;
const cycleMeter = { owner: 'subscription', scope: 'cycle' };

function stackedBook(proration: 'second' | 'none') {
  return book({
    pools: { stacked: { kind: 'stacked', service: 'data', zones: ['home'], proration, priority: 20 } },
    plans: {
      iot: {
        contributes: { stacked: '10 MB' },
        allowances: [],
        prices: [
          {
            id: 'over',
            service: 'data',
            zones: ['home'],
            model: 'per-unit',
            unitPrice: '0.10',
            per: '1 MB',
            meter: { owner: 'pool', scope: 'cycle' },
          },
        ],
      },
    },
  });
}

const inPool = { account: 'acme', plan: 'iot', pool: 'p' };
/** November has 30 days: C is a member for its last 15. */
const lateMember = member('C', { ...inPool, validFrom: '2026-11-16T00:00:00Z' });

const poolUse: readonly SentMessage[] = [
  usage('a', 'A', '2026-11-03T10:00:00Z', { bytes_up: 20 * MB }),
  usage('b', 'B', '2026-11-20T10:00:00Z', { bytes_down: 3 * MB }),
  usage('c', 'C', '2026-11-28T10:00:00Z', { bytes_up: 2 * MB, bytes_down: 4 * MB }),
];

describe('stacked pool', () => {
  const facts = [stackedBook('second'), account('acme'), pool('p', 'acme', 'stacked'), ...member('A', inPool)];
  const all = [...facts, ...member('B', inPool), ...lateMember];

  test('example 1: a pool of 25 MB, use of 29 MB, overage of 4 MB at 0.10', async () => {
    const report = await auditOf(all, poolUse);
    expect(totalsOf(report)).toEqual({ 'acme 2026-11 data': `${29 * MB} @ 0.4` });
    expect(report.pools).toEqual([
      {
        pool: 'p',
        account: 'acme',
        rule: 'stacked',
        period: '2026-11',
        size: '26214400',
        used: '26214400',
        overage: String(4 * MB),
      },
    ]);
  });

  const seed = testSeed();
  test(`example 2: any order, any duplicates: the same bill (seed ${seed})`, async () => {
    const random = new Random(Number.parseInt(seed, 16));
    const expected = await auditOf(all, poolUse);
    for (let trial = 0; trial < 20; trial++) {
      const repeats = poolUse.filter(() => random.below(2) === 0);
      const report = await auditOf(all, random.shuffle([...poolUse, ...repeats]));
      expect(report.totalsDigest).toBe(expected.totalsDigest);
      expect(report.duplicate).toBe(repeats.length);
    }
  });

  test('example 7: without proration a new member adds 10 MB, and the overage is gone', async () => {
    const before = [stackedBook('none'), account('acme'), pool('p', 'acme', 'stacked')];
    const two = [...before, ...member('A', inPool), ...member('B', inPool)];
    const use = [usage('a', 'A', '2026-11-03T10:00:00Z', { bytes_up: 24 * MB })];
    expect(totalsOf(await auditOf(two, use))).toEqual({ 'acme 2026-11 data': `${24 * MB} @ 0.4` });
    expect(totalsOf(await auditOf([...two, ...lateMember], use))).toEqual({ 'acme 2026-11 data': `${24 * MB} @ 0` });
  });
});

/** One plan with one price for data at home, one subscription S of account acme. */
function priced(price: Readonly<Record<string, unknown>>, more: readonly Readonly<Record<string, unknown>>[] = []) {
  const plans = { use: { allowances: [], prices: [{ id: 'd', service: 'data', ...price }, ...more] } };
  return [book({ plans }), account('acme'), ...member('S', { account: 'acme', plan: 'use' })];
}

/** 720 sessions of 200 B on each of `days` days of November. */
function sessions(days: number): SentMessage[] {
  return Array.from({ length: 720 * days }, (_, index) => {
    const at = new Date(Date.UTC(2026, 10, 1) + index * 120_000).toISOString();
    return usage(`s${index}`, 'S', at, { bytes_up: 200 });
  });
}

/** One currency unit for each started kilobyte. */
const byKilobyte = { model: 'per-unit', unitPrice: '1', per: '1 KB', increment: '1 KB' };

describe('price functions', () => {
  test('example 3: 720 x 200 B are 720 KB by event, and 4,219 KB a cycle of 30 days by cycle', async () => {
    const byEvent = priced({ ...byKilobyte, meter: { owner: 'subscription', scope: 'event' } });
    expect((await auditOf(byEvent, sessions(1))).amounts).toEqual({ EUR: '720' });
    expect((await auditOf(byEvent, sessions(30))).amounts).toEqual({ EUR: '21600' });
    const byCycle = priced({ ...byKilobyte, meter: cycleMeter });
    expect((await auditOf(byCycle, sessions(1))).amounts).toEqual({ EUR: '141' });
    expect((await auditOf(byCycle, sessions(30))).amounts).toEqual({ EUR: '4219' });
  });

  test('example 4: 127 KB with a cycle unit of 100 KB bills 200 KB', async () => {
    const facts = priced({ ...byKilobyte, increment: '100 KB', meter: cycleMeter });
    const report = await auditOf(facts, [usage('1', 'S', '2026-11-02T00:00:00Z', { bytes_down: 127 * KB })]);
    expect(totalsOf(report)).toEqual({ 'acme 2026-11 data': `${127 * KB} @ 200` });
  });

  test('example 8: a price changes in mid-cycle; each event by the version in force at its own time', async () => {
    const change = '2026-11-10T00:00:00Z';
    const first = { model: 'per-unit', unitPrice: '1', per: '1 MB', meter: cycleMeter };
    const second = { ...first, id: 'd', service: 'data', unitPrice: '3', effectiveFrom: change };
    const facts = priced(first, [second]);
    const use = [
      usage('after', 'S', '2026-11-10T00:00:00Z', { bytes_up: MB }),
      usage('before', 'S', '2026-11-09T23:59:59Z', { bytes_up: MB }),
    ];
    expect((await auditOf(facts, use)).amounts).toEqual({ EUR: '4' });
  });

  test('example 9: many events of 6 KB at 0.0025 a MB: exact by cycle, rounded by event', async () => {
    const price = { model: 'per-unit', unitPrice: '0.0025', per: '1 MB' };
    const use = Array.from({ length: 1000 }, (_, index) =>
      usage(`k${index}`, 'S', '2026-11-02T00:00:00Z', { bytes_down: 6 * KB }),
    );
    const byCycle = await auditOf(priced({ ...price, meter: cycleMeter }), use);
    expect(byCycle.amounts).toEqual({ EUR: '0.0146484375' });
    const byEvent = await auditOf(priced({ ...price, meter: { owner: 'subscription', scope: 'event' } }), use);
    expect(byEvent.amounts).toEqual({ EUR: '0.014648438' });
  });

  test('example 10: 180 s at 0.1 a minute are 0.3', async () => {
    const price = { id: 'v', service: 'voice', model: 'per-unit', unitPrice: '0.1', per: 60, meter: cycleMeter };
    const facts = priced({ model: 'per-unit', unitPrice: '1', meter: cycleMeter }, [price]);
    const use = [usage('1', 'S', '2026-11-02T00:00:00Z', { service: 'voice', seconds: 180 })];
    expect((await auditOf(facts, use)).amounts).toEqual({ EUR: '0.3' });
  });

  test.each([
    ['graduated: inside the first tier', 10, '100'],
    ['graduated: the bound belongs to the tier below', 11, '109'],
    ['graduated: three tiers', 25, '230'],
  ])('%s', async (_, units, amount) => {
    const tiers = [{ upTo: 10, unitPrice: '10' }, { upTo: 20, unitPrice: '9' }, { unitPrice: '8' }];
    const facts = priced({ model: 'graduated', tiers, meter: cycleMeter });
    const use = [usage('1', 'S', '2026-11-02T00:00:00Z', { bytes_up: units })];
    expect((await auditOf(facts, use)).amounts).toEqual({ EUR: amount });
  });

  test('package: a started package is a whole one; minimum and increment go before the model', async () => {
    const packages = priced({ model: 'package', packageSize: 10, packagePrice: '15', meter: cycleMeter });
    const use = [17, 5].map((bytes_up, index) => usage(`${index}`, 'S', '2026-11-02T00:00:00Z', { bytes_up }));
    expect((await auditOf(packages, use)).amounts).toEqual({ EUR: '45' });
    const price = { model: 'per-unit', unitPrice: '0.01', minimumQuantity: 30, increment: 60 };
    const calls = priced({ ...price, meter: { owner: 'subscription', scope: 'event' } });
    expect((await auditOf(calls, use)).amounts).toEqual({ EUR: '1.2' });
  });
});
