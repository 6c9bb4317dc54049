import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, packed, type StreamMessage } from '../src/index.ts';
import { splitRequests } from '../src/producer.ts';
import { deleteTopic } from './raw-kafka.ts';
import { collect, connect, makeTopic } from './support.ts';

describe('requests', () => {
  const name = (topic: string) => `p.${topic}`;
  const message = (bytes: number) => ({ value: Buffer.alloc(bytes) });

  test('one request for what is small', () => {
    const requests = splitRequests(
      [
        { topic: 'a', partition: 0, messages: [message(1), message(2)] },
        { topic: 'a', partition: 1, messages: [message(3)] },
        { topic: 'a', partition: 0, messages: [message(4)] },
      ],
      name,
    );
    expect(requests).toHaveLength(1);
    expect(requests[0]?.batches.map(({ topic, partition, messages }) => [topic, partition, messages.length])).toEqual([
      ['p.a', 0, 3],
      ['p.a', 1, 1],
    ]);
  });

  test('no batch above its bytes or its messages, in order', () => {
    const messages = Array.from({ length: 25_000 }, (_, i) => ({ value: Buffer.from(`${i}`) }));
    const big = Array.from({ length: 5 }, (_, i) => ({ value: Buffer.alloc(5_000_000, i) }));
    const requests = splitRequests([{ topic: 'a', partition: 0, messages: [...messages, ...big] }], name);
    const sent = requests.map(({ batches }) => batches[0]?.messages ?? []);
    expect(sent.flat()).toEqual([...messages, ...big]);
    for (const part of sent) {
      expect(part.length).toBeLessThanOrEqual(10_000);
      expect(part.reduce((sum, { value }) => sum + (value?.byteLength ?? 0), 0)).toBeLessThanOrEqual(5_000_000);
    }
  });

  test('a message above the limit goes alone', () => {
    const requests = splitRequests(
      [{ topic: 'a', partition: 0, messages: [message(1), message(12_000_000), message(1)] }],
      name,
    );
    expect(requests.map(({ batches }) => batches[0]?.messages.length)).toEqual([1, 1, 1]);
  });

  test('nothing gives nothing', () => {
    expect(splitRequests([{ topic: 'a', partition: 0, messages: [] }], name)).toEqual([]);
  });
});

describe('the ordered producer', () => {
  let broker: Broker;
  beforeAll(async () => {
    ({ broker } = await connect());
    await makeTopic(broker, 'ordered', 2);
  });
  afterAll(() => broker.close());

  async function all(topic: string, partition: number): Promise<StreamMessage[]> {
    const log = (await broker.offsets(topic))[partition];
    return collect(broker.read(topic, partition, log?.low ?? 0, log?.end ?? 0));
  }

  test('calls that are not awaited are written in their order, with rising base offsets', async () => {
    const producer = broker.producer();
    const sends = Array.from({ length: 60 }, (_, i) =>
      producer.send([
        {
          topic: 'ordered',
          partition: 0,
          messages: [{ value: Buffer.from(`${i}a`) }, { value: Buffer.from(`${i}b`) }],
        },
        { topic: 'ordered', partition: 1, messages: [{ value: Buffer.from(`${i}`) }] },
      ]),
    );
    const acknowledged = await Promise.all(sends);
    expect(acknowledged.map(([zero]) => zero?.baseOffset)).toEqual(sends.map((_, i) => 2 * i));
    expect(acknowledged.map(([, one]) => one?.baseOffset)).toEqual(sends.map((_, i) => i));
    expect(acknowledged[0]?.[0]).toMatchObject({ topic: broker.topic('ordered'), partition: 0 });
    const values = (await all('ordered', 0)).map(({ value }) => value?.toString());
    expect(values).toEqual(sends.flatMap((_, i) => [`${i}a`, `${i}b`]));
    await producer.close();
  });

  test('keys, headers, tombstones, timestamps and bytes arrive as they were', async () => {
    await makeTopic(broker, 'shapes', 1);
    const producer = broker.producer();
    const backing = new Uint8Array(100).map((_, i) => i);
    const view = backing.subarray(10, 20);
    await producer.send([
      {
        topic: 'shapes',
        partition: 0,
        messages: [
          { key: 'k', value: view, headers: { 'received-at': '123', name: 'ü' }, timestampMs: 1_700_000_000_000 },
          { key: Buffer.from([0, 255]), value: null },
          { key: null, value: Buffer.alloc(0) },
        ],
      },
    ]);
    const [first, second, third] = await all('shapes', 0);
    expect(first?.key?.toString()).toBe('k');
    expect([...(first?.value ?? [])]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(first?.headers).toEqual({ 'received-at': '123', name: 'ü' });
    expect(first?.timestampMs).toBe(1_700_000_000_000);
    expect([...(second?.key ?? [])]).toEqual([0, 255]);
    expect(second?.value).toBeNull();
    expect(third?.key).toBeNull();
    expect(third?.value?.length).toBe(0);
    const own = packed(first?.value ?? Buffer.alloc(0));
    expect(own.buffer.byteLength).toBe(10);
    await producer.close();
  });

  test('a message of 15 MiB passes, one that is larger than the topic takes is refused in words', async () => {
    await makeTopic(broker, 'large', 1);
    const producer = broker.producer();
    // Random, so that compression does not make it small.
    const noise = (bytes: number) => {
      const part = crypto.getRandomValues(new Uint8Array(65_536));
      return Buffer.concat(
        Array.from({ length: bytes / 65_536 }, (_, i) => part.map((byte, k) => (byte + i * k) & 255)),
      );
    };
    const large = noise(15 * 1024 * 1024);
    const send = (value: Buffer) => producer.send([{ topic: 'large', partition: 0, messages: [{ value }] }]);
    expect(await send(large)).toMatchObject([{ baseOffset: 0 }]);
    const [back] = await all('large', 0);
    expect(back?.value?.equals(large)).toBe(true);
    await expect(send(noise(17 * 1024 * 1024))).rejects.toMatchObject({
      code: 'MESSAGE_OVERSIZED',
      message: expect.stringMatching(/large\/0.*max\.message\.bytes/),
    });
    expect(await send(Buffer.from('after a failure the producer works')), 'with a new client').toMatchObject([
      { baseOffset: 1 },
    ]);
    await producer.close();
  });

  test('an acknowledgement that does not rise is a failure', async () => {
    // The log is made anew behind the producer's back: offsets begin at 0 again.
    const { broker: other } = await connect({ topicPrefix: broker.topic('') });
    await makeTopic(other, 'anew', 1);
    const producer = other.producer();
    const send = () => producer.send([{ topic: 'anew', partition: 0, messages: [{ value: Buffer.from('x') }] }]);
    await send();
    await send();
    await deleteTopic(other.topic('anew'));
    await makeTopic(other, 'anew', 1);
    let failure: unknown = null;
    while (failure === null || (failure instanceof Error && 'action' in failure && failure.action === 'retry')) {
      failure = await send().then(
        () => expect.unreachable('acknowledged below what was acknowledged before'),
        (error: unknown) => error,
      );
    }
    expect(failure).toMatchObject({
      code: 'OFFSET_BEYOND_END',
      message: expect.stringMatching(/anew\/0.*offset 0.*below 2/),
    });
    await other.close();
  });

  test('a closed producer sends nothing', async () => {
    const producer = broker.producer();
    await producer.close();
    await expect(
      producer.send([{ topic: 'ordered', partition: 0, messages: [{ value: null }] }]),
    ).rejects.toMatchObject({ code: 'KAFKA_SEND_FAILED' });
  });
});
