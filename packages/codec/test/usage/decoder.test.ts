import { deflateRawSync, zstdCompressSync } from 'node:zlib';
import avro from 'avsc';
import { describe, expect, test } from 'vitest';
import {
  builtInSchemas,
  type DecodedMessage,
  MESSAGE_BYTES_MAX,
  MESSAGE_EVENTS_MAX,
  STRING_BYTES_MAX,
  UsageDecoder,
} from '../../src/index.ts';
import {
  containerOf,
  expectedEvent,
  framed,
  randomWireEvent,
  typeHook,
  usageEventSchema,
  usageEventType,
  wireEvent,
} from '../support/events.ts';
import { seeded } from '../support/random.ts';

const decoder = new UsageDecoder(builtInSchemas());
const single = (changes: Record<string, unknown>): Buffer => framed(usageEventType.toBuffer(wireEvent(changes)));

/** The code, outcome and detail of a message's refusal or of its only event's. */
function refusalIn(message: DecodedMessage) {
  if (message.kind === 'refused') return { ...message, whole: true };
  expect(message.events).toHaveLength(1);
  return { ...message.events[0]?.refused, whole: false };
}

function withoutSync(file: Buffer): Buffer {
  return Buffer.concat([file.subarray(0, -16), Buffer.alloc(16)]);
}

/** A schema like ours that is not byte for byte ours: it goes the generic way. */
function foreignSchema(change: (fields: Record<string, unknown>[]) => Record<string, unknown>[]): string {
  const schema = JSON.parse(usageEventSchema);
  return JSON.stringify({ ...schema, fields: change(schema.fields) });
}

