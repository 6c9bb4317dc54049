/** One bucket concept: who owns it, how long it lives, steps, limits, rollover, devices, stop flags, thresholds, balances. */
import { describe, expect, it } from 'vitest';
import { parseTimeMicros, type Rater, type ReferenceFact } from '../../src/index.ts';
import { type BookDocument, onePriceBook } from '../support/book.ts';
import { brief, rate, raterWith, row, type ScenarioEvent, subscriptionFact, topUpFact } from '../support/scenario.ts';

const JANUARY = '2026-01-01T00:00:00Z';
const AT = '2026-11-10T12:00:00Z';

/** A unit over the allowances costs 1. */
function bookOf(allowances: object[], more: Partial<BookDocument> = {}): BookDocument {
  const list = allowances.map((allowance, index) => ({
    id: `a${index + 1}`,
    service: 'data',
    quantity: 10,
    ...allowance,
  }));
  return { ...onePriceBook({ model: 'per-unit', unitPrice: '1' }, { allowances: list }), ...more };
}

function briefs(rater: Rater, ...events: Partial<ScenarioEvent>[]): string[] {
  const numbered = events.map((event, index) => ({ id: `${index}/${JSON.stringify(event)}`, at: AT, ...event }));
  return rate(rater, numbered).lines.map((line) => `${brief(line)} ${line.rule.bucket}`.trim());
}

describe('an account’s allowance', () => {
  it('is one bucket for all its subscriptions, and none for another account’s', () => {
    const rater = raterWith([bookOf([{ owner: 'account' }])]);
    expect(
      briefs(rater, { by: 'A', units: 7 }, { by: 'B', units: 7 }, { by: 'C', units: 7, account: 'OTHER' }),
    ).toEqual([
      'in-bundle 7 0 account-allowance:plan/a1',
      'in-bundle 3 0 account-allowance:plan/a1',
      'overage 4 4',
      'in-bundle 7 0 account-allowance:plan/a1',
    ]);
  });

  it('may limit what one subscription draws', () => {
    const rater = raterWith([bookOf([{ owner: 'account', limitPerSubscription: 6 }])]);
    expect(briefs(rater, { by: 'A', units: 8 }, { by: 'B', units: 8 })).toEqual([
      'in-bundle 6 0 account-allowance:plan/a1',
      'overage 2 2',
      'in-bundle 4 0 account-allowance:plan/a1',
      'overage 4 4',
    ]);
  });
});

describe('how long a bucket lives', () => {
  it('once: for all time; in a cycle: until its end', () => {
    const months = ['2026-10-10T00:00:00Z', '2026-11-10T00:00:00Z'].map((at) => ({ at, units: 8 }));
    expect(briefs(raterWith([bookOf([{ recurs: 'once' }])]), ...months)).toEqual([
      'in-bundle 8 0 allowance:plan/a1',
      'in-bundle 2 0 allowance:plan/a1',
      'overage 6 6',
    ]);
    expect(briefs(raterWith([bookOf([{}])]), ...months)).toHaveLength(2);
  });

  it.each<[at: string, tag: string]>([
    ['2026-11-04T23:59:59Z', 'pay-per-use'],
    ['2026-11-05T00:00:00Z', 'in-bundle'],
    ['2026-11-14T23:59:59Z', 'in-bundle'],
    ['2026-11-15T00:00:00Z', 'pay-per-use'],
  ])('valid from the 5th until before the 15th: at %s %s', (at, tag) => {
    const allowance = { recurs: 'once', validFrom: '2026-11-05T00:00:00Z', validTo: '2026-11-15T00:00:00Z' };
    expect(briefs(raterWith([bookOf([allowance])]), { at, units: 1 })[0]).toContain(tag);
  });

  it('what ends first is drawn first, and what never ends last', () => {
    const book = bookOf([
      { id: 'never', recurs: 'once' },
      { id: 'cycle' },
      { id: 'soon', recurs: 'once', validTo: '2026-11-20T00:00:00Z' },
      { id: 'later', recurs: 'once', validTo: '2027-01-20T00:00:00Z' },
    ]);
    const { lines } = rate(raterWith([book]), [{ id: '1', at: AT, units: 40 }]);
    expect(lines.map(({ rule }) => rule.bucket.replace('allowance:plan/', ''))).toEqual([
      'soon',
      'cycle',
      'later',
      'never',
    ]);
  });
});

