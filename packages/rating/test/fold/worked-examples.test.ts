/** The worked examples of the domain (section 9) that this release covers, numbered as there. */
import { describe, expect, it } from 'vitest';
import { formatMoney, type Rater } from '../../src/index.ts';
import { CYCLE_OF_POOL, CYCLE_OF_SUBSCRIPTION, demoBook, EVENT, onePriceBook } from '../support/book.ts';
import {
  apply,
  brief,
  guidedEvents,
  KB,
  MB,
  rate,
  raterWith,
  row,
  type ScenarioEvent,
  subscriptionFact,
  total,
} from '../support/scenario.ts';

const NOVEMBER = '2026-11-01T00:00:00Z';

/** Pool P under a rule, with A and B all month and C for its last 15 of 30 days. */
function poolOfThree(poolRule: string): { rater: Rater; events: ScenarioEvent[] } {
  const member = { plan: 'iot-stacked', pool: 'P' };
  const rater = raterWith(
    [demoBook()],
    [
      subscriptionFact('A', NOVEMBER, member),
      subscriptionFact('B', NOVEMBER, member),
      subscriptionFact('C', '2026-11-16T00:00:00Z', member),
    ],
  );
  const event = (id: string, by: string, at: string, megabytes: number): ScenarioEvent => ({
    id,
    by,
    at,
    plan: 'iot-stacked',
    pool: 'P',
    poolRule,
    plmn: '26201',
    up: megabytes * MB,
  });
  const events = [
    event('1', 'A', '2026-11-05T10:00:00Z', 20),
    event('2', 'B', '2026-11-20T10:00:00Z', 3),
    event('3', 'C', '2026-11-25T10:00:00Z', 6),
  ];
  return { rater, events };
}

