import { describe, expect, it } from 'vitest';
import { Metrics } from '../src/index.ts';

describe('Metrics', () => {
  it('prefixes names, counts by label and gives the same metric for the same name', async () => {
    const metrics = new Metrics();
    metrics.counter('blocks_total', 'Blocks.', ['topic']).inc({ topic: 'a' }, 2);
    metrics.counter('headrace_blocks_total', 'Blocks.', ['topic']).inc({ topic: 'a' });
    expect(await metrics.text()).toContain('headrace_blocks_total{topic="a"} 3');
    expect(await metrics.snapshot()).toEqual([{ name: 'headrace_blocks_total', labels: { topic: 'a' }, value: 3 }]);
  });

  it('looks values up when it is read', async () => {
    const metrics = new Metrics();
    let lag = 1;
    metrics.gauge('lag_records', 'Lag.', ['partition'], (gauge) => {
      gauge.reset();
      gauge.set({ partition: 0 }, lag);
    });
    lag = 7;
    expect(await metrics.text()).toContain('headrace_lag_records{partition="0"} 7');
  });

  it('keeps two registries apart and counts histograms', async () => {
    const [one, two] = [new Metrics(), new Metrics()];
    one.histogram('insert_seconds', 'Inserts.').observe(0.2);
    two.histogram('insert_seconds', 'Inserts.').observe(0.2);
    const samples = await one.snapshot();
    expect(samples.find((sample) => sample.name === 'headrace_insert_seconds_count')?.value).toBe(1);
  });
});
