/** The aggregator on a real broker: rated blocks in, totals blocks and control totals out. */
import { randomUUID } from 'node:crypto';
import { decodeControlTotals, decodeRatedBlock, decodeTotalsBlock } from '@headrace/codec';
import { createLogger, Metrics, readConfig, retrying, type Service } from '@headrace/platform';
import { Broker, kafkaSettings, kafkaSettingsSchema, topicSpecs } from '@headrace/stream';
import { afterEach, describe, expect, it } from 'vitest';
import { AggregatorMeters, aggregate, startAggregator } from '../src/index.ts';
import { type MadeBlock, makeBlock, randomFrom } from './support/rated-blocks.ts';

const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);
const PARTITIONS = 2;
const log = createLogger('test', { level: process.env.LOG_LEVEL ?? 'silent' });
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A deployment of its own: topics with a prefix that no other test has. */
async function deployment() {
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const settings = kafkaSettings(readConfig(kafkaSettingsSchema, { ...process.env, TOPIC_PREFIX: prefix }));
  const broker = await Broker.connect(settings, log);
  closers.push(() => broker.close());
  await broker.ensureTopics(topicSpecs({ raw: 1, guided: PARTITIONS, generation: 1, replication: 1 }));
  const producer = broker.producer();
  closers.push(() => producer.close());

  const start = async (): Promise<Service> => {
    const abort = new AbortController();
    const metrics = new Metrics();
    const meters = new AggregatorMeters(metrics, 60_000);
    const own = broker.producer();
    const room = { broker, producer: own, meters, generation: 1, log, signal: abort.signal };
    const service = await startAggregator(room, { group: 'aggregator', queueBytesMax: 1 << 20 }, metrics);
    let stopped = false;
    const stop = async () => {
      if (stopped) return;
      stopped = true;
      await service.stop();
      await own.close();
    };
    closers.push(stop);
    return { ...service, stop };
  };
  const rated = (partition: number, blocks: readonly MadeBlock[]) =>
    retrying('send', log, AbortSignal.timeout(60_000), () =>
      producer.send([{ topic: 'usage.rated', partition, messages: blocks.map(({ value }) => ({ value })) }]),
    );
  const read = async (topic: string, partition: number): Promise<Buffer[]> => {
    const offsets = (await broker.offsets(topic)).find((entry) => entry.partition === partition);
    const values: Buffer[] = [];
    if (offsets === undefined || offsets.end === offsets.low) return values;
    for await (const { value } of broker.read(topic, partition, offsets.low, offsets.end)) {
      if (value !== null) values.push(Buffer.from(value));
    }
    return values;
  };
  return { start, rated, read };
}

async function until(test: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe(`the aggregator (TEST_SEED=${seed})`, () => {
  it('answers each rated block with one totals block in its partition, and reports what it counted', async () => {
    const random = randomFrom(seed);
    const { start, rated, read } = await deployment();
    const made = [0, 1].map((partition) =>
      Array.from({ length: 5 }, (_, offset) => makeBlock({ partition, offset, events: offset * 20, random })),
    );
    await start();
    for (const [partition, blocks] of made.entries()) await rated(partition, blocks);
    await until(async () => (await read('assurance.controls', 0)).length === 10);
    for (const [partition, blocks] of made.entries()) {
      const totals = (await read('invoice.totals', partition)).map((value) => decodeTotalsBlock(value));
      expect(totals.map(({ header }) => header.to.offset)).toEqual([1, 2, 3, 4, 5]);
      for (const [at, { deltas }] of totals.entries()) {
        const wanted = blocks[at]?.lines ?? [];
        expect(deltas.reduce((sum, { lines }) => sum + lines, 0)).toBe(wanted.length);
        const amount = wanted.reduce((sum, line) => sum + line.amount, 0n);
        expect(deltas.reduce((sum, delta) => sum + delta.amount, 0n)).toBe(amount);
      }
    }
    const controls = (await read('assurance.controls', 0)).map((value) => decodeControlTotals(value));
    const lines = controls.reduce((sum, report) => sum + report.lines, 0);
    expect(lines).toBe(made.flat().reduce((sum, block) => sum + block.lines.length, 0));
  });

  it('goes on after a restart where it was, drops repeated blocks, and repeats the same bytes', async () => {
    const random = randomFrom(seed + 1);
    const { start, rated, read } = await deployment();
    const blocks = Array.from({ length: 6 }, (_, offset) => makeBlock({ partition: 0, offset, events: 10, random }));
    const first = await start();
    await rated(0, blocks.slice(0, 3));
    await until(async () => (await read('invoice.totals', 0)).length === 3);
    await first.stop();
    // A rater that was started again from its checkpoint sends what it had sent before.
    await rated(0, blocks.slice(1));
    await start();
    await until(async () => (await read('invoice.totals', 0)).length === 6);
    const values = await read('invoice.totals', 0);
    expect(values.map((value) => decodeTotalsBlock(value).header.to.offset)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const [at, block] of blocks.entries()) {
      expect(values[at]?.equals(aggregate(decodeRatedBlock(block.value)).value)).toBe(true);
    }
  });

  it.each([
    ['a gap', (blocks: MadeBlock[]) => [blocks[0], blocks[2]], /rated blocks are missing/],
    ['other contents for a range', (blocks: MadeBlock[]) => [blocks[0], blocks[3]], /neither continues nor repeats/],
  ])('stops a partition at %s and says so, while the other goes on', async (_name, choose, sentence) => {
    const random = randomFrom(seed + 2);
    const { start, rated, read } = await deployment();
    const blocks = Array.from({ length: 3 }, (_, offset) => makeBlock({ partition: 0, offset, events: 5, random }));
    blocks.push(makeBlock({ partition: 0, offset: 0, events: 6, random }));
    const service = await start();
    await rated(
      0,
      choose(blocks).filter((block) => block !== undefined),
    );
    await rated(1, [makeBlock({ partition: 1, offset: 0, events: 5, random })]);
    await until(() => !service.health().ok);
    expect(JSON.stringify(service.health().detail.stopped)).toMatch(sentence);
    await until(async () => (await read('invoice.totals', 1)).length === 1);
    expect(await read('invoice.totals', 0)).toHaveLength(1);
  });

  it('stops at a block that is damaged in the log, after reading it again', async () => {
    const random = randomFrom(seed + 3);
    const { start, rated, read } = await deployment();
    const good = makeBlock({ partition: 0, offset: 0, events: 5, random });
    const value = Buffer.from(makeBlock({ partition: 0, offset: 1, events: 5, random }).value);
    // A bit in the middle of the records.
    const at = Math.floor(value.length * 0.8);
    value[at] = (value[at] ?? 0) ^ 1;
    const service = await start();
    await rated(0, [good, { value, lines: [] }]);
    await until(() => !service.health().ok);
    expect(JSON.stringify(service.health().detail.stopped)).toContain('damaged in the log itself');
    expect(await read('invoice.totals', 0)).toHaveLength(1);
  });
});
