import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Broker, PartitionHandle } from '../src/index.ts';
import { connect, fill, isRun, makeTopic, type Recorded, recorder, until } from './support.ts';

const owned = (seen: Recorded) => {
  const now = new Set<number>();
  for (const call of seen.calls) {
    const partition = Number(/ (\d+)#/.exec(call)?.[1]);
    if (call.startsWith('assigned')) now.add(partition);
    if (call.startsWith('revoked')) now.delete(partition);
  }
  return [...now].sort();
};

/** assigned, then messages, then revoked, epoch by epoch, for each partition. */
function expectOrder(calls: readonly string[]): void {
  const open = new Map<string, number>();
  for (const call of calls) {
    const [, kind = '', partition = '', epoch = ''] = /(\w+) (\d+)#(\d+)/.exec(call) ?? [];
    if (kind === 'assigned') {
      expect(open.has(partition), call).toBe(false);
      open.set(partition, Number(epoch));
    } else expect(open.get(partition), call).toBe(Number(epoch));
    if (kind === 'revoked') open.delete(partition);
  }
}

describe('two members of one group', () => {
  let broker: Broker;
  let other: Broker;
  beforeAll(async () => {
    ({ broker } = await connect());
    ({ broker: other } = await connect({ topicPrefix: broker.topic('') }));
  });
  afterAll(async () => {
    await other.close();
    await broker.close();
  });

  test('share the partitions, keep what stays, and miss nothing', async () => {
    await makeTopic(broker, 'shared', 4);
    for (const partition of [0, 1, 2, 3]) await fill(broker, 'shared', partition, 0, 500);
    const a = recorder('shared', 'shared');
    const b = recorder('shared', 'shared');
    const one = await broker.consume(a.options);
    await until(() => a.values.size === 2_000);
    await until(async () => {
      const committed = [...(await broker.committed('shared', 'shared')).values()];
      return committed.length === 4 && committed.every(({ offset }) => offset === 500);
    });
    for (const partition of [0, 1, 2, 3]) await fill(broker, 'shared', partition, 500, 510);
    await until(() => a.values.size === 2_040);
    const two = await other.consume(b.options);
    await until(() => owned(a).length === 2 && owned(b).length === 2);
    expect([...owned(a), ...owned(b)].sort()).toEqual([0, 1, 2, 3]);
    expect(a.calls.filter((call) => call.startsWith('assigned')).length, 'what stays is not assigned again').toBe(4);

    for (const partition of [0, 1, 2, 3]) await fill(broker, 'shared', partition, 510, 900);
    const all = () => new Set([...a.values, ...b.values]).size;
    await until(() => all() === 3_600);
    for (const offsets of b.offsets.values()) {
      expect(isRun(offsets)).toBe(true);
      // 510 where the flush of the rebalance reached the broker before the join ended, which a busy machine may prevent.
      expect(offsets[0], 'begins at a commit of the owner before').toBeGreaterThanOrEqual(500);
      expect(offsets[0], 'and never beyond what that owner handled').toBeLessThanOrEqual(510);
    }
    await two.stop();
    await until(() => owned(a).length === 4);
    for (const partition of [0, 1, 2, 3]) await fill(broker, 'shared', partition, 900, 1_000);
    await until(() => all() === 4_000);
    await one.stop();
    expectOrder(a.calls);
    expectOrder(b.calls);
    expect(
      a.calls.some((call) => /assigned \d#2/.test(call)),
      'a partition that came back has a new epoch',
    ).toBe(true);
    expect([...(await broker.committed('shared', 'shared')).values()].map(({ offset }) => offset)).toEqual([
      1_000, 1_000, 1_000, 1_000,
    ]);
  });

  test('a handler that hangs through a rebalance commits nothing afterwards', async () => {
    await makeTopic(broker, 'zombie', 2);
    for (const partition of [0, 1]) await fill(broker, 'zombie', partition, 0, 10);
    const gate = Promise.withResolvers<void>();
    const handles = new Map<number, PartitionHandle>();
    const a = recorder('zombie', 'zombie', {
      commits: false,
      onMessages: async (p) => {
        handles.set(p.partition, p);
        await gate.promise;
        // Late, and lower than what the new owner has committed by now.
        p.commit(3, 'zombie');
      },
    });
    const one = await broker.consume(a.options);
    await until(() => handles.size === 2);
    const b = recorder('zombie', 'zombie');
    const two = await other.consume(b.options);
    await until(() => owned(b).length === 1 && b.values.size === 10);
    const moved = owned(b)[0] ?? -1;
    await until(async () => (await broker.committed('zombie', 'zombie')).get(moved)?.offset === 10);
    expect(handles.get(moved)?.lost).toBe(true);
    expect(handles.get(1 - moved)?.lost).toBe(false);
    expect(a.calls, 'revoked waits for the handler').not.toContain(`revoked ${moved}#1`);
    gate.resolve();
    await until(() => a.calls.includes(`revoked ${moved}#1`));
    await until(async () => (await broker.committed('zombie', 'zombie')).get(1 - moved)?.offset === 3);
    await one.stop();
    await two.stop();
    expect((await broker.committed('zombie', 'zombie')).get(moved)).toEqual({ offset: 10, metadata: 'after 9' });
  });
});
