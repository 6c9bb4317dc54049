/** Stored lines in words, as people read them; the rows are written by hand, from the price book beside them. */
import { describe, expect, it } from 'vitest';
import { explainEvent, explainLine, type LineColumns, type PriceBook, validatePriceBook } from '../src/index.ts';

const EVENT = { owner: 'subscription', scope: 'event' };
const CYCLE = { owner: 'subscription', scope: 'cycle' };
const POOL = { owner: 'pool', scope: 'cycle' };
const ACCOUNT = { owner: 'account', scope: 'cycle' };

const read = validatePriceBook({
  format: 1,
  name: 'b',
  version: 3,
  currency: 'EUR',
  effectiveFrom: '2026-01-01T00:00:00Z',
  author: 'a@example.net',
  approver: 'b@example.net',
  services: {
    data: { unit: 'bytes', counts: 'both' },
    voice: { unit: 'seconds', counts: 'seconds' },
    premium: { unit: 'money', counts: 'amount', decimals: 2 },
  },
  zones: { home: { networks: ['26201'] } },
  tariffs: {
    partner: {
      prices: [
        {
          id: 'data',
          leg: 'wholesale',
          service: 'data',
          model: 'per-unit',
          unitPrice: '0.03',
          per: 1000,
          meter: ACCOUNT,
        },
      ],
    },
  },
  plans: {
    p: {
      prices: [
        { id: 'data', service: 'data', model: 'per-unit', unitPrice: '0.1', per: 1000, meter: POOL },
        {
          id: 'voice',
          service: 'voice',
          model: 'per-unit',
          unitPrice: '0.09',
          per: 60,
          increment: 60,
          connectFee: '0.05',
          meter: EVENT,
        },
        {
          id: 'premium',
          service: 'premium',
          model: 'percentage',
          ratePercent: '10',
          perEvent: { fixed: '0.02' },
          meter: CYCLE,
        },
      ],
    },
  },
  wholesale: { currency: 'EUR', tariffs: ['partner'] },
});

function bookOf(): PriceBook {
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.book;
}

const book = bookOf();

/** A line of 3,000 bytes at home over the pool's end; a change of columns makes it another. */
function row(changes: Partial<LineColumns> = {}): LineColumns {
  return {
    event_id: 'gw/17',
    event_time: '2026-11-10T12:00:00Z',
    part: 0,
    subscription: 'A',
    plan: 'p',
    pool: 'P',
    service: 'data',
    zone: 'home',
    tag: 'overage',
    leg: 'retail',
    unit: 'bytes',
    period: '2026-11',
    account: 'acme',
    currency: 'EUR',
    price_book: 'b@3',
    price: 'p/data@always',
    reason: '',
    bucket: '',
    meter: 'pool:cycle',
    quantity: '3000',
    event_quantity: '3000',
    amount: '0.3',
    before: '2000',
    after: '5000',
    bucket_size: '0',
    threshold: 0,
    ...changes,
  };
}

const drawn = (bucket: string, changes: Partial<LineColumns> = {}): LineColumns =>
  row({
    bucket,
    tag: 'in-bundle',
    price: '',
    meter: '',
    amount: '0',
    before: '0',
    after: '3000',
    bucket_size: '4000',
    ...changes,
  });

