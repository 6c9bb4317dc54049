/** What the tests of this room share: a broker with a prefix of its own, a log that is kept, seeded numbers, a consumer. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger, type Logger } from '@headrace/platform';
import type { Assignment, Broker as BrokerType, ConsumeOptions, PartitionHandle, StreamMessage } from '../src/index.ts';
import { Broker, type KafkaSettings } from '../src/index.ts';

/** Lines that were logged at info and above, as parsed JSON. */
export interface KeptLog {
  readonly log: Logger;
  readonly lines: { level: string; message: string }[];
}

export function keptLog(): KeptLog {
  const lines: { level: string; message: string }[] = [];
  const log = createLogger('stream-test', {
    level: 'info',
    readable: false,
    write: (line) => {
      const { level, message } = JSON.parse(line);
      lines.push({ level, message });
    },
  });
  return { log, lines };
}

export function settings(overrides: Partial<KafkaSettings> = {}): KafkaSettings {
  const brokers = process.env.KAFKA_BROKERS;
  if (brokers === undefined) throw new Error('KAFKA_BROKERS is not set: run through vitest, whose set-up gives it');
  return {
    brokers: brokers.split(','),
    clientId: 'stream-test',
    topicPrefix: `t${randomBytes(6).toString('hex')}.`,
    ...overrides,
  };
}

export async function connect(overrides: Partial<KafkaSettings> = {}): Promise<{ broker: BrokerType; kept: KeptLog }> {
  const kept = keptLog();
  return { broker: await Broker.connect(settings(overrides), kept.log), kept };
}

export async function makeTopic(
  broker: BrokerType,
  name: string,
  partitions: number,
  config: Record<string, string> = {},
): Promise<void> {
  await broker.ensureTopics([
    { name, partitions, replication: 1, config: { 'max.message.bytes': '16777216', ...config } },
  ]);
}

/** Seeded numbers in [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The seed of a random test: TEST_SEED, else a new one. It is in the name of the test, so a failure shows it. */
export function testSeed(): number {
  const given = process.env.TEST_SEED;
  return given === undefined ? randomBytes(4).readUInt32LE() : Number(given);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Polls until it holds; the test's own limit ends it otherwise. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

/** A value that tells its place, so that any mix-up is seen. */
export function valueAt(partition: number, number: number, padTo = 0): string {
  return `${partition}:${number}:`.padEnd(padTo, 'x');
}

export async function fill(broker: BrokerType, topic: string, partition: number, from: number, to: number, padTo = 0) {
  const producer = broker.producer();
  const messages = Array.from({ length: to - from }, (_, i) => ({
    value: Buffer.from(valueAt(partition, from + i, padTo)),
  }));
  for (let start = 0; start < messages.length; start += 2_000) {
    await producer.send([{ topic, partition, messages: messages.slice(start, start + 2_000) }]);
  }
  await producer.close();
}

export interface Recorded {
  readonly options: ConsumeOptions;
  /** Offsets in the order of delivery, by `partition/epoch`. */
  readonly offsets: Map<string, number[]>;
  /** `assigned 3#1`, `messages 3#1` (once in a row), `revoked 3#1`. */
  readonly calls: string[];
  /** Every value that arrived. */
  readonly values: Set<string>;
}

export interface RecorderOptions {
  readonly startAt?: (p: { partition: number; committed: { offset: number } | null }) => number;
  readonly onMessages?: (p: PartitionHandle, messages: readonly StreamMessage[]) => Promise<void>;
  readonly commits?: boolean;
  readonly limits?: { fetchBytesMax?: number; queueBytesMax?: number };
}

/** Consumer options that record what happens and check the order of calls. */
export function recorder(group: string, topic: string, options: RecorderOptions = {}): Recorded {
  const offsets = new Map<string, number[]>();
  const calls: string[] = [];
  const values = new Set<string>();
  const name = ({ partition, epoch }: Assignment) => `${partition}#${epoch}`;
  const note = (call: string) => {
    if (calls.at(-1) !== call) calls.push(call);
  };
  return {
    offsets,
    calls,
    values,
    options: {
      group,
      topics: [topic],
      ...options.limits,
      assigned: async (p) => {
        note(`assigned ${name(p)}`);
        return { startAt: options.startAt?.(p) ?? p.committed?.offset ?? 0 };
      },
      messages: async (p, messages) => {
        note(`messages ${name(p)}`);
        const key = `${p.partition}/${p.epoch}`;
        const seen = offsets.get(key) ?? [];
        offsets.set(key, seen);
        for (const { offset, value } of messages) {
          seen.push(offset);
          values.add(value?.toString() ?? '');
        }
        await options.onMessages?.(p, messages);
        const last = messages.at(-1);
        if (last !== undefined && options.commits !== false) p.commit(last.offset + 1, `after ${last.offset}`);
      },
      revoked: async (p) => note(`revoked ${name(p)}`),
    },
  };
}

/** True if the numbers go up by one each. */
export function isRun(numbers: readonly number[]): boolean {
  return numbers.every((n, i) => i === 0 || n === (numbers[i - 1] ?? 0) + 1);
}
