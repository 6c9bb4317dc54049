import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, CheckpointStore } from '../src/index.ts';
import { collect, connect, makeTopic, seeded, testSeed } from './support.ts';

const TOPIC = 'checkpoints';
const chunksOf = (text: string, count: number) => Array.from({ length: count }, (_, i) => Buffer.from(`${text} ${i}`));

describe('checkpoints', () => {
  let broker: Broker;
  beforeAll(async () => {
    ({ broker } = await connect());
  });
  afterAll(() => broker.close());

  /** A new topic for each test, and a store that knows nothing. */
  let made = 0;
  async function fresh() {
    made += 1;
    const topic = `${TOPIC}-${made}`;
    await makeTopic(broker, topic, 2, { 'cleanup.policy': 'compact' });
    return { topic, store: () => new CheckpointStore(broker, topic) };
  }

  /** Latest value of each key, as compaction will leave it. */
  async function live(topic: string, partition: number): Promise<string[]> {
    const log = (await broker.offsets(topic))[partition];
    const latest = new Map<string, boolean>();
    for (const { key, value } of await collect(broker.read(topic, partition, 0, log?.end ?? 0))) {
      latest.set(key?.toString() ?? '', value !== null);
    }
    return [...latest]
      .filter(([, lives]) => lives)
      .map(([key]) => key)
      .sort();
  }

  test('nothing written restores to nothing', async () => {
    const { store } = await fresh();
    expect(await store().restore(0)).toBeNull();
  });

  test('what was written comes back: offset, meta, chunks in order, owning their bytes', async () => {
    const { store } = await fresh();
    const chunks = [...chunksOf('state', 12), Buffer.alloc(0), Buffer.alloc(2_000_000, 7), ...chunksOf('end', 3)];
    const written = await store().write(1, 4_711, { fold: 3, sources: ['raw/0'] }, chunks);
    expect(written.bytes).toBe(chunks.reduce((sum, { length }) => sum + length, 0));
    const restored = await store().restore(1);
    expect(restored).toMatchObject({ offset: 4_711, meta: { fold: 3, sources: ['raw/0'] } });
    expect(
      restored?.chunks.map((chunk) => Buffer.from(chunk).equals(chunks.shift() ?? Buffer.from('?'))),
    ).not.toContain(false);
    expect(restored?.chunks.every(({ buffer, byteLength }) => buffer.byteLength === byteLength)).toBe(true);
    expect(await store().restore(0), 'the other partition').toBeNull();
  });

  test('an empty state is a checkpoint too, and chunks may come one by one', async () => {
    const { store } = await fresh();
    await store().write(0, 0, {}, []);
    expect(await store().restore(0)).toEqual({ offset: 0, meta: {}, chunks: [] });
    await store().write(
      0,
      5,
      {},
      (async function* () {
        yield Buffer.from('one');
        yield Buffer.from('two');
      })(),
    );
    expect((await store().restore(0))?.chunks.map((chunk) => Buffer.from(chunk).toString())).toEqual(['one', 'two']);
  });

  test('a checkpoint that broke off is none: the one before is taken', async () => {
    const { store } = await fresh();
    await store().write(0, 10, { n: 1 }, chunksOf('ten', 3));
    const broken = async function* () {
      yield* chunksOf('twenty', 2);
      throw new Error('killed here');
    };
    await expect(store().write(0, 20, { n: 2 }, broken())).rejects.toThrow('killed here');
    expect(await store().restore(0)).toMatchObject({ offset: 10, meta: { n: 1 } });
  });

  test('a manifest whose chunk is gone or damaged is not complete', async () => {
    const { topic, store } = await fresh();
    const producer = broker.producer();
    const put = (key: string, value: Buffer | null) =>
      producer.send([{ topic, partition: 0, messages: [{ key, value }] }]);
    await store().write(0, 10, {}, chunksOf('ten', 2));
    const manifestOfTen = (await collect(broker.read(topic, 0, 2, 3)))[0]?.value ?? Buffer.alloc(0);
    await store().write(0, 20, {}, chunksOf('twenty', 2));
    // The tombstones of 10 taken back, as if the writer had died before them.
    await put('c/0/0/10', Buffer.from('ten 0'));
    await put('c/0/1/10', Buffer.from('ten 1'));
    await put('m/0/10', Buffer.from(manifestOfTen));
    expect(await store().restore(0)).toMatchObject({ offset: 20 });
    await put('c/0/1/20', Buffer.from('twenty X'));
    expect(await store().restore(0), 'damaged').toMatchObject({ offset: 10 });
    await put('c/0/1/20', null);
    expect(await store().restore(0), 'gone').toMatchObject({ offset: 10 });
    await put('m/0/10', Buffer.from('{"v":1,'));
    await expect(store().restore(0)).rejects.toMatchObject({
      code: 'CHECKPOINT_BROKEN',
      message: expect.stringMatching(/holds 2 checkpoints, but none is complete; restore the topic/),
    });
    await producer.close();
  });

  test('the highest complete one wins, in whatever order they were written', async () => {
    const { store } = await fresh();
    await store().write(0, 30, {}, chunksOf('thirty', 1));
    // A writer that wakes late.
    await store().write(0, 20, {}, chunksOf('twenty', 1));
    expect(await store().restore(0)).toMatchObject({ offset: 30 });
  });

  test('lower ones are buried, higher ones never', async () => {
    const { topic, store } = await fresh();
    const one = store();
    await one.write(0, 10, {}, chunksOf('ten', 3));
    await one.write(0, 20, {}, chunksOf('twenty', 2));
    expect(await live(topic, 0)).toEqual(['c/0/0/20', 'c/0/1/20', 'm/0/20']);
    const two = store();
    await two.write(0, 100, {}, chunksOf('hundred', 1));
    // `one` wakes late, with a lower checkpoint.
    await one.write(0, 30, {}, chunksOf('thirty', 1));
    expect(await store().restore(0)).toMatchObject({ offset: 100 });
    await store().write(0, 110, {}, chunksOf('last', 1));
    expect(await live(topic, 0), 'the next owner clears up').toEqual(['c/0/0/110', 'm/0/110']);
  });

  test('the same checkpoint written twice changes nothing', async () => {
    const { topic, store } = await fresh();
    await store().write(0, 10, {}, chunksOf('ten', 2));
    await store().write(0, 10, {}, chunksOf('ten', 2));
    expect(await live(topic, 0)).toEqual(['c/0/0/10', 'c/0/1/10', 'm/0/10']);
    expect(await store().restore(0)).toMatchObject({ offset: 10 });
  });

  const seed = testSeed();
  test(`any mix of writers, deaths and order: the highest complete one (TEST_SEED=${seed})`, async () => {
    const { store } = await fresh();
    const random = seeded(seed);
    const writers = [store(), store(), store()];
    let highest = -1;
    for (let round = 0; round < 25; round += 1) {
      const offset = Math.floor(random() * 1_000);
      const chunks = chunksOf(`state at ${offset}`, Math.floor(random() * 4));
      const dies = random() < 0.3;
      const stream = function* () {
        yield* chunks;
        if (dies) throw new Error('died');
      };
      const writer = writers[Math.floor(random() * 3)] ?? writers[0];
      const done = await writer?.write(0, offset, { offset }, stream()).then(
        () => true,
        () => false,
      );
      expect(done).toBe(!dies);
      if (!dies) highest = Math.max(highest, offset);
      const restored = await store().restore(0);
      expect(restored?.offset ?? -1).toBe(highest);
      expect(restored?.meta.offset ?? -1).toBe(highest);
    }
  });
});
