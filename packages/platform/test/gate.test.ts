import { expect, it } from 'vitest';
import { Gate } from '../src/gate.ts';

it('lets at most so many run at once, in order of coming, and goes on after a failure', async () => {
  const gate = new Gate(2);
  const log: string[] = [];
  let running = 0;
  let most = 0;
  const work = (name: string) => async () => {
    running += 1;
    most = Math.max(most, running);
    log.push(name);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (name === 'b') throw new Error('b failed');
  };
  const all = ['a', 'b', 'c', 'd', 'e'].map((name) => gate.run(work(name)));
  const settled = await Promise.allSettled(all);
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(most).toBe(2);
});