describe('single events', () => {
  test('are what avsc decodes, field by field', () => {
    const random = seeded();
    for (let round = 0; round < 3_000; round++) {
      const wire = randomWireEvent(random);
      const value = framed(usageEventType.toBuffer(wire));
      const message = decoder.decodeMessage(value);
      if (message.kind !== 'events') return expect.unreachable(message.detail);
      const [entry] = message.events;
      expect(entry?.event).toEqual(expectedEvent(wire));
      expect(entry?.raw).toBe(value);
      expect(entry?.rawEncoding).toBe('message');
    }
  });

  test('of another writer schema give the same event as ours, with defaults for what is absent', () => {
    const random = seeded();
    const reversed = foreignSchema((fields) => [
      { name: 'extra', type: { type: 'map', values: ['null', 'string', { type: 'array', items: 'double' }] } },
      ...fields.toReversed(),
    ]);
    const type = avro.Type.forSchema(JSON.parse(reversed), { typeHook });
    const lookup = new UsageDecoder({ schemaText: (id) => (id === 77 ? reversed : null) });
    for (let round = 0; round < 1_000; round++) {
      const wire = randomWireEvent(random);
      const extra = { a: null, b: 'x', c: [1, 2.5] };
      const message = lookup.decodeMessage(framed(type.toBuffer({ ...wire, extra }), 77));
      if (message.kind !== 'events') return expect.unreachable(message.detail);
      expect(message.events[0]?.event).toEqual(expectedEvent(wire));
    }
  });

  test('of an older writer with narrower types are promoted', () => {
    const older = foreignSchema((fields) =>
      fields
        .filter(({ name }) =>
          ['source', 'event_id', 'service', 'iccid', 'start_time', 'bytes_up'].includes(String(name)),
        )
        .map((field) => (field.name === 'bytes_up' ? { name: 'bytes_up', type: 'int' } : field)),
    );
    const wire = { source: 's', event_id: 'e', service: 'data', iccid: '89', start_time: 5, bytes_up: 7 };
    const value = framed(avro.Type.forSchema(JSON.parse(older)).toBuffer(wire), 9);
    const message = new UsageDecoder({ schemaText: () => older }).decodeMessage(value);
    if (message.kind !== 'events') return expect.unreachable(message.detail);
    expect(message.events[0]?.event).toMatchObject({ ...expectedEvent(wire), bytesDown: 0, plmn: null });
  });

  test.each([
    ['nothing', null, 'SCHEMA_INVALID', 'rejected', 'empty'],
    ['no bytes', new Uint8Array(), 'SCHEMA_INVALID', 'rejected', 'empty'],
    ['a byte that is no frame', Uint8Array.from([7, 1]), 'SCHEMA_INVALID', 'rejected', 'first byte is 7'],
    ['a frame without a datum', Uint8Array.from([0, 0, 0]), 'SCHEMA_INVALID', 'rejected', 'ends before'],
    ['a truncated datum', single({}).subarray(0, 40), 'SCHEMA_INVALID', 'rejected', 'unreadable'],
    [
      'bytes after the datum',
      Buffer.concat([single({}), Buffer.of(1, 2)]),
      'SCHEMA_INVALID',
      'rejected',
      '2 bytes follow',
    ],
    ['an unknown schema', framed(Buffer.of(1), 4711), 'SCHEMA_UNKNOWN', 'suspended', 'id 4711'],
    [
      'a schema of something else',
      framed(Buffer.of(1), 2),
      'SCHEMA_INVALID',
      'rejected',
      'cannot be read as a usage event',
    ],
    [
      'too many bytes',
      Buffer.alloc(MESSAGE_BYTES_MAX + 1),
      'MESSAGE_TOO_LARGE',
      'suspended',
      String(MESSAGE_BYTES_MAX),
    ],
  ])('%s', (_, value, code, outcome, detail) => {
    const refusal = refusalIn(decoder.decodeMessage(value));
    expect(refusal).toMatchObject({ code, outcome, whole: true });
    expect(refusal.detail).toContain(detail);
  });

  test.each([
    ['source', { source: '' }, 'FIELD_MISSING', 'rejected'],
    ['service', { service: '' }, 'FIELD_MISSING', 'rejected'],
    ['iccid', { iccid: null }, 'FIELD_MISSING', 'rejected'],
    ['iccid', { iccid: '' }, 'FIELD_MISSING', 'rejected'],
    ['start_time', { start_time: 0 }, 'FIELD_MISSING', 'rejected'],
    ['start_time', { start_time: -1 }, 'FIELD_MISSING', 'rejected'],
    ['event key', { event_id: null }, 'FIELD_MISSING', 'rejected'],
    ['amount', { amount: '1.2.3' }, 'QUANTITY_INVALID', 'suspended'],
    ['apn', { apn: 'a'.repeat(STRING_BYTES_MAX + 1) }, 'MESSAGE_TOO_LARGE', 'suspended'],
  ])('%s as %j', (field, changes, code, outcome) => {
    const refusal = refusalIn(decoder.decodeMessage(single(changes)));
    expect(refusal).toMatchObject({ code, outcome, whole: false });
    expect(refusal.detail).toContain(field);
  });

  test.each([2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n])('a count of %s is an overflow, on both paths', (bytes) => {
    const datum = usageEventType.toBuffer(wireEvent({ bytes_down: bytes }));
    expect(refusalIn(decoder.decodeMessage(framed(datum)))).toMatchObject({
      code: 'OVERFLOW',
      outcome: 'suspended',
      detail: expect.stringContaining('bytes_down'),
    });
    const foreign = foreignSchema((fields) => [...fields, { name: 'extra', type: 'null' }]);
    expect(refusalIn(new UsageDecoder({ schemaText: () => foreign }).decodeMessage(framed(datum)))).toMatchObject({
      code: 'OVERFLOW',
      detail: expect.stringContaining('bytes_down'),
    });
  });
});

