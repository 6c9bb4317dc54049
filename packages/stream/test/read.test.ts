import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Broker } from '../src/index.ts';
import { deleteRecordsBelow, writeTransactions } from './raw-kafka.ts';
import { collect, connect, fill, isRun, makeTopic, valueAt } from './support.ts';

describe('reading a range', () => {
  let broker: Broker;
  beforeAll(async () => {
    ({ broker } = await connect());
    await makeTopic(broker, 'log', 2);
    await fill(broker, 'log', 1, 0, 10_000, 300);
  });
  afterAll(() => broker.close());

  const offsetsOf = async (from: number, to: number) =>
    (await collect(broker.read('log', 1, from, to))).map(({ offset }) => offset);

  test('gives from (inclusive) to (exclusive), in order', async () => {
    for (const [from, to] of [
      [0, 10_000],
      [0, 1],
      [9_999, 10_000],
      [1_999, 2_001],
      [3_333, 7_777],
    ] as const) {
      const offsets = await offsetsOf(from, to);
      expect([offsets[0], offsets.at(-1), offsets.length]).toEqual([from, to - 1, to - from]);
      expect(isRun(offsets)).toBe(true);
    }
  });

  test('an empty range gives nothing, also at the end', async () => {
    expect(await offsetsOf(5, 5)).toEqual([]);
    expect(await offsetsOf(10_000, 10_000)).toEqual([]);
  });

  test('several at once, of the right messages', async () => {
    const ranges = Array.from({ length: 8 }, (_, i) => [i * 1_000, i * 1_000 + 1_500] as const);
    const results = await Promise.all(ranges.map(([from, to]) => collect(broker.read('log', 1, from, to))));
    for (const [i, messages] of results.entries()) {
      const from = ranges[i]?.[0] ?? 0;
      expect(messages.map(({ value }) => value?.toString())).toEqual(
        Array.from({ length: 1_500 }, (_, k) => valueAt(1, from + k, 300)),
      );
    }
  });

  test('a caller may break off', async () => {
    for await (const { offset } of broker.read('log', 1, 0, 10_000)) if (offset === 3) break;
    expect((await offsetsOf(0, 10)).length).toBe(10);
  });

  test('waits for messages that are on their way', async () => {
    await makeTopic(broker, 'growing', 1);
    const reading = collect(broker.read('growing', 0, 0, 6));
    await fill(broker, 'growing', 0, 0, 3);
    await fill(broker, 'growing', 0, 3, 6);
    expect((await reading).map(({ value }) => value?.toString())).toEqual([0, 1, 2, 3, 4, 5].map((n) => valueAt(0, n)));
  });

  test('below the begin of the log: OFFSET_GONE, in words', async () => {
    await makeTopic(broker, 'cut', 1);
    await fill(broker, 'cut', 0, 0, 100);
    await deleteRecordsBelow(broker.topic('cut'), 0, 40);
    expect(await broker.offsets('cut')).toEqual([{ partition: 0, low: 40, end: 100 }]);
    const read = (from: number) => collect(broker.read('cut', 0, from, 100));
    await expect(read(10)).rejects.toMatchObject({
      code: 'OFFSET_GONE',
      message: expect.stringMatching(/cut\/0 begins at offset 40, but 10 is the next to read: 30 offsets are gone/),
    });
    expect((await read(40)).length).toBe(60);
  });

  test('beyond the end of the log: OFFSET_BEYOND_END, in words', async () => {
    await expect(offsetsOf(10_001, 10_002)).rejects.toMatchObject({
      code: 'OFFSET_BEYOND_END',
      message: expect.stringMatching(/log\/1 ends at offset 10000, but 10001/),
    });
    await expect(offsetsOf(9_999, 10_001)).rejects.toMatchObject({ code: 'OFFSET_BEYOND_END' });
  });

  test('a partition that does not exist is named', async () => {
    await expect(collect(broker.read('log', 7, 0, 1))).rejects.toMatchObject({
      code: 'TOPIC_MISSING',
      message: expect.stringMatching(/log\/7/),
    });
  });

  test('leaves out aborted transactions and their markers, and goes on behind them', async () => {
    await makeTopic(broker, 'transactions', 1);
    await writeTransactions(broker.topic('transactions'));
    const log = (await broker.offsets('transactions'))[0];
    const messages = await collect(broker.read('transactions', 0, 0, log?.end ?? 0));
    expect(messages.map(({ value }) => value?.toString())).toEqual(['kept 1', 'kept 2', 'plain']);
    expect(log?.end).toBe(7);
  });
});
