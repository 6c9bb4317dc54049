/** Meters by scope: event, session, day, cycle; what is due once, what is due at the close, and percentages. */
import { describe, expect, it } from 'vitest';
import { formatMoney } from '../../src/index.ts';
import { type BookDocument, onePriceBook } from '../support/book.ts';
import { brief, rate, raterWith, row, type ScenarioEvent, snapshotBytes, total } from '../support/scenario.ts';

const AT = '2026-11-10T12:00:00Z';
const meter = (scope: string, owner = 'subscription'): object => ({ meter: { owner, scope } });

function amounts(book: BookDocument, events: Partial<ScenarioEvent>[]): string[] {
  const { lines } = rate(
    raterWith([book]),
    events.map((event, index) => ({ id: String(index), at: AT, units: 1, ...event })),
  );
  return lines.map(({ amount }) => formatMoney(amount));
}

describe('a connection fee', () => {
  const priced = { model: 'per-unit', unitPrice: '1', connectFee: '0.5' };

  it('is due once an event', () => {
    expect(amounts(onePriceBook({ ...priced, ...meter('event') }), [{}, {}])).toEqual(['1.5', '1.5']);
  });

  it('is due once a session; without a session the event is one; sessions are a subscription’s own', () => {
    const events = [{ session: 's' }, { session: 's' }, { session: 't' }, {}, {}, { session: 's', by: 'B' }];
    expect(amounts(onePriceBook({ ...priced, ...meter('session') }), events)).toEqual([
      '1.5',
      '1',
      '1.5',
      '1.5',
      '1.5',
      '1.5',
    ]);
  });

  it('is due by the first part that reaches a meter, and not again for the parts that follow', () => {
    const book = onePriceBook({}, {}, 'seconds');
    const band = {
      service: 'data',
      model: 'per-unit',
      connectFee: '1',
      meter: { owner: 'subscription', scope: 'event' },
    };
    const day = { ...band, id: 'day', priority: 1, unitPrice: '1', when: [{ to: '18:00' }] };
    const evening = { ...band, id: 'evening', priority: 2, unitPrice: '0.5' };
    book.plans = { plan: { prices: [day, evening] } };
    expect(amounts(book, [{ at: '2026-11-10T17:30:00Z', seconds: 3600 }])).toEqual(['1801', '900']);
    // An allowance that covers the first part leaves the fee to the second.
    book.plans = { plan: { prices: [day, evening], allowances: [{ id: 'a', service: 'data', quantity: 1800 }] } };
    expect(amounts(book, [{ at: '2026-11-10T17:30:00Z', seconds: 3600 }])).toEqual(['0', '901']);
  });
});

describe('an event that allowances cover', () => {
  const flat = { model: 'flat', flatPrice: '2', ...meter('event') };
  const more = { allowances: [{ id: 'a', service: 'data', quantity: 10 }] };

  it('does not reach its meter', () => {
    expect(amounts(onePriceBook(flat, more), [{ units: 10 }])).toEqual(['0']);
  });

  it('reaches it with quantity 0 where fees are due all the same', () => {
    expect(amounts(onePriceBook({ ...flat, feesWhenCovered: true }, more), [{ units: 10 }])).toEqual(['0', '2']);
  });

  it('reaches it if its quantity is 0', () => {
    expect(amounts(onePriceBook(flat, more), [{ units: 0 }])).toEqual(['2']);
  });
});

describe('a day', () => {
  it('is a local one: a flat price is due once for each', () => {
    const book = onePriceBook({ model: 'flat', flatPrice: '0.5', ...meter('day') });
    const berlin = { timeZone: 'Europe/Berlin' };
    const times = ['2026-11-10T22:59:59Z', '2026-11-10T12:00:00Z', '2026-11-10T23:00:00Z'];
    expect(
      amounts(
        book,
        times.map((at) => ({ at, ...berlin })),
      ),
    ).toEqual(['0.5', '0', '0.5']);
  });

  it('that has left the duplicate window takes its meters along, and its commitment stays', () => {
    const rater = raterWith([onePriceBook({ model: 'per-unit', unitPrice: '1', ...meter('day') })]);
    rate(rater, [{ id: '1', at: AT, units: 1 }]);
    expect(rater.statistics().meters).toBe(1);
    rate(rater, [{ id: '2', at: '2027-02-01T00:00:00Z', units: 1 }]);
    expect(rater.statistics().meters).toBe(1);
    const bound = raterWith([onePriceBook({ model: 'per-unit', unitPrice: '1', minimum: '5', ...meter('day') })]);
    rate(bound, [{ id: '1', at: AT, units: 1 }]);
    rate(bound, [{ id: '2', at: '2027-02-01T00:00:00Z', units: 1 }]);
    expect(bound.trueUps().map(({ period, amount }) => `${period} ${formatMoney(amount)}`)).toEqual([
      '2026-11 4',
      '2027-02 4',
    ]);
  });

  it('and a cycle are those of the end where the book says so', () => {
    const book = { ...onePriceBook({ model: 'per-unit', unitPrice: '1' }), attribution: 'end' };
    const { lines } = rate(raterWith([book]), [
      { id: '1', at: '2026-11-30T23:59:00Z', until: '2026-12-01T00:01:00Z', units: 1 },
    ]);
    expect(lines.map(row)).toEqual(['pay-per-use 1 1 plan/price@always subscription:cycle of A in 2026-12 0..1']);
  });
});

