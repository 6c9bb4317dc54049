/** Buckets: which are drawn, in what order, for how long, and what the line says. */
import { describe, expect, it } from 'vitest';
import type { ReferenceFact } from '../../src/index.ts';
import { type BookDocument, demoBook, onePriceBook } from '../support/book.ts';
import {
  apply,
  brief,
  MB,
  rate,
  raterWith,
  row,
  type ScenarioEvent,
  subscriptionFact,
  topUpFact,
} from '../support/scenario.ts';

const AT = '2026-11-10T12:00:00Z';
const MOBILE = { plan: 'mobility-bundle', currency: 'USD', plmn: '26201' };
const GB = 1024 * MB;

describe('a bundle of data, messages and voice', () => {
  it.each<[what: string, event: Partial<ScenarioEvent>, lines: string[]]>([
    ['1 MB at home', { down: MB }, [`in-bundle ${MB} 0 allowance:mobility-bundle/data of A in 2026-11 0..${MB}`]],
    [
      '2 GB and 1 MB at home',
      { up: GB, down: GB + MB },
      [
        `in-bundle ${2 * GB} 0 allowance:mobility-bundle/data of A in 2026-11 0..${2 * GB}`,
        `overage ${MB} 0.004 mobility-bundle/data@always subscription:cycle of A in 2026-11 0..${MB}`,
      ],
    ],
    [
      '100 KB and a byte out of zone',
      { plmn: '310410', up: 102_401 },
      ['pay-per-use 102401 0.5859375 mobility-bundle/data-world@always subscription:event of A in 2026-11 0..102401'],
    ],
    [
      '101 messages',
      { service: 'message', units: 101 },
      [
        'in-bundle 100 0 allowance:mobility-bundle/messages of A in 2026-11 0..100',
        'overage 1 0.09 mobility-bundle/message@always subscription:cycle of A in 2026-11 0..1',
      ],
    ],
    [
      'a call of 6,010 s at home',
      { service: 'voice', seconds: 6010 },
      [
        'in-bundle 6000 0 allowance:mobility-bundle/voice of A in 2026-11 0..6000',
        'overage 10 0.09 mobility-bundle/voice@always subscription:event of A in 2026-11 0..10',
      ],
    ],
    [
      'a call of 61 s abroad, which the bundle leaves out',
      { service: 'voice', seconds: 61, plmn: '20801' },
      ['pay-per-use 61 0.18 mobility-bundle/voice@always subscription:event of A in 2026-11 0..61'],
    ],
    [
      'a call of 0 s, which draws nothing and reaches its meter',
      { service: 'voice', seconds: 0 },
      ['overage 0 0 mobility-bundle/voice@always subscription:event of A in 2026-11 0..0'],
    ],
    [
      '0 bytes out of zone',
      { plmn: '310410' },
      ['pay-per-use 0 0 mobility-bundle/data-world@always subscription:event of A in 2026-11 0..0'],
    ],
  ])('%s', (_what, event, expected) => {
    const { lines } = rate(raterWith([demoBook()]), [{ id: '1', at: AT, ...MOBILE, ...event }]);
    expect(lines.map(row)).toEqual(expected);
  });

  it('is full again in the next cycle, which begins at midnight of the account’s time zone', () => {
    const message = { ...MOBILE, service: 'message', units: 60, timeZone: 'Europe/Berlin' };
    const { lines } = rate(raterWith([demoBook()]), [
      { id: '1', at: '2026-11-30T22:59:59Z', ...message },
      { id: '2', at: '2026-11-30T23:00:00Z', ...message },
      { id: '3', at: '2026-11-30T22:00:00Z', ...message },
    ]);
    expect(lines.map((line) => `${line.rule.period} ${brief(line)}`)).toEqual([
      '2026-11 in-bundle 60 0',
      '2026-12 in-bundle 60 0',
      '2026-11 in-bundle 40 0',
      '2026-11 overage 20 1.8',
    ]);
  });
});

