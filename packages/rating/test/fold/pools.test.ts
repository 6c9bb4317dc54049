/** Pools: size from members' stretches, who pays, and what a change of size after use gives back or takes. */
import { describe, expect, it } from 'vitest';
import { createRater, formatMoney, type Rater, type ReferenceFact } from '../../src/index.ts';
import { type BookDocument, CYCLE_OF_SUBSCRIPTION, demoBook, EVENT } from '../support/book.ts';
import {
  apply,
  bookFact,
  brief,
  MB,
  rate,
  raterWith,
  row,
  type ScenarioEvent,
  subscriptionFact,
  total,
} from '../support/scenario.ts';

const MEMBER = { plan: 'iot-stacked', pool: 'P' };
const JANUARY = '2026-01-01T00:00:00Z';
const AT = '2026-11-29T12:00:00Z';

function use(id: string, megabytes: number, more: Partial<ScenarioEvent> = {}): ScenarioEvent {
  return { id, at: AT, plmn: '26201', up: megabytes * MB, ...MEMBER, ...more };
}

/** Size of pool P's bucket of November under a rule. */
function sizeOf(rater: Rater, poolRule: string, more: Partial<ScenarioEvent> = {}): number | undefined {
  return rate(rater, [use('size', 0.001, { poolRule, up: 1, ...more })]).lines[0]?.bucketSize;
}

describe('the size of a pool', () => {
  const left = (when: string): ReferenceFact => subscriptionFact('A', when, { ...MEMBER, pool: null });

  it.each<[what: string, rule: string, facts: ReferenceFact[], megabytes: number]>([
    ['one member all month', 'stacked', [subscriptionFact('A', JANUARY, MEMBER)], 10],
    ['a member for half of the month', 'stacked', [subscriptionFact('A', '2026-11-16T00:00:00Z', MEMBER)], 5],
    [
      'a member that left after a tenth',
      'stacked',
      [subscriptionFact('A', JANUARY, MEMBER), left('2026-11-04T00:00:00Z')],
      1,
    ],
    [
      'a member that left and came back',
      'stacked',
      [
        subscriptionFact('A', JANUARY, MEMBER),
        left('2026-11-04T00:00:00Z'),
        subscriptionFact('A', '2026-11-28T00:00:00Z', MEMBER),
      ],
      2,
    ],
    [
      'a suspended member stays',
      'stacked',
      [
        subscriptionFact('A', JANUARY, MEMBER),
        subscriptionFact('A', '2026-11-16T00:00:00Z', { ...MEMBER, state: 'suspended' }),
      ],
      10,
    ],
    [
      'a terminated member does not',
      'stacked',
      [
        subscriptionFact('A', JANUARY, MEMBER),
        subscriptionFact('A', '2026-11-16T00:00:00Z', { ...MEMBER, state: 'terminated' }),
      ],
      5,
    ],
    ['a member of next month adds nothing', 'stacked', [subscriptionFact('A', '2026-12-01T00:00:00Z', MEMBER)], 0],
    [
      'no proration: a member of a single day counts in full',
      'simple',
      [subscriptionFact('A', '2026-11-10T00:00:00Z', MEMBER), left('2026-11-11T00:00:00Z')],
      10,
    ],
    [
      'a plan that contributes nothing',
      'stacked',
      [subscriptionFact('A', JANUARY, { ...MEMBER, plan: 'mobility-bundle' })],
      0,
    ],
    [
      'the later of two facts for one time holds',
      'stacked',
      [left(JANUARY), subscriptionFact('A', JANUARY, MEMBER)],
      10,
    ],
    ['a fixed pool, whoever is in it', 'fleet', [], 500],
  ])('%s', (_what, rule, facts, megabytes) => {
    const rater = raterWith([demoBook()], facts);
    const size = sizeOf(rater, rule);
    if (megabytes > 0) expect(size).toBe(megabytes * MB);
    else expect(rate(rater, [use('1', 1, { poolRule: rule })]).lines.map(brief)).toEqual([`overage ${MB} 0.1`]);
  });

  it('is rounded half up to whole bytes, stretch by stretch', () => {
    const rater = raterWith([demoBook()], [subscriptionFact('A', '2026-11-30T23:59:59Z', MEMBER)]);
    // 10 MB * 1 s / 2,592,000 s = 4.045 bytes
    expect(sizeOf(rater, 'stacked')).toBe(4);
  });

  it('a cycle of 31 days in a time zone with a clock change is prorated by real seconds', () => {
    const facts: ReferenceFact[] = [
      {
        kind: 'account',
        id: 'r',
        account: 'ROOT',
        parent: null,
        currency: 'EUR',
        timeZone: 'Europe/Berlin',
        status: 'open',
        validFrom: JANUARY,
      },
      // Berlin's March of 2026 has 743 hours; it begins at 23:00 UTC of 28 February.
      subscriptionFact('A', '2026-02-28T23:00:00Z', MEMBER),
      subscriptionFact('A', '2026-03-01T23:00:00Z', { ...MEMBER, pool: null }),
    ];
    const size = sizeOf(raterWith([demoBook()], facts), 'stacked', { at: '2026-03-31T21:59:59Z' });
    expect(size).toBe(Math.round((10 * MB * 24) / 743));
  });
});

