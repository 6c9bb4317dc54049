import { type PriceBook, validatePriceBook } from '@headrace/rating';
import { describe, expect, it } from 'vitest';
import { isPeriod, needsHistory, periodBounds } from '../src/period.ts';
import { book, prices } from './support/world.ts';

const bucket = { id: 'home', service: 'data', zones: ['home'], quantity: 100 };

function read(allowances: readonly object[], more: object = {}): PriceBook {
  const { book: plain } = book({ p: { allowances, prices } }) as { book: object };
  const result = validatePriceBook({ ...plain, ...more });
  if (!('book' in result)) throw new Error(JSON.stringify(result.problems));
  return result.book;
}

const at = (time: string): number => Date.parse(time) * 1000;
const november = periodBounds('2026-11');

describe('periods', () => {
  it.each(['2026-01', '2026-12', 'all'])('%s is one', (text) => expect(isPeriod(text)).toBe(true));
  it.each(['2026-13', '2026-1', '2026', 'november', ''])('%s is none', (text) => expect(isPeriod(text)).toBe(false));

  it('lie within a day of the months of UTC', () => {
    expect(november).toEqual({ from: at('2026-10-31T00:00:00Z'), to: at('2026-12-02T00:00:00Z') });
    expect(periodBounds('2026-12')).toEqual({ from: at('2026-11-30T00:00:00Z'), to: at('2027-01-02T00:00:00Z') });
    expect(periodBounds('all')).toBeUndefined();
  });
});

describe('months before are needed', () => {
  const from = november?.from ?? 0;
  const grant = (begin: string, end: string) => [{ from: at(begin), to: at(end) }];

  it.each<[string, boolean, PriceBook, ReturnType<typeof grant>]>([
    ['not for buckets that are full again each month', false, read([bucket]), []],
    ['for what is left over', true, read([{ ...bucket, rollover: {}, validFrom: '2026-01-01T00:00:00Z' }]), []],
    ['for buckets without months', true, read([{ ...bucket, recurs: 'once' }]), []],
    ['for a book with one cycle', true, read([], { cycle: 'all' }), []],
    ['for a top-up that lives across the begin', true, read([]), grant('2026-10-20T00:00:00Z', '2026-11-20T00:00:00Z')],
    ['not for one that ended before', false, read([]), grant('2026-10-20T00:00:00Z', '2026-10-30T00:00:00Z')],
    ['not for one that begins within', false, read([]), grant('2026-11-03T00:00:00Z', '2026-12-20T00:00:00Z')],
  ])('%s: %s', (_, expected, priceBook, grants) => {
    expect(needsHistory([priceBook], grants, from)).toBe(expected);
  });
});