describe('a top-up', () => {
  const topUp = (validFrom: string, validTo: string): ReferenceFact => topUpFact('TU-1', validFrom, validTo);
  const use = { id: '1', ...MOBILE, up: 101 * MB };

  it.each<[when: string, at: string, lines: string[]]>([
    [
      'before it holds',
      '2026-11-04T23:59:59Z',
      ['in-bundle 105906176 0 allowance:mobility-bundle/data of A in 2026-11 0..105906176'],
    ],
    [
      'at its begin',
      '2026-11-05T00:00:00Z',
      [
        'in-bundle 104857600 0 grant:TU-1 of A in 2026-11 0..104857600',
        'in-bundle 1048576 0 allowance:mobility-bundle/data of A in 2026-11 0..1048576',
      ],
    ],
    [
      'just before its end',
      '2026-11-14T23:59:59.999999Z',
      [
        'in-bundle 104857600 0 grant:TU-1 of A in 2026-11 0..104857600',
        'in-bundle 1048576 0 allowance:mobility-bundle/data of A in 2026-11 0..1048576',
      ],
    ],
    [
      'at its end',
      '2026-11-15T00:00:00Z',
      ['in-bundle 105906176 0 allowance:mobility-bundle/data of A in 2026-11 0..105906176'],
    ],
  ])('covers use by its own validity: %s', (_when, at, expected) => {
    const rater = raterWith([demoBook()], [topUp('2026-11-05T00:00:00Z', '2026-11-15T00:00:00Z')]);
    expect(rate(rater, [{ ...use, at }]).lines.map(row)).toEqual(expected);
  });

  it('lives over the end of a cycle with what is left', () => {
    const rater = raterWith([demoBook()], [topUp('2026-11-20T00:00:00Z', '2026-12-20T00:00:00Z')]);
    const events = [
      { ...use, at: '2026-11-25T00:00:00Z', up: 60 * MB },
      { ...use, id: '2', at: '2026-12-02T00:00:00Z', up: 60 * MB },
    ];
    expect(rate(rater, events).lines.map(brief)).toEqual([
      `in-bundle ${60 * MB} 0`,
      `in-bundle ${40 * MB} 0`,
      `in-bundle ${20 * MB} 0`,
    ]);
  });

  it('that is used up makes further use overage, and one that has ended pay-per-use', () => {
    const book = onePriceBook({ model: 'per-unit', unitPrice: '1' });
    book.addOns = { ten: { service: 'data', quantity: 10 } };
    const rater = raterWith([book], [topUpFact('T', '2026-11-05T00:00:00Z', '2026-11-15T00:00:00Z', 'A', 'ten')]);
    const events = [
      { id: '1', at: '2026-11-06T00:00:00Z', units: 11 },
      { id: '2', at: '2026-11-15T00:00:00Z', units: 1 },
      { id: '3', at: '2026-11-06T00:00:00Z', units: 1, by: 'B' },
    ];
    expect(rate(rater, events).lines.map(brief)).toEqual([
      'in-bundle 10 0',
      'overage 1 1',
      'pay-per-use 1 1',
      'pay-per-use 1 1',
    ]);
  });

  it.each([
    ['a grant twice', topUpFact('TU-1', AT, '2026-12-01T00:00:00Z', 'B'), "grant 'TU-1' is there already"],
    ['an unknown add-on', topUpFact('TU-2', AT, '2026-12-01T00:00:00Z', 'A', 'data-10'), "did you mean 'data-100'?"],
  ])('is refused: %s', (_what, fact, words) => {
    const rater = raterWith([demoBook()], [topUp('2026-11-05T00:00:00Z', '2026-11-15T00:00:00Z')]);
    const { refused } = apply(rater, [{ ...fact, id: 'other' }]);
    expect(refused).toEqual([{ id: 'other', reason: expect.stringContaining(words) }]);
  });
});

