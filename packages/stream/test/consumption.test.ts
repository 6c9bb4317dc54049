import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Broker, PartitionHandle } from '../src/index.ts';
import { deleteRecordsBelow } from './raw-kafka.ts';
import { connect, fill, isRun, type KeptLog, makeTopic, recorder, until, valueAt } from './support.ts';

describe('a consumption', () => {
  let broker: Broker;
  let kept: KeptLog;
  beforeAll(async () => {
    ({ broker, kept } = await connect());
  });
  afterAll(() => broker.close());

  test('gives every message once, in order, and commits as it goes', async () => {
    await makeTopic(broker, 'plain', 3);
    for (const partition of [0, 1, 2]) await fill(broker, 'plain', partition, 0, 3_000);
    const seen = recorder('plain', 'plain');
    const consumption = await broker.consume(seen.options);
    await until(() => seen.values.size === 9_000);
    await fill(broker, 'plain', 1, 3_000, 3_500);
    await until(() => seen.values.size === 9_500);
    for (const partition of [0, 1, 2]) {
      const offsets = seen.offsets.get(`${partition}/1`) ?? [];
      expect(offsets.length).toBe(partition === 1 ? 3_500 : 3_000);
      expect(offsets[0]).toBe(0);
      expect(isRun(offsets)).toBe(true);
    }
    await until(async () => (await broker.committed('plain', 'plain')).get(1)?.offset === 3_500);
    expect([...consumption.lag().values()]).toEqual([0, 0, 0]);
    await consumption.stop();
    expect((await broker.committed('plain', 'plain')).get(1)).toEqual({ offset: 3_500, metadata: 'after 3499' });
    expect(seen.calls.filter((call) => call.startsWith('revoked')).sort()).toEqual([
      'revoked 0#1',
      'revoked 1#1',
      'revoked 2#1',
    ]);
  });

  test('begins where it was told, and a later one at the commit', async () => {
    await makeTopic(broker, 'resume', 1);
    await fill(broker, 'resume', 0, 0, 100);
    const first = recorder('resume', 'resume', { startAt: () => 30 });
    const one = await broker.consume(first.options);
    await until(() => first.values.size === 70);
    await one.stop();
    await fill(broker, 'resume', 0, 100, 110);
    const second = recorder('resume', 'resume');
    const two = await broker.consume(second.options);
    await until(() => second.values.size === 10);
    expect(second.offsets.get('0/1')).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
    await two.stop();
  });

  test('commits at once when it stops, also what `revoked` commits', async () => {
    await makeTopic(broker, 'drain', 1);
    await fill(broker, 'drain', 0, 0, 10);
    const seen = recorder('drain', 'drain', { commits: false });
    const handles: PartitionHandle[] = [];
    const consumption = await broker.consume({
      ...seen.options,
      messages: async (p, messages) => {
        handles.push(p);
        await seen.options.messages(p, messages);
      },
      revoked: async () => handles[0]?.commit(7, 'from the drain'),
    });
    await until(() => seen.values.size === 10);
    await consumption.stop();
    expect((await broker.committed('drain', 'drain')).get(0)).toEqual({ offset: 7, metadata: 'from the drain' });
    expect(handles[0]?.lost).toBe(true);
    handles[0]?.commit(9);
    expect((await broker.committed('drain', 'drain')).get(0)?.offset, 'a commit after the end is none').toBe(7);
  });

  test('a slow handler: the queue stays bounded, nothing is lost, the group stays', async () => {
    await makeTopic(broker, 'slow', 2);
    // 2 × 24 MB of values that do not compress away in the queue.
    for (const partition of [0, 1]) await fill(broker, 'slow', partition, 0, 6_000, 4_000);
    const heapBefore = process.memoryUsage().arrayBuffers;
    let peak = 0;
    const gate = Promise.withResolvers<void>();
    const seen = recorder('slow', 'slow', {
      limits: { fetchBytesMax: 500_000, queueBytesMax: 1_000_000 },
      onMessages: async (p) => {
        if (p.partition === 0) await gate.promise;
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - heapBefore);
      },
    });
    const consumption = await broker.consume(seen.options);
    await until(() => seen.offsets.get('1/1')?.length === 6_000);
    const fetched = seen.offsets.get('0/1')?.length ?? 0;
    // Longer than the session: only heartbeats keep the partition that hangs.
    await sleep(12_000);
    expect(seen.calls.filter((call) => call.startsWith('revoked'))).toEqual([]);
    expect(seen.offsets.get('0/1')?.length, 'one call at a time').toBe(fetched);
    gate.resolve();
    await until(() => seen.offsets.get('0/1')?.length === 6_000);
    expect(isRun(seen.offsets.get('0/1') ?? [])).toBe(true);
    expect(peak, 'far below the 48 MB of the log').toBeLessThan(24_000_000);
    await consumption.stop();
  });

  test('pausing is a set of reasons; the other partition goes on', async () => {
    await makeTopic(broker, 'pause', 2);
    const handles = new Map<number, PartitionHandle>();
    const seen = recorder('pause', 'pause', {
      onMessages: async (p) => {
        if (handles.has(p.partition)) return;
        handles.set(p.partition, p);
        if (p.partition !== 0) return;
        p.pause('downstream');
        p.pause('memory');
        p.pause('memory');
      },
    });
    const consumption = await broker.consume(seen.options);
    for (const partition of [0, 1]) await fill(broker, 'pause', partition, 0, 1);
    await until(() => seen.values.size === 2);
    for (const partition of [0, 1]) await fill(broker, 'pause', partition, 1, 50);
    await until(() => seen.values.has(valueAt(1, 49)));
    handles.get(0)?.resume('memory');
    await fill(broker, 'pause', 1, 50, 51);
    await until(() => seen.values.has(valueAt(1, 50)));
    expect(seen.offsets.get('0/1'), 'one reason still stands').toEqual([0]);
    handles.get(0)?.resume('downstream');
    await until(() => seen.offsets.get('0/1')?.length === 50);
    expect(isRun(seen.offsets.get('0/1') ?? [])).toBe(true);
    await consumption.stop();
  });

  test('a handler that fails stops its partition alone, with the reason', async () => {
    await makeTopic(broker, 'failing', 2);
    const seen = recorder('failing', 'failing', {
      onMessages: async (p, messages) => {
        if (p.partition === 1 && messages.some(({ offset }) => offset >= 5))
          throw new Error('block 5 has a bad digest');
      },
    });
    const consumption = await broker.consume(seen.options);
    await fill(broker, 'failing', 1, 0, 5);
    await until(() => seen.values.size === 5);
    await fill(broker, 'failing', 1, 5, 6);
    await until(() => consumption.stopped().length === 1);
    await fill(broker, 'failing', 1, 6, 9);
    await fill(broker, 'failing', 0, 0, 5);
    await until(() => seen.offsets.get('0/1')?.length === 5);
    expect(seen.offsets.get('1/1'), 'nothing after the failure').toEqual([0, 1, 2, 3, 4, 5]);
    expect(consumption.stopped()).toMatchObject([
      { topic: broker.topic('failing'), partition: 1, why: 'block 5 has a bad digest', since: expect.any(Number) },
    ]);
    await consumption.stop();
    expect((await broker.committed('failing', 'failing')).get(1)?.offset).toBe(5);
  });

  test('a start outside the log stops the partition: no silent jump', async () => {
    await makeTopic(broker, 'outside', 3);
    for (const partition of [0, 1, 2]) await fill(broker, 'outside', partition, 0, 20);
    await deleteRecordsBelow(broker.topic('outside'), 0, 10);
    const seen = recorder('outside', 'outside', { startAt: ({ partition }) => [4, 25, 3][partition] ?? 0 });
    const consumption = await broker.consume(seen.options);
    await until(() => consumption.stopped().length === 2 && seen.values.size === 17);
    const whys = consumption
      .stopped()
      .map(({ partition, why }) => `${partition}: ${why}`)
      .sort();
    expect(whys[0]).toMatch(/^0: .*outside\/0 begins at offset 10, but 4 is the next to read: 6 offsets are gone/);
    expect(whys[1]).toMatch(/^1: .*outside\/1 ends at offset 20, but 25 is the next to read/);
    expect([...seen.offsets.keys()]).toEqual(['2/1']);
    await consumption.stop();
  });

  test('retention that overtakes a reader stops the partition: no silent jump', async () => {
    await makeTopic(broker, 'overtaken', 2);
    for (const partition of [0, 1]) await fill(broker, 'overtaken', partition, 0, 1);
    let handle: PartitionHandle | null = null;
    const seen = recorder('overtaken', 'overtaken', {
      onMessages: async (p) => {
        if (p.partition !== 0) return;
        handle ??= p;
        if (handle === p) p.pause('test');
      },
    });
    const consumption = await broker.consume(seen.options);
    await until(() => seen.values.size === 2);
    for (const partition of [0, 1]) await fill(broker, 'overtaken', partition, 1, 20);
    await deleteRecordsBelow(broker.topic('overtaken'), 0, 8);
    (handle as PartitionHandle | null)?.resume('test');
    await until(() => consumption.stopped().length === 1 && seen.offsets.get('1/1')?.length === 20);
    expect(consumption.stopped()[0]?.why).toMatch(/overtaken\/0 begins at offset 8, but 1 is the next to read: 7/);
    expect(seen.offsets.get('0/1')).toEqual([0]);
    await consumption.stop();
  });

  test('messages much larger than a fetch arrive, beside a busy partition', async () => {
    await makeTopic(broker, 'wide', 2);
    const producer = broker.producer();
    const noise = () => Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)));
    const large = Buffer.concat(Array.from({ length: 48 }, noise));
    for (let i = 0; i < 4; i += 1) await producer.send([{ topic: 'wide', partition: 1, messages: [{ value: large }] }]);
    await fill(broker, 'wide', 0, 0, 20_000, 100);
    const seen = recorder('wide', 'wide', { limits: { fetchBytesMax: 100_000, queueBytesMax: 400_000 } });
    const consumption = await broker.consume(seen.options);
    await until(() => seen.offsets.get('1/1')?.length === 4 && seen.offsets.get('0/1')?.length === 20_000);
    await consumption.stop();
  });

  test('a topic that is missing is refused at once, in words', async () => {
    await expect(broker.consume(recorder('missing', 'missing').options)).rejects.toMatchObject({
      code: 'TOPIC_MISSING',
    });
  });

  test('nothing of it is an error in the log but the stopped partitions', () => {
    const errors = kept.lines.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(errors.every((message) => / stops: /.test(message))).toBe(true);
  });
});
