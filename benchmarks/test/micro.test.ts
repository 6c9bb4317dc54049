import { expect, it } from 'vitest';
import { measureFold } from '../micro/fold.ts';
import { measureGuide } from '../micro/guide.ts';

it('the fold benchmark checks its own result: events accounted for, parts add up, rounds give the same bytes', () => {
  const result = measureFold({ events: 5_000, rounds: 2, seed: 'test', scale: 'XS', progress: () => undefined });
  expect(result.events).toBeGreaterThan(4_900);
  expect(result.lines).toBeGreaterThan(4_500);
  expect(Number.isFinite(result.foldToDecode)).toBe(true);
});

it('the guide benchmark checks its own result: every event is in one place, rounds give the same bytes', () => {
  const result = measureGuide({ events: 5_000, rounds: 2, seed: 'test', progress: () => undefined });
  expect(result.events).toBeGreaterThan(4_900);
  expect(result.guided).toBeGreaterThan(4_500);
  expect(Number.isFinite(result.guideToDecode)).toBe(true);
});