describe('use of a pool', () => {
  it('is the pool account’s in the bundle and over it, and out of zone the subscription’s', () => {
    const rater = raterWith([demoBook()], [subscriptionFact('A', JANUARY, MEMBER)]);
    const { lines } = rate(rater, [use('1', 11), use('2', 1, { plmn: '310410' })]);
    expect(lines.map((line) => `${line.account} ${line.rule.zone} ${brief(line)}`)).toEqual([
      `ROOT home in-bundle ${10 * MB} 0`,
      `ROOT home overage ${MB} 0.1`,
      `ACC world pay-per-use ${MB} 0.5`,
    ]);
  });

  it('is suspended when the pool names a rule that the book does not have', () => {
    const { suspended } = rate(raterWith([demoBook()]), [use('1', 1, { poolRule: 'staked' })]);
    expect(suspended).toEqual([
      expect.objectContaining({ code: 'POOL_NOT_FOUND', detail: expect.stringContaining("'staked'") }),
    ]);
  });
});

describe('a change of size after use', () => {
  const joined = (name: string, plan = 'iot-stacked'): ReferenceFact =>
    subscriptionFact(name, JANUARY, { ...MEMBER, plan });
  const left = (name: string): ReferenceFact =>
    subscriptionFact(name, '2026-11-01T00:00:00Z', { ...MEMBER, pool: null });

  function poolOf(names: string[], megabytes: number, book: BookDocument = demoBook()): Rater {
    const rater = raterWith(
      [book],
      names.map((name) => joined(name)),
    );
    rate(rater, [use('1', megabytes, { poolRule: 'simple' })]);
    return rater;
  }

  it.each<[what: string, facts: ReferenceFact[], lines: string[]]>([
    ['growth covers a part of the overage', [joined('C')], [`overage ${-10 * MB} -1`, `in-bundle ${10 * MB} 0`]],
    [
      'growth beyond the overage stops there',
      [joined('C'), joined('D')],
      [`overage ${-10 * MB} -1`, `in-bundle ${10 * MB} 0`, `overage ${-2 * MB} -0.2`, `in-bundle ${2 * MB} 0`],
    ],
    ['a member that leaves takes its share back', [left('B')], [`overage ${10 * MB} 1`, `in-bundle ${-10 * MB} 0`]],
    [
      'joining and leaving cancel out',
      [joined('C'), left('C')],
      [`overage ${-10 * MB} -1`, `in-bundle ${10 * MB} 0`, `overage ${10 * MB} 1`, `in-bundle ${-10 * MB} 0`],
    ],
    [
      'a fact twice is nothing the second time',
      [joined('C'), joined('C')],
      [`overage ${-10 * MB} -1`, `in-bundle ${10 * MB} 0`],
    ],
    ['a member whose plan contributes nothing', [joined('C', 'mobility-bundle')], []],
  ])('%s', (_what, facts, expected) => {
    const rater = poolOf(['A', 'B'], 32);
    expect(apply(rater, facts).lines.map(brief)).toEqual(expected);
  });

  it('leaves meter and bucket as if the pool had had that size from the start', () => {
    const rater = poolOf(['A', 'B'], 32);
    apply(rater, [joined('C'), joined('D')]);
    expect(rate(rater, [use('2', 10, { poolRule: 'simple' })]).lines.map(row)).toEqual([
      `in-bundle ${8 * MB} 0 pool:simple of P in 2026-11 ${32 * MB}..${40 * MB}`,
      `overage ${2 * MB} 0.2 iot-stacked/data-home@always pool:cycle of P in 2026-11 0..${2 * MB}`,
    ]);
  });

  it('comes with a new price book as well', () => {
    const rater = poolOf(['A', 'B'], 32);
    const book = demoBook();
    book.version = 2;
    book.effectiveFrom = '2026-11-01T00:00:00Z';
    (book.plans['iot-stacked'] as { contributes: object }).contributes = { simple: '12 MB' };
    const { lines, refused } = apply(rater, [bookFact(book)]);
    expect(refused).toEqual([]);
    expect(lines.map(brief)).toEqual([`overage ${-4 * MB} -0.4`, `in-bundle ${4 * MB} 0`]);
    expect(lines[0]?.rule.priceBook).toBe('demo@2');
  });

  /** The demo book with the pool's overage on a meter of each member. */
  function bookWithMeter(meter: object): BookDocument {
    const book = demoBook();
    const [price] = (book.plans['iot-stacked'] as { prices: { meter?: object }[] }).prices;
    if (price !== undefined) price.meter = meter;
    return book;
  }

  it('serves several meters in the order of their ids, each to the account that was charged', () => {
    const rater = raterWith([bookWithMeter(CYCLE_OF_SUBSCRIPTION)], [joined('B'), joined('A')]);
    const simple = { poolRule: 'simple' };
    rate(rater, [
      use('1', 20, simple),
      use('2', 6, { ...simple, by: 'B' }),
      use('3', 7, { ...simple, by: 'A', account: 'ACC-A' }),
    ]);
    const { lines } = apply(rater, [joined('C')]);
    expect(lines.map((line) => `${line.account} ${line.cause?.subscription} ${brief(line)}`)).toEqual([
      `ACC A overage ${-7 * MB} -0.7`,
      `ROOT A in-bundle ${7 * MB} 0`,
      `ACC B overage ${-3 * MB} -0.3`,
      `ROOT B in-bundle ${3 * MB} 0`,
    ]);
    expect(lines.map(({ part }) => part)).toEqual([0, 1, 2, 3]);
  });

  it('gives nothing back on meters that lived for one event', () => {
    const rater = poolOf(['A', 'B'], 32, bookWithMeter(EVENT));
    expect(apply(rater, [joined('C')]).lines).toEqual([]);
  });

  it('adds up to the bill of the final size, whatever the order of facts and use', () => {
    const facts = [joined('A'), joined('B'), joined('C'), left('B')];
    const events = [use('1', 8), use('2', 9), use('3', 10), use('4', 11)].map((event) => ({
      ...event,
      poolRule: 'simple',
    }));
    // A and C contribute all month, B until 1 November: nothing. 38 MB used, 20 MB covered.
    for (let mask = 0; mask < 16; mask += 1) {
      const rater = createRater();
      apply(rater, [bookFact(demoBook())]);
      const lines = facts.flatMap((fact, index) => {
        const before = (mask >> index) & 1 ? rate(rater, [events[index] as ScenarioEvent]).lines : [];
        return [...before, ...apply(rater, [fact]).lines];
      });
      lines.push(...rate(rater, events).lines);
      expect(total(lines), `mask ${mask}`).toBe('1.8');
      const inBundle = lines
        .filter((line) => line.rule.tag === 'in-bundle')
        .reduce((sum, line) => sum + line.quantity, 0);
      expect(inBundle, `mask ${mask}`).toBe(20 * MB);
    }
  });

  it('of 2^53 bytes and more loses nothing', () => {
    const book = demoBook();
    (book.plans['iot-stacked'] as { contributes: object }).contributes = { simple: '1024 TB' };
    const rater = raterWith(
      [book],
      Array.from({ length: 9 }, (_, index) => joined(`M${index}`)),
    );
    expect(sizeOf(rater, 'simple')).toBe(Number.MAX_SAFE_INTEGER);
    const { lines } = apply(rater, [left('M1'), left('M2')]);
    expect(lines.map((line) => formatMoney(line.amount))).toEqual([]);
    expect(rate(rater, [use('2', 1, { poolRule: 'simple' })]).lines[0]?.bucketSize).toBe(7 * 1024 ** 5);
  });
});

