/** The encoder against the Avro specification's own bytes, the decoder of this package, and the pipeline's. */
import { UsageDecoder } from '@headrace/codec';
import { describe, expect, test } from 'vitest';
import { readContainer, writeContainer } from '../../src/avro/container.ts';
import { ByteReader, MalformedAvro, recordDecoder } from '../../src/avro/decoder.ts';
import { ByteSink, recordEncoder } from '../../src/avro/encoder.ts';
import { parseRecordSchema, usageEventSchema, usageEventSchemaText } from '../../src/avro/schema.ts';
import { Random } from '../../src/random.ts';
import { FRAME_BYTES, writeFrame } from '../../src/workload/files.ts';
import { UsageEvent } from '../../src/workload/usage-event.ts';
import { testSeed } from '../support/seed.ts';

const encodeEvent = recordEncoder<UsageEvent>(usageEventSchema);

function bytesOf(write: (sink: ByteSink) => void): string {
  const sink = new ByteSink(1);
  write(sink);
  return sink.bytes.subarray(0, sink.length).toString('hex');
}

describe('binary encoding', () => {
  // Values and bytes of the table in the specification, and of the zig-zag rule by hand.
  test.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [-2, '03'],
    [-64, '7f'],
    [64, '8001'],
    [8192, '808001'],
    [-(2 ** 31), 'ffffffff0f'],
    [2 ** 31, '8080808010'],
    [Number.MAX_SAFE_INTEGER, 'feffffffffffff1f'],
    [-Number.MAX_SAFE_INTEGER, 'fdffffffffffff1f'],
  ])('the number %i is %s', (value, hex) => {
    expect(bytesOf((sink) => sink.long(value))).toBe(hex);
    expect(new ByteReader(Buffer.from(hex, 'hex')).long()).toBe(value);
  });

  test('a string has its length in bytes in front', () => {
    expect(bytesOf((sink) => sink.string('foo'))).toBe('06666f6f');
    expect(bytesOf((sink) => sink.string('Zoë'))).toBe('085a6fc3ab');
    const long = 'x'.repeat(100);
    expect(bytesOf((sink) => sink.string(long))).toBe(`c801${Buffer.from(long).toString('hex')}`);
  });

  test('a union writes its branch; the record of the specification', () => {
    const text = '{"type":"record","name":"test","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]}';
    const record = recordEncoder<{ a: number; b: string }>(parseRecordSchema(text));
    expect(bytesOf((sink) => record(sink, { a: 27, b: 'foo' }))).toBe('3606666f6f');
    const union = '{"type":"record","name":"t","fields":[{"name":"a","type":["null","string"]}]}';
    const optional = recordEncoder<{ a: string | null }>(parseRecordSchema(union));
    expect(bytesOf((sink) => optional(sink, { a: null }))).toBe('00');
    expect(bytesOf((sink) => optional(sink, { a: 'a' }))).toBe('020261');
  });

  test('damaged bytes are malformed, never read beyond', () => {
    const read = (hex: string) => new ByteReader(Buffer.from(hex, 'hex'));
    expect(() => read('80').long()).toThrow(MalformedAvro);
    expect(() => read('ffffffffffffffffffff01').long()).toThrow(MalformedAvro);
    expect(() => read('0861').string()).toThrow(MalformedAvro);
    expect(() => read('01').string()).toThrow(MalformedAvro);
    expect(() => read('02').boolean()).toThrow(MalformedAvro);
    expect(() => read('0202').take(3)).toThrow(MalformedAvro);
  });
});

/** Every field filled or null at random. */
function randomEvent(random: Random): UsageEvent {
  const event = new UsageEvent();
  for (const field of usageEventSchema.fields) {
    const absent = field.nullBranch !== -1 && random.below(3) === 0;
    const number = field.type === 'int' ? random.below(2 ** 31) : random.below(2 ** 20) * 2 ** random.below(33);
    const text = random.pick(['x', 'é', 'event', '']).repeat(1 + random.below(20));
    const value = field.type === 'string' ? text : field.type === 'boolean' ? random.below(2) === 1 : number;
    Object.assign(event, { [field.name]: absent ? null : value });
  }
  // What the pipeline asks of any event, so that it decodes rather than refuses.
  Object.assign(event, { source: 's', event_id: 'e', service: 'data', iccid: '1', start_time: 1, amount: '1.5' });
  return event;
}

/** Names as the pipeline's decoder gives them. */
function camelCase(event: UsageEvent): Record<string, unknown> {
  const fields = Object.entries(event).map(([name, value]) => [
    name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    // An empty text in a field that may be absent counts as absent.
    value === '' ? null : value,
  ]);
  return Object.fromEntries(fields);
}

const seed = testSeed();
describe(`events (seed ${seed})`, () => {
  const random = new Random(Number.parseInt(seed, 16));
  const events = Array.from({ length: 300 }, () => randomEvent(random));

  test('what is encoded is decoded, here and by the pipeline', () => {
    const decode = recordDecoder(usageEventSchema);
    const pipeline = new UsageDecoder();
    for (const event of events) {
      const sink = new ByteSink(16);
      sink.reserve(FRAME_BYTES);
      writeFrame(sink.bytes, 0, false);
      sink.length = FRAME_BYTES;
      encodeEvent(sink, event);
      const message = sink.bytes.subarray(0, sink.length);
      const reader = new ByteReader(message, FRAME_BYTES);
      expect(decode(reader)).toEqual(usageEventSchema.fields.map((field) => Reflect.get(event, field.name)));
      expect(reader.done).toBe(true);
      const decoded = pipeline.decodeMessage(message);
      expect(decoded).toMatchObject({ kind: 'events', events: [{ refused: null, event: camelCase(event) }] });
    }
  });

  test.each(['null', 'deflate'] as const)('a container file with codec %s', (codec) => {
    const data = new ByteSink(16);
    for (const event of events) encodeEvent(data, event);
    const block = { records: events.length, data: data.bytes.subarray(0, data.length) };
    const metadata = { 'mediation.records': '600' };
    const sync = Buffer.alloc(16, 7);
    const file = writeContainer({ codec, schema: usageEventSchemaText, metadata, sync, blocks: [block, block] });
    const contents = readContainer(file);
    expect(contents.metadata).toMatchObject({ ...metadata, 'avro.codec': codec, 'avro.schema': usageEventSchemaText });
    expect(contents.blocks.map(({ records, data }) => [records, data.equals(block.data)])).toEqual([
      [300, true],
      [300, true],
    ]);
    const decoded = new UsageDecoder().decodeMessage(file);
    if (decoded.kind !== 'events') throw new Error(decoded.detail);
    const expected = [...events, ...events].map(camelCase);
    expect(decoded.events.map((entry) => entry.event)).toEqual(expected);
    for (const end of [4, 100, file.length - 1]) {
      expect(() => readContainer(file.subarray(0, end))).toThrow(MalformedAvro);
    }
  });
});