describe('worked examples', () => {
  it('1. stacked pool, C for 15 of 30 days: size 25 MB; 29 MB used are 4 MB overage, at 0.10 per MB 0.40', () => {
    const { rater, events } = poolOfThree('stacked');
    const { lines } = rate(rater, events);
    expect(lines.map(row)).toEqual([
      `in-bundle ${20 * MB} 0 pool:stacked of P in 2026-11 0..${20 * MB}`,
      `in-bundle ${3 * MB} 0 pool:stacked of P in 2026-11 ${20 * MB}..${23 * MB}`,
      `in-bundle ${2 * MB} 0 pool:stacked of P in 2026-11 ${23 * MB}..${25 * MB}`,
      `overage ${4 * MB} 0.4 iot-stacked/data-home@always pool:cycle of P in 2026-11 0..${4 * MB}`,
    ]);
    expect(lines.map((line) => line.bucketSize)).toEqual([26_214_400, 26_214_400, 26_214_400, 0]);
  });

  it('2. the same events in any order, with any duplicates: the same bill', () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
      [2, 2, 0, 1, 0, 1],
    ];
    for (const order of orders) {
      const { rater, events } = poolOfThree('stacked');
      const { lines } = rate(
        rater,
        order.map((index) => events[index] as ScenarioEvent),
      );
      expect(total(lines), `order ${order}`).toBe('0.4');
    }
  });

  it.each([
    ['every event', '1 KB', EVENT, 720 * KB],
    ['the cycle', '1 KB', CYCLE_OF_SUBSCRIPTION, 141 * KB],
  ])('3. 720 events of 200 B, rounded up to 1 KB by %s', (_scope, increment, meter, billed) => {
    const price = { model: 'per-unit', unitPrice: '1', per: '1 KB', increment, meter };
    const rater = raterWith([onePriceBook(price, {}, 'bytes')]);
    const events = Array.from({ length: 720 }, (_, index) => ({ id: `${index}`, at: '2026-11-05T10:00:00Z', up: 200 }));
    expect(total(rate(rater, events).lines)).toBe(String(billed / KB));
  });

  it.each([
    ['every event', EVENT, 21_600],
    ['the cycle', CYCLE_OF_SUBSCRIPTION, 4_219],
  ])('3. over 30 days, by %s', (_scope, meter, billed) => {
    const price = { model: 'per-unit', unitPrice: '1', per: '1 KB', increment: '1 KB', meter };
    const rater = raterWith([onePriceBook(price, {}, 'bytes')]);
    const days = Array.from({ length: 30 }, (_, day) => `2026-11-${String(day + 1).padStart(2, '0')}T12:00:00Z`);
    const events = days.flatMap((at) =>
      Array.from({ length: 720 }, (_, index) => ({ id: `${at}/${index}`, at, up: 200 })),
    );
    expect(total(rate(rater, events).lines)).toBe(String(billed));
  });

  it('4. 127 KB with a cycle unit of 100 KB bills 200 KB', () => {
    const price = { model: 'per-unit', unitPrice: '1', per: '1 KB', increment: '100 KB', meter: CYCLE_OF_SUBSCRIPTION };
    const rater = raterWith([onePriceBook(price, {}, 'bytes')]);
    const events = [100, 20, 7].map((size, index) => ({ id: `${index}`, at: '2026-11-05T10:00:00Z', up: size * KB }));
    const { lines } = rate(rater, events);
    expect(lines.map((line) => formatMoney(line.amount))).toEqual(['100', '100', '0']);
  });

  it('6. volume tier crossed inside a period: 15 units at 10 are 150; the 16th at 5 makes 80: the line is -70', () => {
    const tiers = [{ upTo: 15, unitPrice: '10' }, { unitPrice: '5' }];
    const rater = raterWith([onePriceBook({ model: 'volume', tiers })]);
    const { lines } = rate(rater, [
      { id: '1', at: '2026-11-05T10:00:00Z', units: 15 },
      { id: '2', at: '2026-11-06T10:00:00Z', units: 1 },
    ]);
    expect(lines.map((line) => formatMoney(line.amount))).toEqual(['150', '-70']);
  });

  it('7. a new member adds 10 MB to a pool of 25 MB with 4 MB overage, no proration: overage returns to 0, -0.40', () => {
    const { rater, events } = poolOfThree('simple');
    // Without proration the pool of three has 30 MB, so 5 MB more make the 4 MB of overage.
    rate(rater, [...events, { ...(events[2] as ScenarioEvent), id: '4', up: 5 * MB }]);
    const { lines } = apply(rater, [subscriptionFact('D', '2026-11-26T00:00:00Z', { plan: 'iot-stacked', pool: 'P' })]);
    expect(lines.map(row)).toEqual([
      `overage ${-4 * MB} -0.4 iot-stacked/data-home@always pool:cycle of P in 2026-11 ${4 * MB}..0`,
      `in-bundle ${4 * MB} 0 pool:simple of P in 2026-11 ${30 * MB}..${34 * MB}`,
    ]);
    expect(
      lines.map(({ event, part, rule, account, cause }) => [event, part, account, rule.reason, cause?.pool]),
    ).toEqual([
      [-1, 0, 'ROOT', 'the pool grew after use', 'P'],
      [-1, 1, 'ROOT', 'the pool grew after use', 'P'],
    ]);
  });

  it('8. price version changes in mid-cycle: each event by the version in force at its own time, a late one by the old', () => {
    const book = onePriceBook({ model: 'per-unit', unitPrice: '1' });
    const plan = book.plans.plan as { prices: object[] };
    const effectiveFrom = '2026-11-15T00:00:00Z';
    plan.prices.push({ ...plan.prices[0], unitPrice: '2', effectiveFrom });
    const { lines } = rate(raterWith([book]), [
      { id: '1', at: '2026-11-14T23:59:59Z', units: 1 },
      { id: '2', at: effectiveFrom, units: 1 },
      { id: '3', at: '2026-11-01T00:00:00Z', units: 1, receivedAt: '2026-11-20T00:00:00Z' },
    ]);
    expect(lines.map((line) => `${formatMoney(line.amount)} by ${line.rule.price}`)).toEqual([
      '1 by plan/price@always',
      '2 by plan/price@2026-11-15',
      '1 by plan/price@always',
    ]);
  });

  it.each([
    ['cycle-scoped', CYCLE_OF_SUBSCRIPTION, '14.6484375'],
    ['event-scoped, each 0.000014648438', EVENT, '14.648438'],
  ])('9. one million events of 6 KB at 0.0025 per MB, %s, add up to %s', (_scope, meter, expected) => {
    const price = { model: 'per-unit', unitPrice: '0.0025', per: '1 MB', meter };
    const rater = raterWith([onePriceBook(price, {}, 'bytes')]);
    const events = Array.from({ length: 10_000 }, (_, index) => ({
      id: `${index}`,
      at: '2026-11-05T10:00:00Z',
      up: 6 * KB,
    }));
    const block = guidedEvents(events);
    let sum = 0n;
    for (let round = 0; round < 100; round += 1) {
      // The last word of each key makes it another event.
      for (let index = 3; index < block.eventKey.length; index += 4) block.eventKey[index] = round;
      const { lines } = rater.rate(block);
      for (let line = 0; line < lines.count; line += 1) sum += lines.amountOf(line);
    }
    expect(formatMoney(sum)).toBe(expected);
  });

  it('10. 180 s at 0.1 per minute by the second is 0.3, not 0.3001', () => {
    for (const meter of [EVENT, CYCLE_OF_SUBSCRIPTION]) {
      const rater = raterWith([onePriceBook({ model: 'per-unit', unitPrice: '0.1', per: 60, meter }, {}, 'seconds')]);
      expect(total(rate(rater, [{ id: '1', at: NOVEMBER, seconds: 180 }]).lines)).toBe('0.3');
    }
  });

  it('10. 180 calls of 1 s on one meter are 0.3 too', () => {
    const rater = raterWith([onePriceBook({ model: 'per-unit', unitPrice: '0.1', per: 60 }, {}, 'seconds')]);
    const calls = Array.from({ length: 180 }, (_, index) => ({ id: `${index}`, at: NOVEMBER, seconds: 1 }));
    expect(total(rate(rater, calls).lines)).toBe('0.3');
  });

  it('the meter of a pool is the pool’s: members share its packages', () => {
    const price = { model: 'package', packageSize: 10, packagePrice: '1', meter: CYCLE_OF_POOL };
    const book = onePriceBook(price);
    book.pools = { fleet: { kind: 'fixed', service: 'data', quantity: 1 } };
    const member = { at: NOVEMBER, pool: 'P', poolRule: 'fleet', units: 4 };
    const { lines } = rate(raterWith([book]), [
      { ...member, id: '1', by: 'A' },
      { ...member, id: '2', by: 'B' },
      { ...member, id: '3', by: 'C' },
    ]);
    expect(lines.map(brief)).toEqual(['in-bundle 1 0', 'overage 3 1', 'overage 4 0', 'overage 4 1']);
  });
});
