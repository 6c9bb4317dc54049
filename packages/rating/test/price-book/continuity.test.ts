import { describe, expect, it } from 'vitest';
import { type PriceBook, refuseSuccessor, validatePriceBook } from '../../src/index.ts';
import { type BookDocument, CYCLE_OF_SUBSCRIPTION, demoBook, onePriceBook } from '../support/book.ts';

function valid(document: BookDocument): PriceBook {
  const result = validatePriceBook(document);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.book;
}

type Prices = Record<string, unknown>[];

/** Version 2 of the demo book with a change to the first price of iot-stacked. */
function second(change: Record<string, unknown>, version = 2): PriceBook {
  const book = demoBook();
  book.version = version;
  Object.assign((book.plans['iot-stacked'] as { prices: Prices }).prices[0] as object, change);
  return valid(book);
}

describe('a book after another', () => {
  it.each<[what: string, next: PriceBook]>([
    ['leaves all prices unchanged', second({})],
    ['changes a price with a new effectiveFrom', second({ unitPrice: '0.20', effectiveFrom: '2026-01-01T00:00:00Z' })],
    ['writes the same price in other words', second({ unitPrice: '0.1', per: 1024 * 1024 })],
    ['is the same book once more', second({}, 1)],
  ])('may follow when it %s', (_what, next) => {
    expect(refuseSuccessor([valid(demoBook())], next)).toBeUndefined();
  });

  it.each<[what: string, next: PriceBook, words: string]>([
    ['changes a price under its identity', second({ unitPrice: '0.20' }), "price 'data-home' of plan 'iot-stacked'"],
    [
      'changes a meter under its identity',
      second({ meter: { owner: 'account', scope: 'cycle' } }),
      'give the changed price a new effectiveFrom',
    ],
    ['changes the rank of a price', second({ priority: 1 }), "price 'data-home'"],
    ['changes the bands of a price', second({ when: [{ from: '00:00' }] }), "price 'data-home'"],
    [
      'has other contents and the same version',
      second({ unitPrice: '0.20', effectiveFrom: '2026-01-01T00:00:00Z' }, 1),
      'a book is immutable',
    ],
  ])('is refused when it %s', (_what, next, words) => {
    expect(refuseSuccessor([valid(demoBook())], next)).toContain(words);
  });

  it('may not change a price of a shared tariff, whatever plans use it', () => {
    const shared = (unitPrice: string, version: number): PriceBook => {
      const book = onePriceBook({ model: 'per-unit', unitPrice: '1' });
      const price = { id: 'x', service: 'data', priority: -1, apns: ['x'], model: 'per-unit', unitPrice };
      const tariffs = { common: { prices: [{ ...price, meter: CYCLE_OF_SUBSCRIPTION }] } };
      const plan = { ...(book.plans.plan as object), tariffs: ['common'] };
      return valid({ ...book, version, tariffs, plans: { [`plan-${version}`]: plan } } as BookDocument);
    };
    expect(refuseSuccessor([shared('1', 1)], shared('1.0', 2))).toBeUndefined();
    expect(refuseSuccessor([shared('1', 1)], shared('2', 2))).toContain("price 'x' of tariff 'common'");
  });
});
