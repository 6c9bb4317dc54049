import { expect, it } from 'vitest';
import { measureFlat } from '../micro/flat.ts';
import { flatReport } from '../micro/flat-report.ts';

it('the flatness benchmark checks its own result: every table adds up to what it must cost', () => {
  const result = measureFlat({
    events: 2_000,
    rounds: 2,
    orders: 1,
    seed: 'test',
    progress: () => undefined,
  });
  const cases = Object.fromEntries(result.tables.map(({ name, rows }) => [name, rows.map(({ label }) => label)]));
  expect(cases).toEqual({
    control: ['1', '2', '3', '4'],
    eventSize: ['1,000', '10,000'],
    tiersPassed: ['1', '10'],
    tiersGraduated: ['1', '10'],
    tiersVolume: ['1', '10'],
    poolMembers: ['1', '10'],
    poolIdleMembers: ['1', '10'],
    bookSize: ['1', '10'],
    bookSpread: ['1', '10'],
    bucketsOfPlan: ['0', '1', '10'],
    grantsOfOthers: ['0', '1', '10'],
    grantsOfOwn: ['0', '1', '10'],
  });
  expect(result.state.map(({ subscriptions }) => subscriptions)).toEqual([1_000]);
  expect(flatReport(result)).toContain('Not measured');
});
