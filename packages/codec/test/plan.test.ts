import { expect, test } from 'vitest';
import { decodePlan, encodePlan, type Plan } from '../src/index.ts';

const plan: Plan = {
  format: 1,
  source: 'raw/3',
  number: 4,
  from: { offset: 10, x: 2 },
  to: { offset: 10, x: 3 },
  generation: 1,
  guidedPartitions: 8,
  receiptTime: 'log',
  horizonDays: 45,
  futureToleranceMinutes: 60,
};

test('a plan reads back, and has the same bytes whatever the order of its keys', () => {
  expect(decodePlan(encodePlan(plan))).toEqual({ plan, problem: null });
  const reversed = Object.fromEntries(Object.entries(plan).toReversed()) as unknown as Plan;
  expect(encodePlan(reversed)).toEqual(encodePlan(plan));
  expect(decodePlan(encodePlan({ ...plan, source: 'reference' })).problem).toBeNull();
});

test.each([
  ['another format', { format: 2 }, 'format is 2'],
  ['an unknown field', { extra: 1 }, 'extra is no field'],
  ['another source', { source: 'raw/-1' }, 'source'],
  ['a source without partition', { source: 'raw/' }, 'source'],
  ['no number', { number: undefined }, 'number'],
  ['half an event', { number: 0.5 }, 'number'],
  ['no partitions', { guidedPartitions: 0 }, 'guidedPartitions'],
  ['another clock', { receiptTime: 'now' }, 'receiptTime'],
  ['no range', { from: null }, 'position'],
  ['a negative offset', { from: { offset: -1, x: 0 } }, 'position'],
  ['an offset that falls', { to: { offset: 9, x: 3 } }, 'before from'],
  ['an X that falls', { to: { offset: 11, x: 1 } }, 'before from'],
  ['no progress', { to: plan.from }, 'must lead on'],
])('%s', (_, changes, words) => {
  const { problem } = decodePlan(Buffer.from(JSON.stringify({ ...plan, ...changes })));
  expect(problem).toContain(words);
});

test.each([
  ['nothing', null],
  ['no JSON', Buffer.from('{')],
  ['a list', Buffer.from('[]')],
  ['too much', Buffer.alloc(5000, 32)],
])('%s is no plan', (_, value) => {
  expect(decodePlan(value).problem).toEqual(expect.any(String));
});