describe('container files', () => {
  const events = Array.from({ length: 500 }, (_, index) => wireEvent({ event_id: `e-${index}`, bytes_up: index }));
  const zstandard = (data: Buffer, done: (error: null, value: Buffer) => void): void =>
    done(null, zstdCompressSync(data));

  test.each([
    ['null', {}],
    ['deflate', { codec: 'deflate' }],
    ['zstandard', { codec: 'zstandard', codecs: { zstandard } }],
    ['many blocks', { blockSize: 300 }],
  ])('%s: every event, in order, with its own bytes', async (_, options) => {
    const message = decoder.decodeMessage(await containerOf(events, options));
    if (message.kind !== 'events') return expect.unreachable(message.detail);
    expect(message.events.map(({ event }) => event)).toEqual(events.map(expectedEvent));
    for (const [index, entry] of message.events.entries()) {
      expect(entry.rawEncoding).toBe('datum:1');
      expect(usageEventType.toBuffer(events[index]).equals(Buffer.from(entry.raw))).toBe(true);
      const again = decoder.decodeRaw(entry.raw, entry.rawEncoding);
      expect(again.kind === 'events' && again.events[0]?.event).toEqual(entry.event);
    }
  });

  test('of a foreign schema: raw bytes name their schema and decode again by themselves', async () => {
    const foreign = foreignSchema((fields) => [{ name: 'extra', type: 'string' }, ...fields]);
    const file = await containerOf(
      events.map((event) => ({ ...event, extra: 'x' })),
      {},
      JSON.parse(foreign),
    );
    const message = decoder.decodeMessage(file);
    if (message.kind !== 'events') return expect.unreachable(message.detail);
    expect(message.events).toHaveLength(events.length);
    const [entry] = message.events;
    const again = decoder.decodeRaw(entry?.raw ?? new Uint8Array(), entry?.rawEncoding ?? '');
    expect(again.kind === 'events' && again.events[0]?.event).toEqual(expectedEvent(events[0] ?? {}));
  });

  test('one event that lacks a field is refused alone', async () => {
    const message = decoder.decodeMessage(await containerOf([...events, wireEvent({ source: '' })]));
    if (message.kind !== 'events') return expect.unreachable(message.detail);
    expect(message.events.filter(({ refused }) => refused !== null)).toHaveLength(1);
  });

  test('a file without events is none', async () => {
    const file = await containerOf([], { writeHeader: 'always' });
    expect(decoder.decodeMessage(file)).toEqual({ kind: 'events', events: [] });
  });

  const head = (codec: string, schema = usageEventSchema): Buffer => {
    const type = avro.Type.forSchema({ type: 'map', values: 'bytes' });
    const metadata = { 'avro.schema': Buffer.from(schema), 'avro.codec': Buffer.from(codec) };
    return Buffer.concat([Buffer.from('Obj\u0001'), type.toBuffer(metadata), Buffer.alloc(16, 7)]);
  };
  const long = avro.Type.forSchema('long');
  const block = (count: number, data: Buffer): Buffer =>
    Buffer.concat([long.toBuffer(count), long.toBuffer(data.length), data, Buffer.alloc(16, 7)]);
  const datum = usageEventType.toBuffer(wireEvent());

  test.each([
    ['a wrong sync marker', async () => withoutSync(await containerOf(events)), 'sync marker'],
    ['a cut', async () => (await containerOf(events)).subarray(0, -20), 'broken'],
    [
      'a broken codec',
      async () => Buffer.concat([head('deflate'), block(1, Buffer.from('no deflate'))]),
      'deflate data are broken',
    ],
    [
      'broken zstandard',
      async () => Buffer.concat([head('zstandard'), block(1, Buffer.from('no zstd'))]),
      'zstandard data are broken',
    ],
    ['an unknown codec', async () => Buffer.concat([head('bzip2'), block(1, datum)]), '"bzip2"'],
    ['fewer events than it says', async () => Buffer.concat([head('null'), block(2, datum)]), 'event 1 is unreadable'],
    [
      'more bytes than events',
      async () => Buffer.concat([head('null'), block(1, Buffer.concat([datum, datum]))]),
      'follow',
    ],
    ['a negative count', async () => Buffer.concat([head('null'), block(-1, datum)]), 'impossible count'],
    ['no schema', async () => Buffer.concat([Buffer.from('Obj\u0001'), Buffer.alloc(17)]), 'no schema'],
    ['only its first bytes', async () => Buffer.from('Obj\u0001'), 'head is broken'],
    ['a schema that is no JSON', async () => Buffer.concat([head('null', '{'), block(1, datum)]), 'writer schema'],
    [
      'events without bytes',
      async () => Buffer.concat([head('null', '{"type":"record","name":"E","fields":[]}'), block(9, Buffer.alloc(0))]),
      '',
    ],
  ])('%s suspends it whole', async (_, make, detail) => {
    const message = decoder.decodeMessage(await make());
    expect(message).toMatchObject({ kind: 'refused', code: 'SCHEMA_INVALID', outcome: 'suspended' });
    expect(message.kind === 'refused' && message.detail).toContain(detail);
  });

  test('too many events, or too many bytes after decompression, is too large', () => {
    const many = Buffer.concat([head('null'), block(MESSAGE_EVENTS_MAX + 1, datum)]);
    expect(decoder.decodeMessage(many)).toMatchObject({ code: 'MESSAGE_TOO_LARGE', outcome: 'suspended' });
    for (const [codec, compress] of [
      ['deflate', deflateRawSync],
      ['zstandard', zstdCompressSync],
    ] as const) {
      const bomb = Buffer.concat([head(codec), block(1, compress(Buffer.alloc(80 * 1024 * 1024)))]);
      expect(bomb.length).toBeLessThan(200_000);
      expect(decoder.decodeMessage(bomb)).toMatchObject({ code: 'MESSAGE_TOO_LARGE', outcome: 'suspended' });
    }
  });
});
