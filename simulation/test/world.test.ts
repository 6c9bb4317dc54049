/** The simulated world, log, groups and store keep the rules that they are there for. */
import { describe, expect, it } from 'vitest';
import type { MemberEars } from '../log/group.ts';
import { LogCluster } from '../log/log-cluster.ts';
import { PartitionLog } from '../log/partition-log.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { SimulatedProcess, World } from '../world/world.ts';

const record = (key: string, value: string | null) => ({
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  headers: {},
  timestampMs: 5,
});

describe('the world', () => {
  it('runs by time, then by order, and lets everything that follows at once happen in between', async () => {
    const world = new World(1);
    const seen: string[] = [];
    world.schedule(null, 20, () => seen.push('late'));
    world.schedule(null, 10, () => {
      seen.push('first');
      void Promise.resolve().then(() => seen.push('what follows'));
    });
    world.schedule(null, 10, () => seen.push('second'));
    await world.run(() => false);
    expect(seen).toEqual(['first', 'what follows', 'second', 'late']);
    expect(world.elapsed).toBe(20);
  });

  it('never runs what belongs to a dead process, and keeps what belongs to a frozen one', async () => {
    const world = new World(1);
    const [dead, frozen] = [new SimulatedProcess('dead'), new SimulatedProcess('frozen')];
    const seen: string[] = [];
    world.schedule(dead, 5, () => seen.push('dead'));
    world.schedule(frozen, 5, () => seen.push(`frozen at ${world.elapsed}`));
    world.schedule(frozen, 6, () => seen.push('and on'));
    world.kill(dead);
    world.freeze(frozen);
    world.schedule(null, 50, () => world.thaw(frozen));
    await world.run(() => false);
    expect(seen).toEqual(['frozen at 50', 'and on']);
  });

  it('knows whose code is running, however deep', async () => {
    const world = new World(1);
    const owner = new SimulatedProcess('owner');
    const seen: (string | undefined)[] = [];
    world.schedule(owner, 1, () => void Promise.resolve().then(() => seen.push(world.process?.name)));
    world.schedule(null, 2, () => seen.push(world.process?.name));
    await world.run(() => false);
    expect(seen).toEqual(['owner', undefined]);
  });
});

describe('the log', () => {
  it('gives offsets that rise, holes and all, and its own time where the topic says so', () => {
    const log = new PartitionLog('t', 0, true);
    expect(log.append([record('a', '1'), record('b', '2')], 100)).toBe(0);
    log.skip(3);
    expect(log.append([record('a', '3')], 90)).toBe(5);
    expect(log.records.map(({ offset, timestampMs }) => [offset, timestampMs])).toEqual([
      [0, 100],
      [1, 100],
      [5, 100],
    ]);
    expect(log.from(2, 1_000).map(({ offset }) => offset)).toEqual([5]);
    log.compact();
    expect(log.records.map(({ offset }) => offset)).toEqual([1, 5]);
    log.truncate(2);
    expect([log.low, log.end, log.records.length]).toEqual([2, 6, 1]);
  });
});

describe('a group', () => {
  const ears = (owner: SimulatedProcess, heard: string[]): MemberEars => ({
    owner,
    topics: ['t'],
    owned: () => ({}),
    rebalancing: () => heard.push('rebalancing'),
    assigned: (_id, generation, assignment) => heard.push(`${generation}: ${assignment.t?.join() ?? ''}`),
    expelled: () => heard.push('expelled'),
  });

  it('takes commits of the current generation only, and gives a silent member up', async () => {
    const world = new World(1);
    const cluster = new LogCluster(world);
    cluster.create([{ name: 't', partitions: 2, replication: 1, config: {} }]);
    const group = cluster.group('g');
    const [a, b] = [new SimulatedProcess('a'), new SimulatedProcess('b')];
    const [heardByA, heardByB] = [[], []] as [string[], string[]];
    const idOfA = group.join(ears(a, heardByA), {});
    await world.run(() => heardByA.length === 1);
    expect(heardByA).toEqual(['1: 0,1']);
    const commit = [{ topic: 't', partition: 0, offset: 7, metadata: 'm' }];
    expect(group.commit(idOfA, 1, commit)).toBe(true);
    group.join(ears(b, heardByB), {});
    world.freeze(a);
    group.watch(a);
    await world.run(() => heardByB.length === 1);
    expect(world.elapsed).toBeGreaterThan(10_000);
    expect(heardByB).toEqual(['2: 0,1']);
    expect(group.commit(idOfA, 1, [{ topic: 't', partition: 0, offset: 3, metadata: '' }])).toBe(false);
    expect(group.committed('t').get(0)).toEqual({ offset: 7, metadata: 'm' });
    world.thaw(a);
    await world.run(() => heardByA.includes('expelled'));
  });
});

describe('the store', () => {
  it('counts reports of one range once, the last one standing', () => {
    const store = new SimulatedStore(new World(1));
    const row = {
      stage: 'guide',
      source: 'raw/0',
      generation: 1,
      guidedPartition: -1,
      guidedOffset: -1,
      status: 'applied',
    };
    const zero = { fromOffset: 0, fromX: 0, toOffset: 5, toX: 1, blockTime: 0, digest: '', amounts: {} };
    const figures = Object.fromEntries(
      ['events', 'bytes'].flatMap((what) =>
        ['In', 'Guided', 'Rated', 'Duplicate', 'Rejected', 'Suspended'].map((part) => [what + part, 0]),
      ),
    ) as Record<`${'events' | 'bytes'}${'In' | 'Guided' | 'Rated' | 'Duplicate' | 'Rejected' | 'Suspended'}`, number>;
    const report = { ...row, ...zero, ...figures, lines: 0, quantity: 0, eventQuantity: 0, brokenEvents: 0 };
    store.insertControls([report]);
    store.insertControls([{ ...report, lines: 2 }]);
    expect([...store.controls.rows.values()].map(({ lines }) => lines)).toEqual([2]);
  });
});