describe('who contributes to a pool', () => {
  /** 10 MB for each member without proration, under a rule with these settings. */
  function bookWith(settings: object): BookDocument {
    const book = demoBook();
    (book.pools as Record<string, object>).simple = {
      kind: 'stacked',
      service: 'data',
      zones: ['home', 'europe'],
      priority: 20,
      ...settings,
    };
    return book;
  }
  const member = (name: string, from: string, more: object = {}): ReferenceFact =>
    subscriptionFact(name, from, { ...MEMBER, ...more });
  const leave = (name: string, from: string): ReferenceFact => member(name, from, { pool: null });
  const TENTH = '2026-11-10T00:00:00Z';
  const TWENTIETH = '2026-11-20T00:00:00Z';

  it.each<[what: string, settings: object, facts: ReferenceFact[], megabytes: number]>([
    ['active: test-ready too', {}, [member('A', JANUARY), member('B', JANUARY, { state: 'test-ready' })], 20],
    [
      'billed: only what is active or suspended',
      { contributors: 'billed' },
      [
        member('A', JANUARY),
        member('B', JANUARY, { state: 'test-ready' }),
        member('C', JANUARY, { state: 'suspended' }),
        member('D', JANUARY, { state: 'activation-ready' }),
      ],
      20,
    ],
    [
      'suspension shrinks the pool',
      { suspension: 'shrinks' },
      [member('A', JANUARY), member('B', JANUARY, { state: 'suspended' })],
      10,
    ],
    [
      'suspension shrinks it for as long as it lasts, with proration',
      { suspension: 'shrinks', proration: 'second' },
      [member('A', JANUARY), member('A', '2026-11-16T00:00:00Z', { state: 'suspended' })],
      5,
    ],
    [
      'peak: those that were there at one time',
      { contributors: 'peak' },
      [member('A', JANUARY), member('B', JANUARY), leave('B', TENTH), member('C', TENTH), member('D', TWENTIETH)],
      30,
    ],
  ])('%s', (_what, settings, facts, megabytes) => {
    expect(sizeOf(raterWith([bookWith(settings)], facts), 'simple')).toBe(megabytes * MB);
  });

  it('a peak that rises after use gives back, and one that is passed later changes nothing', () => {
    const rater = raterWith([bookWith({ contributors: 'peak' })], [member('A', JANUARY)]);
    rate(rater, [use('1', 25, { poolRule: 'simple' })]);
    expect(apply(rater, [member('B', JANUARY)]).lines.map(brief)).toEqual([
      `overage ${-10 * MB} -1`,
      `in-bundle ${10 * MB} 0`,
    ]);
    expect(apply(rater, [leave('A', TWENTIETH), member('C', TWENTIETH)]).lines).toEqual([]);
  });

  it('a member may draw no more than its limit, and the statement tells who used what', () => {
    const rater = raterWith(
      [bookWith({ limitPerSubscription: '12 MB', allocation: 'excess' })],
      [member('A', JANUARY), member('B', JANUARY)],
    );
    const { lines } = rate(rater, [
      use('1', 15, { poolRule: 'simple' }),
      use('2', 5, { poolRule: 'simple', by: 'B' }),
      use('3', 4, { poolRule: 'simple', by: 'B' }),
    ]);
    expect(lines.map(brief)).toEqual([
      `in-bundle ${12 * MB} 0`,
      `overage ${3 * MB} 0.3`,
      `in-bundle ${5 * MB} 0`,
      `in-bundle ${3 * MB} 0`,
      `overage ${MB} 0.1`,
    ]);
    expect(rater.poolStatements()).toEqual([
      {
        pool: 'P',
        account: 'ROOT',
        rule: 'simple',
        allocation: 'excess',
        period: '2026-11',
        size: 20 * MB,
        used: 20 * MB,
        overage: 4 * MB,
        members: [
          { subscription: 'A', contribution: 10 * MB, used: 15 * MB },
          { subscription: 'B', contribution: 10 * MB, used: 9 * MB },
        ],
      },
    ]);
  });
});
