/**
 * Settlement on real servers, worked out by hand. One world goes through the life of a bill: rated as events came, settled,
 * settled again, a late event, a conflict, and a SIM that was moved to another customer after the fact.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployment } from './support/deployment.ts';
import { account, book, data, prices, sim, subscription } from './support/world.ts';

const home = { id: 'home', service: 'data', zones: ['home'], quantity: 100, priority: 10 };
const everywhere = { id: 'everywhere', service: 'data', quantity: 50, priority: 20 };
const plans = { two: { allowances: [home, everywhere], prices }, none: { prices } };

describe('the life of a bill', () => {
  let world: Deployment;

  beforeAll(async () => {
    world = await Deployment.open();
    await world.know(book(plans), account('acme'), account('bolt'));
    await world.know(subscription('S', 'acme', 'two'), sim('S'), subscription('T', 'bolt', 'none'));
  });

  afterAll(() => world.close());

  it('bills in the order of arrival first', async () => {
    await world.rate(
      data('b', 'S', '2026-11-02T00:00:00Z', 40, 'abroad'),
      data('a', 'S', '2026-11-01T00:00:00Z', 120),
      data('c', 'S', '2026-11-03T00:00:00Z', 10),
    );
    // Abroad came first and took 40 of the 50 for everywhere: at home 20 are over.
    expect(await world.bill('settled_totals')).toEqual({
      'acme data abroad in-bundle': '40 @ 0',
      'acme data home in-bundle': '110 @ 0',
      'acme data home overage': '20 @ 0.2',
    });
  });

  it('settles in the order of events, by signed adjustments', async () => {
    const { periods, refused } = await world.settle('2026-11');
    expect(refused).toEqual([]);
    expect(periods).toMatchObject([
      {
        repeated: false,
        row: { period: '2026-11', conflicts: 0, events_rated: 3, events_suspended: 0, unrated: '[]' },
      },
    ]);
    // At home 100 + 20 are covered, so abroad gets 30, and 10 are over at 0.05; then 10 at home.
    expect(await world.bill('settled_totals')).toEqual({
      'acme data abroad in-bundle': '30 @ 0',
      'acme data abroad overage': '10 @ 0.5',
      'acme data home in-bundle': '120 @ 0',
      'acme data home overage': '10 @ 0.1',
    });
    expect(await world.bill('adjustment_lines')).toEqual({
      'acme data abroad in-bundle': '-10 @ 0',
      'acme data abroad overage': '10 @ 0.5',
      'acme data home in-bundle': '10 @ 0',
      'acme data home overage': '-10 @ -0.1',
    });
  });

  it('writes nothing new when it is repeated', async () => {
    const before = await world.count('adjustments');
    const { periods } = await world.settle('2026-11');
    expect(periods).toMatchObject([{ repeated: true, row: { period: '2026-11', adjustments: 4 } }]);
    expect(await world.count('adjustments')).toBe(before);
    expect(await world.count('settlements')).toBe(1);
  });

  it('does not count what a run that broke off has left, and finishes it when it is run again', async () => {
    const settled = await world.bill('settled_totals');
    // As if the run had ended before its last step.
    await world.store.command('TRUNCATE TABLE settlements');
    expect(await world.bill('adjustment_lines')).toEqual({});
    expect((await world.settle('2026-11')).periods).toMatchObject([{ repeated: false, row: { adjustments: 4 } }]);
    expect(await world.bill('settled_totals')).toEqual(settled);
    expect(await world.count('adjustments FINAL')).toBe(4);
  });

  it('takes a late event in: only the differences are written', async () => {
    await world.rate(data('0', 'S', '2026-10-31T23:59:59Z', 1000), data('late', 'S', '2026-11-01T00:00:00Z', 20));
    await world.settle('2026-11');
    // 20 at home; then 80 at home and 40 of everywhere; then 10 of it abroad, 30 over; then 10 over.
    expect(await world.bill('settled_totals')).toEqual({
      'acme data abroad in-bundle': '10 @ 0',
      'acme data abroad overage': '30 @ 1.5',
      'acme data home in-bundle': '140 @ 0',
      'acme data home overage': '10 @ 0.1',
    });
    expect(await world.bill('settled_totals', '2026-10')).toMatchObject({ 'acme data home overage': '850 @ 8.5' });
  });

  it('bills neither payload of a conflict until someone decides', async () => {
    await world.rate(data('c', 'S', '2026-11-03T00:00:00Z', 11));
    const { periods } = await world.settle('2026-11');
    const row = periods[0]?.row;
    expect(row).toMatchObject({ conflicts: 1, events_suspended: 1 });
    expect(JSON.parse(row?.unrated ?? '')).toEqual([
      { code: 'DUPLICATE_CONFLICT', service: 'data', firstEvent: 'test/c', events: 1 },
    ]);
    expect(await world.bill('settled_totals')).toEqual({
      'acme data abroad in-bundle': '10 @ 0',
      'acme data abroad overage': '30 @ 1.5',
      'acme data home in-bundle': '140 @ 0',
    });
  });

  it('follows a SIM that was moved to another customer after the fact', async () => {
    await world.know(sim('S', 'T', '2026-11-02T00:00:00Z'));
    await world.settle('2026-11');
    expect(await world.bill('settled_totals')).toEqual({
      'acme data home in-bundle': '140 @ 0',
      'bolt data abroad pay-per-use': '40 @ 2',
    });
    expect(await world.count('(SELECT DISTINCT settlement FROM adjustment_lines)')).toBe(4);
  });

  it('settles all periods when none is named', async () => {
    const { periods } = await world.settle();
    expect(periods.map(({ row, repeated }) => [row.period, repeated])).toEqual([
      ['2026-10', false],
      ['2026-11', true],
    ]);
    expect(periods[0]?.row.adjustments).toBe(0);
  });
});

describe('months before', () => {
  it('count where something is left over from them', async () => {
    const world = await Deployment.open();
    try {
      const rollover = { ...home, validFrom: '2026-10-01T00:00:00Z', rollover: {} };
      await world.know(book({ keeps: { allowances: [rollover], prices } }), account('acme'));
      await world.know(subscription('S', 'acme', 'keeps'), sim('S'));
      await world.rate(
        data('november', 'S', '2026-11-05T00:00:00Z', 180),
        data('october', 'S', '2026-10-05T00:00:00Z', 30),
      );
      expect(await world.bill('settled_totals')).toEqual({ 'acme data home in-bundle': '180 @ 0' });
      await world.settle('2026-11');
      // 70 are left of October.
      expect(await world.bill('settled_totals')).toEqual({
        'acme data home in-bundle': '170 @ 0',
        'acme data home overage': '10 @ 0.1',
      });
    } finally {
      await world.close();
    }
  });
});
