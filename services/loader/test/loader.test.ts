/** The loader on a real broker and the real engine: what is inserted, how often, and what stops it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ratedBlock, suspenseBlock, totalsBlock } from './support/blocks.ts';
import { Deployment, until } from './support/deployment.ts';

let deployment: Deployment;

beforeEach(async () => {
  deployment = await Deployment.open();
});
afterEach(() => deployment.close());

const loaded = (table: string) =>
  deployment.number(`SELECT count() AS n FROM loaded_blocks FINAL WHERE table_name = '${table}'`);
const rows = (table: string) => deployment.number(`SELECT count() AS n FROM ${table}`);
/** 1 + 2 + ... + lines, for a block of ratedBlock. */
const sumTo = (lines: number) => (lines * (lines + 1)) / 2;

describe('the loader', () => {
  it('loads rated, suspense and totals blocks, records empty ones, and reports each', async () => {
    await deployment.send('usage.rated', 0, [ratedBlock(0, 0, 3), ratedBlock(0, 1, 0), ratedBlock(0, 2, 5)]);
    await deployment.send('usage.rated', 1, [ratedBlock(1, 0, 2)]);
    await deployment.send('usage.suspense', 0, [suspenseBlock(0, 0, 9, 2), suspenseBlock(0, 9, 12, 0)]);
    await deployment.send('invoice.totals', 1, [totalsBlock(1, 0, 2)]);
    const loader = await deployment.start();
    await until(async () => (await rows('loaded_blocks FINAL')) === 7);
    expect(await rows('rated_usage')).toBe(10);
    expect(await rows('suspended_usage')).toBe(2);
    expect(await rows('invoice_total_deltas')).toBe(1);
    const [sum] = await deployment.store.query<{ amount: string }>(
      'SELECT toString(sum(amount) * 1000000000000) AS amount FROM rated_lines',
    );
    expect(Number(sum?.amount)).toBe(sumTo(3) + sumTo(5) + sumTo(2));
    const reports = await deployment.reports();
    const lines = reports.map(({ stage, source, lines: n }) => `${stage} ${source} ${n}`).sort();
    expect(lines).toEqual([
      'loader guided/1/0 0',
      'loader guided/1/0 3',
      'loader guided/1/0 5',
      'loader guided/1/1 2',
      'loader-suspense raw/0 0',
      'loader-suspense raw/0 2',
      'loader-totals guided/1/1 1',
    ]);
    expect(loader.health()).toMatchObject({ ok: true, detail: { lagRecords: 0 } });
    expect(await loader.metrics.text()).toContain('headrace_loader_lines_total{table="rated_usage"} 10');
  });

  it('goes on behind what ClickHouse holds, and drops repeated blocks after comparing them', async () => {
    const blocks = [0, 1, 2, 3].map((offset) => ratedBlock(0, offset, 4));
    await deployment.send('usage.rated', 0, blocks.slice(0, 2));
    const first = await deployment.start();
    await until(async () => (await loaded('rated_usage')) === 2);
    await first.stop();
    await deployment.send('usage.rated', 0, blocks);
    const second = await deployment.start();
    await until(async () => (await loaded('rated_usage')) === 4);
    expect(await rows('rated_usage')).toBe(16);
    expect(await second.metrics.text()).toMatch(/loader_blocks_total{topic="[^"]+",verdict="duplicate"} 2/);
    expect(second.health().ok).toBe(true);
  });

  it('does not double rows that went in just before a crash', async () => {
    const block = ratedBlock(0, 0, 4);
    // What the loader that died had done: the rows, and nothing behind them.
    await deployment.store.insertBlock('rated_usage', block, 'rated/1/0/0');
    await deployment.send('usage.rated', 0, [block]);
    await deployment.start();
    await until(async () => (await loaded('rated_usage')) === 1);
    expect(await rows('rated_usage')).toBe(4);
    expect((await deployment.reports()).map(({ lines }) => lines)).toEqual([4]);
  });

  it('fills a ClickHouse that was made anew, whatever Kafka has as committed', async () => {
    await deployment.send('usage.rated', 0, [ratedBlock(0, 0, 4), ratedBlock(0, 1, 4)]);
    const first = await deployment.start();
    await until(async () => (await loaded('rated_usage')) === 2);
    await first.stop();
    for (const table of ['rated_usage', 'loaded_blocks']) await deployment.store.command(`TRUNCATE TABLE ${table}`);
    await deployment.send('usage.rated', 0, [ratedBlock(0, 2, 1)]);
    await deployment.start();
    await until(async () => (await loaded('rated_usage')) === 3);
    // Tokens outlive a truncation in some engines; the record says what must be there.
    expect(await deployment.number('SELECT sum(rows) AS n FROM loaded_blocks FINAL')).toBe(9);
  });

  it('stops a partition where a repeated block has other contents, while others go on', async () => {
    const loader = await deployment.start();
    await deployment.send('usage.rated', 0, [ratedBlock(0, 0, 2), ratedBlock(0, 1, 2), ratedBlock(0, 0, 2, 5n)]);
    await until(() => !loader.health().ok);
    expect(JSON.stringify(loader.health().detail.stopped)).toMatch(/loaded_blocks has it from \(0, 0\) with digest/);
    await deployment.send('usage.rated', 0, [ratedBlock(0, 2, 2)]);
    await deployment.send('usage.rated', 1, [ratedBlock(1, 0, 3)]);
    await until(async () => (await loaded('rated_usage')) === 3);
    expect(await rows('rated_usage')).toBe(7);
    expect(await loader.metrics.text()).toMatch(/loader_stopped_partitions{topic="[^"]*usage.rated"} 1/);
  });

  it('stops a source at a gap, lets others go on, and heals when the missing block comes', async () => {
    const loader = await deployment.start();
    await deployment.send('usage.suspense', 0, [
      suspenseBlock(0, 0, 5, 1),
      suspenseBlock(0, 8, 9, 1),
      suspenseBlock(1, 0, 3, 1),
    ]);
    await until(() => !loader.health().ok);
    expect(JSON.stringify(loader.health().detail.gaps)).toContain('raw/0 are missing from (5, 0) to (8, 0)');
    await until(async () => (await rows('suspended_usage')) === 2);
    await deployment.send('usage.suspense', 0, [suspenseBlock(0, 5, 8, 1), suspenseBlock(0, 8, 9, 1)]);
    await until(async () => (await rows('suspended_usage')) === 4);
    await until(() => loader.health().ok);
  });

  it('still sees the gap after a restart', async () => {
    const first = await deployment.start();
    await deployment.send('usage.suspense', 0, [suspenseBlock(0, 8, 9, 1), suspenseBlock(1, 0, 3, 1)]);
    await until(async () => (await loaded('suspended_usage')) === 1);
    await first.stop();
    const second = await deployment.start();
    await until(() => !second.health().ok);
    expect(JSON.stringify(second.health().detail.gaps)).toContain('raw/0 are missing from (0, 0) to (8, 0)');
  });

  it('waits while ClickHouse is away, says so, and loads all once when it is back', async () => {
    const loader = await deployment.start(true);
    await deployment.send('usage.rated', 0, [ratedBlock(0, 0, 2)]);
    await until(async () => (await loaded('rated_usage')) === 1);
    deployment.cut();
    const blocks = Array.from({ length: 8 }, (_, at) => ratedBlock(0, at + 1, 2));
    await deployment.send('usage.rated', 0, blocks);
    await until(() => !loader.health().ok);
    expect(loader.health().detail).toMatchObject({ stalled: true, stopped: [] });
    deployment.mend();
    await until(async () => (await loaded('rated_usage')) === 9);
    expect(await rows('rated_usage')).toBe(18);
    expect(await loader.metrics.text()).toMatch(/loader_waits_total{code="CLICKHOUSE_UNREACHABLE"} [1-9]/);
    await until(() => loader.health().ok);
  });

  it('stops at a block that is damaged in the log', async () => {
    const value = Buffer.from(ratedBlock(0, 1, 5));
    const at = Math.floor(value.length * 0.9);
    value[at] = (value[at] ?? 0) ^ 1;
    const loader = await deployment.start();
    await deployment.send('usage.rated', 0, [ratedBlock(0, 0, 5), value]);
    await until(() => !loader.health().ok);
    expect(JSON.stringify(loader.health().detail.stopped)).toContain('damaged in the log itself');
    await until(async () => (await loaded('rated_usage')) === 1);
  });
});