describe('the waterfall', () => {
  /** A book with two zones and these individual allowances for 10 units each, and a pool of 10. */
  function book(allowances: object[], poolPriority = 50): BookDocument {
    const sized = allowances.map((allowance) => ({ service: 'data', quantity: 10, ...allowance }));
    const document = onePriceBook({ model: 'per-unit', unitPrice: '1' }, { allowances: sized });
    document.zones = { home: { networks: ['26201'] }, away: { networks: ['20801'] } };
    document.pools = { fleet: { kind: 'fixed', service: 'data', quantity: 10, priority: poolPriority } };
    document.addOns = { early: { service: 'data', quantity: 10 }, late: { service: 'data', quantity: 10 } };
    return document;
  }

  const wide = { id: 'wide' };
  const narrow = { id: 'narrow', zones: ['home'] };
  const both = { id: 'both', zones: ['home', 'away'] };

  it.each<[rule: string, document: BookDocument, facts: ReferenceFact[], order: string[]]>([
    [
      'explicit priority first, lower before higher',
      book(
        [
          { ...narrow, priority: 9 },
          { ...wide, priority: 1 },
        ],
        5,
      ),
      [],
      ['wide', 'fleet', 'narrow'],
    ],
    [
      'then the narrower zone list; none is the widest',
      book([wide, both, narrow]),
      [],
      ['narrow', 'both', 'wide', 'fleet'],
    ],
    [
      'then the earliest expiry',
      book([wide]),
      [
        topUpFact('ends-later', '2026-11-01T00:00:00Z', '2026-12-15T00:00:00Z', 'A', 'early'),
        topUpFact('ends-first', '2026-11-02T00:00:00Z', '2026-11-15T00:00:00Z', 'A', 'early'),
      ],
      ['ends-first', 'wide', 'ends-later', 'fleet'],
    ],
    [
      'then the earliest grant',
      book([]),
      [
        topUpFact('granted-later', '2026-11-03T00:00:00Z', '2026-11-15T00:00:00Z', 'A', 'early'),
        topUpFact('granted-first', '2026-11-02T00:00:00Z', '2026-11-15T00:00:00Z', 'A', 'early'),
      ],
      ['granted-first', 'granted-later', 'fleet'],
    ],
    ['then the id', book([{ id: 'b' }, { id: 'a' }]), [], ['a', 'b', 'fleet']],
  ])('draws by %s', (_rule, document, facts, order) => {
    const rater = raterWith([document], facts);
    const { lines } = rate(rater, [
      { id: '1', at: AT, plmn: '26201', pool: 'P', poolRule: 'fleet', units: order.length * 10 + 1 },
    ]);
    const names = lines.map(({ rule }) => order.find((name) => rule.bucket.split(/[/:]/).includes(name)) ?? '');
    expect(names).toEqual([...order, '']);
    expect(lines.map(({ part }) => part)).toEqual(lines.map((_, index) => index));
    expect(lines.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(order.length * 10 + 1);
    expect(lines.at(-1)?.rule.tag).toBe('overage');
  });

  it('does not draw what does not cover the zone', () => {
    const { lines } = rate(raterWith([book([narrow])]), [{ id: '1', at: AT, plmn: '20801', units: 3 }]);
    expect(lines.map(brief)).toEqual(['pay-per-use 3 3']);
  });

  it('an event that would need more buckets than it may have lines is suspended, and draws nothing', () => {
    const many = Array.from({ length: 250 }, (_, index) => ({ id: `n${index}` }));
    const rater = raterWith([book(many)]);
    const { lines, suspended } = rate(rater, [
      { id: '1', at: AT, units: 2501 },
      { id: '2', at: AT, units: 2500 },
    ]);
    expect(suspended.map(({ event, code }) => [event, code])).toEqual([[0, 'OVERFLOW']]);
    expect(lines.map(brief)).toEqual(Array.from({ length: 250 }, () => 'in-bundle 10 0'));
  });

  it.each([
    [65_535, 0],
    [65_536, 1],
  ])('of %i events the first may have 9 lines only if all others may have 8', (count, suspensions) => {
    const many = Array.from({ length: 9 }, (_, index) => ({ id: `n${index}` }));
    const others = Array.from({ length: count - 1 }, (_, index) => ({ id: `o${index}`, at: AT, units: 1 }));
    const { suspended } = rate(raterWith([book(many)]), [{ id: '1', at: AT, units: 90 }, ...others]);
    expect(suspended.map(({ event, code }) => [event, code])).toEqual([[0, 'OVERFLOW']].slice(0, suspensions));
  });
});

describe('an individual allowance with proration', () => {
  const allowance = { id: 'a', service: 'data', quantity: 100, proration: 'second' };
  const book = onePriceBook({ model: 'per-unit', unitPrice: '1' }, { allowances: [allowance] });

  it.each<[what: string, facts: ReferenceFact[], covered: number]>([
    ['had all month', [subscriptionFact('A', '2026-01-01T00:00:00Z')], 100],
    ['had from the middle of the month', [subscriptionFact('A', '2026-11-16T00:00:00Z')], 50],
    [
      'had until the middle of the month',
      [
        subscriptionFact('A', '2026-01-01T00:00:00Z'),
        subscriptionFact('A', '2026-11-16T00:00:00Z', { state: 'terminated' }),
      ],
      50,
    ],
    ['had for a third of the month: 33.3 rounded', [subscriptionFact('A', '2026-11-21T00:00:00Z')], 33],
  ])('%s', (_what, facts, covered) => {
    const { lines } = rate(raterWith([book], facts), [{ id: '1', at: '2026-11-29T00:00:00Z', units: 200 }]);
    expect(lines.map(brief)).toEqual([`in-bundle ${covered} 0`, `overage ${200 - covered} ${200 - covered}`]);
  });
});
