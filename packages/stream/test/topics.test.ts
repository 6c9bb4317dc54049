import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, MESSAGE_BYTES_MAX, RAW_MESSAGE_BYTES_MAX, TOPICS, topicSpecs } from '../src/index.ts';
import { connect, makeTopic } from './support.ts';

describe('the topics', () => {
  const specs = topicSpecs({ raw: 4, guided: 3, generation: 2, replication: 3 });
  const named = (name: string) => specs.find((spec) => spec.name === name);

  test('have the partitions that the design says', () => {
    expect(Object.fromEntries(specs.map(({ name, partitions }) => [name, partitions]))).toEqual({
      'usage.events': 4,
      'reference.log': 1,
      'usage.guide-plans': 5,
      'usage.guided.g2': 3,
      'usage.suspense': 1,
      'usage.rated.g2': 3,
      'invoice.totals.g2': 3,
      'assurance.controls': 1,
      'assurance.findings': 1,
      'rater.checkpoints.g2': 3,
    });
  });

  test('take large blocks, wait for a majority, and keep what must be kept', () => {
    for (const { name, config } of specs) {
      const bytes = name === TOPICS.usageEvents ? RAW_MESSAGE_BYTES_MAX : MESSAGE_BYTES_MAX;
      expect(config['max.message.bytes']).toBe(String(bytes));
      expect(config['min.insync.replicas']).toBe('2');
    }
    expect(named(TOPICS.referenceLog)?.config['retention.ms']).toBe('-1');
    expect(named(TOPICS.guidePlans)?.config['retention.ms']).toBe('-1');
    expect(named('rater.checkpoints.g2')?.config['cleanup.policy']).toBe('compact');
    const appendTime = specs.filter(({ config }) => config['message.timestamp.type'] === 'LogAppendTime');
    expect(appendTime.map(({ name }) => name)).toEqual(['usage.events', 'usage.guided.g2']);
  });

  test('refuse counts that are none', () => {
    expect(() => topicSpecs({ raw: 0, guided: 1, generation: 1, replication: 1 })).toThrow(/raw/);
  });

  test('stand in schemas/README.md, each with its partitions', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../../schemas/README.md'), 'utf8');
    for (const name of Object.values(TOPICS)) expect(readme).toContain(`| \`${name}\` |`);
  });
});

describe('on a broker', () => {
  let broker: Broker;
  beforeAll(async () => {
    ({ broker } = await connect());
  });
  afterAll(() => broker.close());

  test('all are created once, and a second time is nothing', async () => {
    const specs = topicSpecs({ raw: 3, guided: 2, generation: 1, replication: 1 });
    await broker.ensureTopics(specs);
    await broker.ensureTopics(specs);
    for (const { name, partitions } of specs) expect(await broker.partitionCount(name)).toBe(partitions);
    expect(await broker.offsets(TOPICS.usageEvents)).toEqual(
      [0, 1, 2].map((partition) => ({ partition, low: 0, end: 0 })),
    );
  });

  test('two that create at once do not fail', async () => {
    const { broker: other } = await connect({ topicPrefix: broker.topic('') });
    const specs = ['a', 'b', 'c'].map((name) => ({ name: `race-${name}`, partitions: 2, replication: 1, config: {} }));
    await Promise.all([broker.ensureTopics(specs), other.ensureTopics(specs)]);
    expect(await other.partitionCount('race-c')).toBe(2);
    await other.close();
  });

  test('fewer partitions than configured are refused in words', async () => {
    await makeTopic(broker, 'narrow', 2);
    const spec = { name: 'narrow', partitions: 4, replication: 1, config: {} };
    await expect(broker.ensureTopics([spec])).rejects.toMatchObject({
      code: 'TOPIC_PARTITIONS',
      message: expect.stringMatching(/narrow has 2 partitions, but the configuration says 4/),
    });
  });

  test('a topic that is missing is named, with the cure', async () => {
    const failure = { code: 'TOPIC_MISSING', message: expect.stringMatching(/nowhere.*does not exist; create it/) };
    await expect(broker.offsets('nowhere')).rejects.toMatchObject(failure);
    await expect(broker.partitionCount('nowhere')).rejects.toMatchObject(failure);
    const read = async () => {
      for await (const _ of broker.read('nowhere', 0, 0, 1)) expect.unreachable();
    };
    await expect(read()).rejects.toMatchObject(failure);
    await expect(
      broker.producer().send([{ topic: 'nowhere', partition: 0, messages: [{ value: null }] }]),
    ).rejects.toMatchObject(failure);
  });
});