describe('a line that a price charges', () => {
  it('is worked out with the book', () => {
    expect(explainLine(row({ event_quantity: '8000', part: 1 }), book)).toEqual([
      'Event gw/17 at 2026-11-10T12:00:00Z: subscription A, plan p, used 8,000 bytes of data in zone home; this line is 3,000 bytes (part 2) of it, overage.',
      'The allowances for it were used up, so it is overage: price p/data@always of b@3.',
      'The meter of pool P for its cycle went from 2,000 bytes to 5,000 bytes; the line is what the meter costs after it less what it cost before.',
      'The price: 0.1 EUR for each 1,000 bytes.',
      '0.5 - 0.2 = 0.3 EUR.',
      'Account acme pays 0.3 EUR for it in period 2026-11.',
    ]);
  });

  it('is told without a book, or with another one, as far as the row goes', () => {
    for (const sentences of [explainLine(row()), explainLine(row({ price_book: 'b@2' }), book)]) {
      expect(sentences).toHaveLength(4);
      expect(sentences[3]).toBe('Account acme pays 0.3 EUR for it in period 2026-11.');
    }
  });

  it('says why the network should have stopped', () => {
    expect(explainLine(row({ reason: 'stop: the allowance has ended' }), book)).toContain(
      'Stop: the allowance has ended.',
    );
  });

  const call = {
    service: 'voice',
    unit: 'seconds',
    price: 'p/voice@always',
    meter: 'subscription:event',
    tag: 'pay-per-use',
    quantity: '61',
    event_quantity: '61',
    before: '0',
    after: '61',
  };
  it.each([
    ['with its connect fee', '0.23', '0.23 - 0 = 0.23 EUR.'],
    ['whose connect fee was due before', '0.18', '0.18 - 0 = 0.18 EUR, the connect fee having been due before.'],
    ['that is not what the book says', '0.17', '0.23 - 0 = 0.23 EUR. The line says 0.17, which is not that.'],
  ])('a call %s', (_name, amount, calculation) => {
    const sentences = explainLine(row({ ...call, amount }), book);
    expect(sentences.slice(1, 3)).toEqual([
      'No allowance covers voice in zone home, so it is pay-per-use: price p/voice@always of b@3.',
      'The meter of subscription A for this event alone went from 0 seconds to 61 seconds; the line is what the meter costs after it less what it cost before.',
    ]);
    expect(sentences).toContain('Billed are 0 seconds before, 120 seconds after.');
    expect(sentences).toContain(calculation);
  });

  it('with terms for each event has a price and no calculation, since its quantity alone does not tell the amount', () => {
    const premium = {
      service: 'premium',
      unit: 'money',
      price: 'p/premium@always',
      meter: 'subscription:cycle',
      tag: 'pay-per-use',
    };
    const sentences = explainLine(
      row({ ...premium, quantity: '500', event_quantity: '500', before: '0', after: '500', amount: '0.52' }),
      book,
    );
    expect(sentences.at(-2)).toBe('The price: 10 % of the amount; each event that is not free costs 0.02 EUR more.');
  });
});

describe('a line that something else explains', () => {
  it.each([
    ['allowance:p/data', 'allowance p/data of subscription A'],
    ['rollover:p/data', 'what subscription A had left of allowance p/data from the cycle before'],
    ['account-allowance:p/data', 'allowance p/data of the account'],
    ['account-rollover:p/data', 'what the account had left of allowance p/data from the cycle before'],
    ['pool:shared', 'pool P (rule shared)'],
    ['grant:topup-1', 'top-up topup-1 of subscription A'],
  ])('drawn from %s', (bucket, words) => {
    expect(explainLine(drawn(bucket, { threshold: 75 }), book).slice(1)).toEqual([
      `It was drawn from ${words}: 0 bytes of 4,000 bytes were used before, 3,000 bytes after. What an allowance covers costs nothing.`,
      'With it the bucket passed 75 %.',
      'Account acme pays 0 EUR for it in period 2026-11.',
    ]);
  });

  it('zero-rated, with its reason', () => {
    const free = row({ tag: 'zero-rated', reason: 'platform events', price: 'p/free@always', meter: '', amount: '0' });
    expect(explainLine(free)).toContain('It is zero-rated by p/free@always of b@3: platform events.');
  });

  it('given back because the pool grew', () => {
    const back = row({
      event_id: 'subscription/B',
      subscription: '',
      plan: '',
      quantity: '-3000',
      event_quantity: '0',
      amount: '-0.3',
      before: '5000',
      after: '2000',
      reason: 'the pool grew after use',
    });
    const sentences = explainLine(back, book);
    expect(sentences[0]).toBe('subscription/B moved -3,000 bytes of data in zone home: the pool grew after use.');
    expect(sentences).toContain('0.2 - 0.5 = -0.3 EUR.');
    expect(sentences.at(-1)).toBe('Account acme pays -0.3 EUR for it in period 2026-11.');
  });
});

describe('an event', () => {
  const cost = row({
    leg: 'wholesale',
    tag: 'pay-per-use',
    price: 'partner/data@always',
    meter: 'account:cycle',
    before: '0',
    after: '3000',
    amount: '0.09',
  });

  it('with both legs has a margin', () => {
    const sentences = explainEvent([row(), cost], book);
    expect(sentences).toContain('The partner charges for it: price partner/data@always of b@3.');
    expect(sentences).toContain(
      'The meter of the account for its cycle went from 0 bytes to 3,000 bytes; the line is what the meter costs after it less what it cost before.',
    );
    expect(sentences).toContain('It costs us 0.09 EUR in period 2026-11, for use of account acme.');
    expect(sentences.slice(-2)).toEqual(['', 'Margin: 0.3 - 0.09 = 0.21 EUR.']);
  });

  it('with one leg, or legs in two currencies, has none', () => {
    expect(explainEvent([row()], book).join(' ')).not.toContain('Margin');
    expect(explainEvent([row(), { ...cost, currency: 'USD' }], book).join(' ')).not.toContain('Margin');
  });
});
