/** Price books over time: which is in force, what continues, what is refused. */
import { describe, expect, it } from 'vitest';
import { createRater } from '../../src/index.ts';
import { type BookDocument, onePriceBook } from '../support/book.ts';
import { apply, bookFact, brief, guidedFacts, rate, raterWith, row, type ScenarioEvent } from '../support/scenario.ts';

const TIERS = [{ upTo: 10, unitPrice: '10' }, { unitPrice: '1' }];

function book(version: number, effectiveFrom: string, price: object, more: object = {}): BookDocument {
  const allowances = [{ id: 'free', service: 'data', quantity: 5 }];
  return {
    ...onePriceBook({ model: 'graduated', tiers: TIERS, ...price }, { allowances, ...more }),
    version,
    effectiveFrom,
  };
}

const FIRST = book(1, '2026-01-01T00:00:00Z', {});
const use = (id: string, at: string, units: number): ScenarioEvent => ({ id, at, units });

describe('books in force', () => {
  it('a new book that leaves a price unchanged continues its meters and buckets', () => {
    const rater = raterWith([FIRST, book(2, '2026-11-15T00:00:00Z', {})]);
    const { lines } = rate(rater, [
      use('1', '2026-11-14T00:00:00Z', 3),
      use('2', '2026-11-15T00:00:00Z', 10),
      use('3', '2026-11-14T00:00:00Z', 4),
    ]);
    expect(lines.map((line) => `${line.rule.priceBook} ${row(line)}`)).toEqual([
      'one-price@1 in-bundle 3 0 allowance:plan/free of A in 2026-11 0..3',
      'one-price@2 in-bundle 2 0 allowance:plan/free of A in 2026-11 3..5',
      'one-price@2 overage 8 80 plan/price@always subscription:cycle of A in 2026-11 0..8',
      'one-price@1 overage 4 22 plan/price@always subscription:cycle of A in 2026-11 8..12',
    ]);
  });

  it('a changed price starts a new meter', () => {
    const effectiveFrom = '2026-11-15T00:00:00Z';
    const rater = raterWith([FIRST, book(2, effectiveFrom, { effectiveFrom, tiers: [{ unitPrice: '2' }] })]);
    const { lines } = rate(rater, [use('1', '2026-11-14T00:00:00Z', 8), use('2', effectiveFrom, 1)]);
    expect(lines.map(row)).toEqual([
      'in-bundle 5 0 allowance:plan/free of A in 2026-11 0..5',
      'overage 3 30 plan/price@always subscription:cycle of A in 2026-11 0..3',
      'overage 1 2 plan/price@2026-11-15 subscription:cycle of A in 2026-11 0..1',
    ]);
  });

  it('of two books with one effectiveFrom the later in the log holds', () => {
    const later = book(2, '2026-01-01T00:00:00Z', {
      effectiveFrom: '2026-01-01T00:00:00Z',
      tiers: [{ unitPrice: '2' }],
    });
    const { lines } = rate(raterWith([FIRST, later]), [use('1', '2026-11-14T00:00:00Z', 6)]);
    expect(lines.map(brief)).toEqual(['in-bundle 5 0', 'overage 1 2']);
  });

  it('a book that comes late and holds earlier is taken by events of its time from then on', () => {
    const rater = raterWith([FIRST]);
    const effectiveFrom = '2026-11-01T00:00:00Z';
    const before = rate(rater, [use('1', '2026-11-14T00:00:00Z', 6)]);
    apply(rater, [bookFact(book(2, effectiveFrom, { effectiveFrom, tiers: [{ unitPrice: '2' }] }))]);
    const after = rate(rater, [use('2', '2026-11-14T00:00:00Z', 1), use('3', '2026-10-31T00:00:00Z', 6)]);
    expect(before.lines.map(brief)).toEqual(['in-bundle 5 0', 'overage 1 10']);
    expect(after.lines.map(brief)).toEqual(['overage 1 2', 'in-bundle 5 0', 'overage 1 10']);
  });

  it('an allowance that a new book makes larger goes on from its use', () => {
    const larger = { allowances: [{ id: 'free', service: 'data', quantity: 7 }] };
    const rater = raterWith([FIRST, book(2, '2026-11-15T00:00:00Z', {}, larger)]);
    const { lines } = rate(rater, [use('1', '2026-11-14T00:00:00Z', 6), use('2', '2026-11-15T00:00:00Z', 3)]);
    expect(lines.map(brief)).toEqual(['in-bundle 5 0', 'overage 1 10', 'in-bundle 2 0', 'overage 1 10']);
  });
});

describe('refused books', () => {
  it.each<[what: string, document: unknown, words: string]>([
    [
      'one with problems, naming the first and how many more',
      { ...FIRST, currency: 'euro', author: '' },
      "currency: 'euro' is not a currency; write an ISO 4217 code such as EUR (and 1 more)",
    ],
    [
      'a changed price under the same identity',
      book(2, '2026-11-15T00:00:00Z', { tiers: [{ unitPrice: '2' }] }),
      'give the changed price a new effectiveFrom',
    ],
    ['other contents under a known version', book(1, '2026-11-15T00:00:00Z', {}), 'raise its version'],
  ])('%s', (_what, document, words) => {
    const rater = raterWith([FIRST]);
    const before = [...rater.snapshot()];
    const { refused } = apply(rater, [{ kind: 'priceBook', id: 'b', book: document }]);
    expect(refused).toEqual([{ id: 'b', reason: expect.stringContaining(words) }]);
    expect([...rater.snapshot()]).toEqual(before);
  });

  it('facts that are no JSON or no facts are refused with their position', () => {
    const fact = (text: string): object => ({ position: 7, receivedAt: 0, kind: 'pool', fact: text });
    const { refused } = createRater().applyFacts([fact('{'), fact('{"kind":"pool","id":"x"}')] as Parameters<
      ReturnType<typeof createRater>['applyFacts']
    >[0]);
    expect(refused.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('at position 7 of the reference log: the fact is not JSON'),
      expect.stringContaining("pool fact 'x': pool must be a text"),
    ]);
  });

  it('another version of the fold in force stops the rater', () => {
    const facts = guidedFacts([{ kind: 'foldVersion', id: 'v', version: 3 }]);
    expect(() => createRater().applyFacts(facts)).toThrow(
      /version 3 of the fold is in force \(fact v\), and this rater has version 2/,
    );
    expect(apply(createRater(), [{ kind: 'foldVersion', id: 'v', version: 2 }]).refused).toEqual([]);
  });
});
