import { describe, expect, it } from 'vitest';
import {
  explainLine,
  formatMoney,
  type LineColumns,
  type PriceBook,
  type RatedLine,
  validatePriceBook,
} from '../src/index.ts';
import { demoBook } from './support/book.ts';
import { guidedFacts, MB, rate, raterWith, subscriptionFact } from './support/scenario.ts';

const AT = '2026-11-10 12:00:00';

/** A line as it is stored. */
function columnsOf(line: RatedLine, plan: string, service = 'data'): LineColumns {
  const { rule, fact, bucket, meter, part } = line;
  return {
    event_id: line.event === -1 ? (fact?.id ?? '') : 'gw-1/17',
    event_time: AT,
    part,
    subscription: 'A',
    plan,
    service,
    zone: rule.zone,
    tag: rule.tag,
    unit: rule.unit,
    period: rule.period,
    account: rule.account,
    currency: rule.currency,
    price_book: rule.priceBook,
    price: rule.price,
    reason: rule.reason,
    bucket,
    meter,
    quantity: String(line.quantity),
    event_quantity: String(line.eventQuantity),
    amount: formatMoney(line.amount),
    before: String(line.before),
    after: String(line.after),
    bucket_size: String(line.bucketSize),
  };
}

function book(): PriceBook {
  const result = validatePriceBook(demoBook());
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.book;
}

describe('a line in words', () => {
  const member = { plan: 'iot-stacked', pool: 'P', poolRule: 'simple', plmn: '26201', at: '2026-11-10T12:00:00Z' };
  const rater = raterWith([demoBook()], [subscriptionFact('A', '2026-01-01T00:00:00Z', member)]);
  const { lines } = rate(rater, [
    { ...member, id: '1', up: 12 * MB },
    { ...member, id: '2', service: 'lifecycle', units: 1 },
    { id: '3', at: member.at, plan: 'mobility-bundle', currency: 'USD', service: 'voice', plmn: '20801', seconds: 61 },
  ]);
  const [covered, over, free, call] = lines as [RatedLine, RatedLine, RatedLine, RatedLine];

  it('covered by a pool', () => {
    expect(explainLine(columnsOf(covered, 'iot-stacked'), book())).toEqual([
      'Event gw-1/17 at 2026-11-10 12:00:00: subscription A, plan iot-stacked, used 12,582,912 bytes of data in zone home; this line is 10,485,760 bytes (part 1) of it, in-bundle.',
      'Bucket pool:P/simple/2026-11 covered it: 0 bytes of 10,485,760 bytes were used before, 10,485,760 bytes after. What an allowance covers costs nothing.',
      'Account ROOT pays 0 EUR for it in period 2026-11.',
    ]);
  });

  it('over it, worked out with the book', () => {
    expect(explainLine(columnsOf(over, 'iot-stacked'), book())).toEqual([
      'Event gw-1/17 at 2026-11-10 12:00:00: subscription A, plan iot-stacked, used 12,582,912 bytes of data in zone home; this line is 2,097,152 bytes (part 2) of it, overage.',
      'The allowances for it were used up, so it is overage: price data-home@always of plan iot-stacked, demo@1.',
      'Meter pool:P/iot-stacked/data-home@always/2026-11 went from 0 bytes to 2,097,152 bytes; the line is what the meter costs after it less what it cost before.',
      'The price: 0.1 EUR for each 1,048,576 bytes.',
      '0.2 - 0 = 0.2 EUR.',
      'Account ROOT pays 0.2 EUR for it in period 2026-11.',
    ]);
  });

  it('zero-rated, with its reason', () => {
    expect(explainLine(columnsOf(free, 'iot-stacked', 'lifecycle'))).toContain(
      "It is zero-rated by platform@always of demo@1: operator's platform events.",
    );
  });

  it('rounded, and a stored amount that is not what the book says', () => {
    const columns = { ...columnsOf(call, 'mobility-bundle', 'voice'), amount: '0.17' };
    expect(explainLine(columns, book()).slice(1, 6)).toEqual([
      'No allowance covers voice in zone europe, so it is pay-per-use: price voice@always of plan mobility-bundle, demo@1.',
      'Meter subscription:A/mobility-bundle/voice@always/event went from 0 seconds to 61 seconds; the line is what the meter costs after it less what it cost before.',
      'The price: 0.09 USD for each 60 seconds.',
      "The meter's quantity counts as at least 30 seconds and is rounded up to a multiple of 60 seconds: 0 seconds before, 120 seconds after.",
      '0.18 - 0 = 0.18 USD. The line says 0.17, which is not that.',
    ]);
  });

  it('given back because the pool grew', () => {
    const joined = subscriptionFact('B', '2026-01-01T00:00:00Z', { plan: 'iot-stacked', pool: 'P' });
    const [back] = rater.applyFacts(guidedFacts([joined])).lines as [RatedLine];
    const words = explainLine({ ...columnsOf(back, ''), subscription: '' }, book());
    expect(words[0]).toBe(`${joined.id} moved -2,097,152 bytes of data: the pool grew after use.`);
    expect(words).toContain('0 - 0.2 = -0.2 EUR.');
    expect(words.at(-1)).toBe('Account ROOT pays -0.2 EUR for it in period 2026-11.');
  });
});