describe('steps', () => {
  it('only whole steps are drawn, and a started one is used up', () => {
    const rater = raterWith([bookOf([{ quantity: 25, step: 10 }])]);
    const { lines } = rate(rater, [
      { id: '1', at: AT, units: 3 },
      { id: '2', at: AT, units: 12 },
      { id: '3', at: AT, units: 1 },
    ]);
    expect(lines.map((line) => `${brief(line)} ${line.before}..${line.after}`)).toEqual([
      'in-bundle 3 0 0..10',
      'in-bundle 10 0 10..20',
      'overage 2 2 0..2',
      'overage 1 1 2..3',
    ]);
  });
});

describe('rollover', () => {
  const OCTOBER = '2026-10-10T00:00:00Z';
  const facts = [subscriptionFact('A', '2026-10-01T00:00:00Z')];

  it.each<[what: string, rollover: object, used: number, rolled: number]>([
    ['all that is left', {}, 4, 6],
    ['at most a maximum', { maximum: 5 }, 4, 5],
    ['at most a part of the allowance', { maximumPercent: '33.3' }, 4, 3],
    ['the lower of the two', { maximum: 2, maximumPercent: '50' }, 0, 2],
    ['nothing where all was used', {}, 10, 0],
  ])('%s', (_what, rollover, used, rolled) => {
    const rater = raterWith([bookOf([{ rollover }])], facts);
    briefs(rater, { at: OCTOBER, units: used });
    const expected = rolled === 0 ? [] : [`in-bundle ${rolled} 0 rollover:plan/a1`];
    expect(briefs(rater, { units: 30 })).toEqual([
      ...expected,
      'in-bundle 10 0 allowance:plan/a1',
      `overage ${20 - rolled} ${20 - rolled}`,
    ]);
  });

  it('lasts for one cycle: what rolled over does not roll on', () => {
    const rater = raterWith([bookOf([{ rollover: {} }])], [subscriptionFact('A', '2026-09-01T00:00:00Z')]);
    briefs(rater, { at: '2026-09-10T00:00:00Z', units: 2 }, { at: OCTOBER, units: 1 });
    // September left 8, of which October used 1; October left its own 10 whole, and the other 7 are gone.
    expect(briefs(rater, { units: 30 })[0]).toBe('in-bundle 10 0 rollover:plan/a1');
  });

  it('a subscription has none out of a month in which it had not the tariff', () => {
    const rater = raterWith([bookOf([{ rollover: {} }])], [subscriptionFact('A', '2026-11-01T00:00:00Z')]);
    expect(briefs(rater, { units: 10 })).toEqual(['in-bundle 10 0 allowance:plan/a1']);
  });

  it('an allowance has none out of a month before it was valid', () => {
    const rater = raterWith([bookOf([{ rollover: {}, validFrom: '2026-11-01T00:00:00Z' }])], facts);
    expect(briefs(rater, { units: 10 })).toEqual(['in-bundle 10 0 allowance:plan/a1']);
  });

  it('and fresh quantity share a limit for each subscription', () => {
    const rater = raterWith(
      [bookOf([{ owner: 'account', rollover: {}, limitPerSubscription: 12, validFrom: JANUARY }])],
      facts,
    );
    expect(briefs(rater, { units: 30 })).toEqual([
      'in-bundle 10 0 account-rollover:plan/a1',
      'in-bundle 2 0 account-allowance:plan/a1',
      'overage 18 18',
    ]);
  });
});

describe('a bucket bound to a device', () => {
  const bound = bookOf([{ boundToDevice: true }]);
  const facts: ReferenceFact[] = [
    subscriptionFact('A', JANUARY, { device: '35-1' }),
    subscriptionFact('A', '2026-11-15T00:00:00Z', { device: '35-2' }),
    subscriptionFact('B', JANUARY),
  ];

  it.each<[what: string, event: Partial<ScenarioEvent>, tag: string]>([
    ['covers use with the device', { imei: '35-1' }, 'in-bundle'],
    ['not with another', { imei: '35-2' }, 'pay-per-use'],
    ['after a swap it is the new one’s', { imei: '35-2', at: '2026-11-16T00:00:00Z' }, 'in-bundle'],
    ['not without one', {}, 'pay-per-use'],
    ['nothing where no device is known', { by: 'B', imei: '35-1' }, 'pay-per-use'],
  ])('%s', (_what, event, tag) => {
    expect(briefs(raterWith([bound], facts), { units: 1, ...event })[0]).toContain(tag);
  });
});

