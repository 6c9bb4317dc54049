import { expect, it } from 'vitest';
import { LOAD_SHARE, pauseMs, repeat } from '../src/schedule.ts';

it('keeps to the interval, and pauses longer after a long round', () => {
  expect(pauseMs(5_000, 20)).toBe(5_000);
  const long = 2_000;
  expect(long / (long + pauseMs(5_000, long))).toBeCloseTo(1 / LOAD_SHARE);
});

it('goes on after a failure and ends when it is aborted', async () => {
  const abort = new AbortController();
  const failures: unknown[] = [];
  let rounds = 0;
  await repeat(
    1,
    abort.signal,
    async () => {
      rounds += 1;
      if (rounds === 1) throw new Error('once');
      if (rounds === 3) abort.abort();
    },
    (error) => failures.push(error),
  );
  expect(rounds).toBe(3);
  expect(failures).toHaveLength(1);
});
