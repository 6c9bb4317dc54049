/** The rater as a process on a real broker, killed in the middle. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decodeRatedBlock, readBlockHeader } from '@headrace/codec';
import { createLogger } from '@headrace/platform';
import { Broker, TOPICS, topicSpecs } from '@headrace/stream';
import { afterEach, expect, it } from 'vitest';
import { FACTS, factBlock, usageBlock } from './blocks.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const MB = 1_048_576;
const PARTITIONS = 2;
const BLOCKS = 60;
const log = createLogger('rater-test', { level: 'error' });
const running: ChildProcess[] = [];
let broker: Broker | null = null;

afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await broker?.close();
});

function startRater(topicPrefix: string, checkpointIntervalMs: number): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      TOPIC_PREFIX: topicPrefix,
      RATER_THREADS: '2',
      RATER_CHECKPOINT_INTERVAL_MS: String(checkpointIntervalMs),
      LOG_LEVEL: 'error',
    },
  });
  running.push(child);
  return child;
}

interface Rated {
  /** Bytes of the rated block by guided offset: one identity, one content. */
  readonly blocks: Map<number, string>;
  readonly events: number;
  readonly amount: bigint;
  readonly repeated: number;
}

/** Reads a rated partition as a loader would: by guided offset. */
async function readRated(from: Broker, partition: number): Promise<Rated> {
  const end = (await from.offsets(TOPICS.rated)).find((each) => each.partition === partition)?.end ?? 0;
  const blocks = new Map<number, string>();
  let events = 0;
  let amount = 0n;
  let repeated = 0;
  if (end === 0) return { blocks, events, amount, repeated };
  for await (const { value } of from.read(TOPICS.rated, partition, 0, end)) {
    const read = readBlockHeader(value ?? new Uint8Array());
    if (read.problem !== null) throw new Error(read.problem);
    const offset = read.header.to.offset - 1;
    const content = value?.toString('base64') ?? '';
    const known = blocks.get(offset);
    if (known !== undefined) {
      expect(content).toBe(known);
      repeated += 1;
      continue;
    }
    expect(read.header.from.offset).toBe(blocks.size);
    blocks.set(offset, content);
    events += read.header.controls.rated;
    const lines = decodeRatedBlock(value ?? new Uint8Array());
    for (let line = 0; line < lines.count; line += 1) amount += lines.amount(line);
  }
  return { blocks, events, amount, repeated };
}

it('rates every block once through kills, with the same bytes for repeated ones', async () => {
  const topicPrefix = `t${randomUUID().slice(0, 8)}.`;
  const kafka = { brokers: (process.env.KAFKA_BROKERS ?? '').split(','), clientId: 'rater-test', topicPrefix };
  broker = await Broker.connect(kafka, log);
  await broker.ensureTopics(topicSpecs({ raw: 1, guided: PARTITIONS, generation: 1, replication: 1 }));
  const producer = broker.producer();
  const send = async (partition: number, value: Uint8Array): Promise<void> => {
    await producer.send([{ topic: TOPICS.guided, partition, messages: [{ value }] }]);
  };
  for (let partition = 0; partition < PARTITIONS; partition += 1) await send(partition, factBlock(FACTS, 0, 1));

  let rater = startRater(topicPrefix, 1_000);
  for (let n = 0; n < BLOCKS; n += 1) {
    const usage = Array.from({ length: 20 }, (_, at) => ({ id: `e${n * 19 + at}`, bytes: MB }));
    for (let partition = 0; partition < PARTITIONS; partition += 1)
      await send(partition, usageBlock(n * 10, n * 10 + 10, usage));
    await sleep(60);
    if (n === 25 || n === 45) {
      rater.kill('SIGKILL');
      rater = startRater(topicPrefix, 1_000);
    }
  }
  await producer.close();

  let rated: Rated[] = [];
  for (let tries = 0; tries < 300; tries += 1) {
    rated = [];
    for (let partition = 0; partition < PARTITIONS; partition += 1) rated.push(await readRated(broker, partition));
    if (rated.every(({ blocks }) => blocks.size === BLOCKS + 1)) break;
    await sleep(200);
  }
  // Each block repeats one event of the block before it: 20 + 59 * 19 distinct events of 1 MB, of which the pool covers 10.
  const distinct = 20 + (BLOCKS - 1) * 19;
  for (const { blocks, events, amount } of rated) {
    expect([...blocks.keys()]).toEqual(Array.from({ length: BLOCKS + 1 }, (_, offset) => offset));
    expect(events).toBe(distinct);
    expect(amount).toBe(BigInt(distinct - 10) * 100_000_000_000n);
  }
  // A graceful stop ends the process by itself.
  const ended = new Promise((resolve) => rater.once('exit', resolve));
  rater.kill('SIGTERM');
  expect(await ended).toBe(0);
});