describe('the end of a bucket', () => {
  it('with a stop flag says on each line behind it that the network should have stopped', () => {
    const rater = raterWith([bookOf([{ atEnd: 'stop' }, { priority: 1 }])]);
    const { lines } = rate(rater, [
      { id: '1', at: AT, units: 25 },
      { id: '2', at: AT, units: 1 },
    ]);
    expect(lines.map(({ rule }) => rule.reason)).toEqual([
      '',
      '',
      'the network should have stopped: allowance:plan/a1',
      'the network should have stopped: allowance:plan/a1',
    ]);
  });
});

describe('thresholds', () => {
  it('fire once, the highest that a line crossed; above all of the bucket on overage', () => {
    const book = bookOf([{ quantity: 100 }], { thresholds: [50, 80, 100, 120] } as Partial<BookDocument>);
    const units = [49, 1, 20, 15, 20, 10, 5, 5];
    const { lines } = rate(
      raterWith([book]),
      units.map((unit, index) => ({ id: String(index), at: AT, units: unit })),
    );
    expect(lines.map(({ quantity, threshold }) => [quantity, threshold])).toEqual([
      [49, 0],
      [1, 50],
      [20, 0],
      [15, 80],
      [15, 100],
      [5, 0],
      [10, 0],
      [5, 120],
      [5, 0],
    ]);
  });
});

describe('balances', () => {
  it('tell size, use and rest of all buckets at a time', () => {
    const book = bookOf([{ rollover: {} }, { id: 'once', recurs: 'once', validTo: '2026-11-12T00:00:00Z' }]);
    book.addOns = { ten: { service: 'data', quantity: 10, priority: 99 } };
    const facts = [
      subscriptionFact('A', '2026-10-01T00:00:00Z'),
      subscriptionFact('B', '2026-11-01T00:00:00Z'),
      topUpFact('T', '2026-11-05T00:00:00Z', '2026-11-25T00:00:00Z', 'A', 'ten'),
    ];
    const rater = raterWith([book], facts);
    briefs(rater, { at: '2026-10-10T00:00:00Z', units: 4 }, { units: 15 });
    const at = (time: string): string[] =>
      rater
        .balances(parseTimeMicros(time))
        .map(({ subscription, bucket, period, size, used, remaining }) =>
          [subscription, bucket, period, size, used, remaining].join(' '),
        );
    expect(at(AT)).toEqual([
      'A allowance:plan/a1 2026-11 10 0 10',
      'A allowance:plan/once  10 9 1',
      'A grant:T  10 0 10',
      'A rollover:plan/a1 2026-11 6 6 0',
      'B allowance:plan/a1 2026-11 10 0 10',
      'B allowance:plan/once  10 0 10',
    ]);
    expect(at('2026-11-26T00:00:00Z').filter((entry) => / (once|grant)/.test(entry) && !entry.endsWith(' 0'))).toEqual(
      [],
    );
  });

  it('of a month that is open are whole, of a pool as it stands', () => {
    const book = bookOf([]);
    book.pools = { fleet: { kind: 'fixed', service: 'data', quantity: 30 } };
    const rater = raterWith([book]);
    briefs(rater, { pool: 'P', poolRule: 'fleet', units: 40 });
    expect(rater.balances(parseTimeMicros(AT))).toEqual([
      expect.objectContaining({ pool: 'P', bucket: 'pool:fleet', period: '2026-11', size: 30, used: 30, remaining: 0 }),
    ]);
  });
});

describe('rows', () => {
  it('name bucket, owner and use', () => {
    const { lines } = rate(raterWith([bookOf([{}])]), [{ id: '1', at: AT, units: 11 }]);
    expect(lines.map(row)).toEqual([
      'in-bundle 10 0 allowance:plan/a1 of A in 2026-11 0..10',
      'overage 1 1 plan/price@always subscription:cycle of A in 2026-11 0..1',
    ]);
  });
});
