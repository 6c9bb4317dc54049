import { expect, test } from 'vitest';
import { audit, auditInThread, createWorkload, type WorkloadOptions } from '../../src/index.ts';
import { testSeed } from '../support/seed.ts';

const options: WorkloadOptions = { seed: testSeed(), events: 12_000, scale: 'XS', giant: true };

test(`a thread of its own gives the same report, and says how far it is (seed ${options.seed})`, async () => {
  const workload = createWorkload(options);
  const progress: number[] = [];
  const report = await auditInThread(options, { onProgress: (events) => progress.push(events) });
  expect(report).toEqual(await audit({ facts: workload.facts(), messages: workload.messages() }));
  expect(progress.length).toBeGreaterThan(0);
});

test('an abort ends the thread with its reason; a fault in it is an error here', async () => {
  const abort = new AbortController();
  const hooks = { signal: abort.signal, onProgress: () => abort.abort(new Error('stopped')) };
  await expect(auditInThread({ ...options, events: 500_000 }, hooks)).rejects.toThrow('stopped');
  await expect(auditInThread({ ...options, events: -1 })).rejects.toThrow('at least 1 event');
});