describe('a commitment', () => {
  it('is due for each meter that was reached, by whoever owns it', () => {
    const book = onePriceBook({ model: 'per-unit', unitPrice: '1', minimum: '10', ...meter('cycle', 'account') });
    const rater = raterWith([book]);
    rate(rater, [
      { id: '1', at: AT, units: 3 },
      { id: '2', at: AT, units: 0, account: 'OTHER', by: 'B' },
      { id: '3', at: '2026-12-10T12:00:00Z', units: 12 },
    ]);
    expect(rater.trueUps()).toEqual([
      expect.objectContaining({
        account: 'ACC',
        subscription: '',
        period: '2026-11',
        service: 'data',
        amount: 7n * 10n ** 12n,
      }),
      expect.objectContaining({
        account: 'OTHER',
        period: '2026-11',
        price: 'plan/price@always',
        amount: 10n * 10n ** 12n,
      }),
    ]);
  });
});

describe('a cycle for all time', () => {
  it('has one meter, and no months', () => {
    const book = { ...onePriceBook({ model: 'package', packageSize: 2, packagePrice: '1' }), cycle: 'all' };
    const { lines } = rate(raterWith([book]), [
      { id: '1', at: AT, units: 1 },
      { id: '2', at: '2026-12-10T12:00:00Z', units: 1 },
    ]);
    expect(lines.map((line) => `${line.rule.period} ${brief(line)}`)).toEqual([
      'all pay-per-use 1 1',
      'all pay-per-use 1 0',
    ]);
  });
});

describe('a percentage', () => {
  function percentBook(perEvent: object | undefined, scope = 'cycle', more: object = {}): BookDocument {
    const price = {
      model: 'percentage',
      ratePercent: '1.3',
      ...(perEvent === undefined ? {} : { perEvent }),
      ...meter(scope),
      ...more,
    };
    const book = onePriceBook(price);
    book.services = { data: { unit: 'money', counts: 'amount', decimals: 2 } };
    return book;
  }
  const charges = ['50', '100', '250', '400'].map((amount) => ({ amount, amountCurrency: 'EUR' }));

  it('of amounts, with a free part and a fixed amount an event', () => {
    const terms = { freeEvents: 3, freeAmount: '250', fixed: '2' };
    expect(amounts(percentBook(terms), charges)).toEqual(['0', '0', '3.95', '7.2']);
  });

  it('goes on after a restart, and meters of an event have no yesterday', () => {
    const book = percentBook({ freeEvents: 1 }, 'event');
    expect(amounts(book, charges.slice(0, 2))).toEqual(['0', '0']);
    const rater = raterWith([percentBook({ freeEvents: 1 }, 'session')]);
    rate(rater, [{ id: '1', at: AT, session: 's', amount: '100' }]);
    expect(total(rate(rater, [{ id: '2', at: AT, session: 's', amount: '100' }]).lines)).toBe('1.3');
    expect(snapshotBytes(rater).length).toBeGreaterThan(1);
  });

  it.each<[code: string, what: string, event: Partial<ScenarioEvent>]>([
    ['QUANTITY_INVALID', 'no amount', {}],
    ['QUANTITY_INVALID', 'a negative amount', { amount: '-1' }],
    ['QUANTITY_INVALID', 'an amount with more decimals than the service counts', { amount: '0.001' }],
    ['CURRENCY_MISMATCH', 'an amount in another currency', { amount: '1', amountCurrency: 'USD' }],
    ['OVERFLOW', 'an amount past 2^53 parts', { amount: '100000000000000' }],
  ])('%s: %s', (code, _what, event) => {
    const { suspended } = rate(raterWith([percentBook(undefined)]), [{ id: '1', at: AT, ...event }]);
    expect(suspended.map((entry) => entry.code)).toEqual([code]);
  });
});
