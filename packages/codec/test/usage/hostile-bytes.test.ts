/** Bytes made to throw, hang or allocate: mutated messages, and crafted ones for schemas with arrays and recursion. */

import avro from 'avsc';
import { describe, expect, test } from 'vitest';
import { builtInSchemas, type DecodedMessage, exactLong, UsageDecoder } from '../../src/index.ts';
import {
  containerOf,
  framed,
  randomWireEvent,
  typeHook,
  usageEventSchema,
  usageEventType,
  wireEvent,
} from '../support/events.ts';
import { type Random, seeded } from '../support/random.ts';

const MUTATIONS = 20_000;
const MEMORY_GROWTH_MAX = 256 * 1024 * 1024;
const long = exactLong;

function mutate(random: Random, value: Buffer): Buffer {
  let bytes = Buffer.from(value);
  for (let change = 1 + random.int(4); change > 0; change--) {
    const at = random.int(bytes.length || 1);
    const kind = random.int(6);
    if (kind === 0) bytes[at] = random.int(256);
    else if (kind === 1) bytes = bytes.subarray(0, at);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.int(8))]);
    else if (kind === 3)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), bytes.subarray(at)]);
    else if (kind === 4)
      bytes = Buffer.concat([bytes.subarray(0, at), long.toBuffer(random.safeInteger()), bytes.subarray(at)]);
    else bytes = Buffer.concat([bytes, bytes.subarray(at)]);
    bytes = Buffer.from(bytes);
  }
  return bytes;
}

/** What every result must be, whatever the bytes were. */
function check(message: DecodedMessage): void {
  if (message.kind === 'refused') {
    if (!['SCHEMA_INVALID', 'SCHEMA_UNKNOWN', 'MESSAGE_TOO_LARGE'].includes(message.code))
      expect.unreachable(message.code);
    return;
  }
  for (const { event, refused, raw } of message.events) {
    if (refused === null && event === null) expect.unreachable('neither event nor refusal');
    if (raw.length === 0) expect.unreachable('no raw bytes');
  }
}

const withArrays = JSON.stringify({
  ...JSON.parse(usageEventSchema),
  fields: [
    { name: 'zeros', type: { type: 'array', items: 'null' } },
    { name: 'texts', type: { type: 'array', items: 'string' } },
    { name: 'counts', type: { type: 'map', values: 'long' } },
    {
      name: 'tree',
      type: ['null', { type: 'record', name: 'Tree', fields: [{ name: 'child', type: ['null', 'Tree'] }] }],
    },
    ...JSON.parse(usageEventSchema).fields,
  ],
});
const arrayType = avro.Type.forSchema(JSON.parse(withArrays), { typeHook });
const arrayDecoder = new UsageDecoder({ schemaText: () => withArrays });
const plain = { zeros: [null, null], texts: ['a'], counts: { a: 1 }, tree: { child: { child: null } } };

test(`${MUTATIONS} mutated messages: none throws, hangs or eats memory`, async () => {
  const random = seeded();
  const decoder = new UsageDecoder(builtInSchemas());
  const file = await containerOf([wireEvent(), wireEvent({ event_id: 'e-2' })], { codec: 'deflate' });
  const before = process.memoryUsage().rss;
  for (let round = 0; round < MUTATIONS; round++) {
    const wire = randomWireEvent(random);
    const kind = round % 4;
    if (kind === 0) check(decoder.decodeMessage(mutate(random, file)));
    else if (kind === 1)
      check(arrayDecoder.decodeMessage(mutate(random, framed(arrayType.toBuffer({ ...wire, ...plain })))));
    else check(decoder.decodeMessage(mutate(random, framed(usageEventType.toBuffer(wire)))));
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY_GROWTH_MAX);
}, 120_000);

describe('crafted for a schema with arrays', () => {
  const tail = usageEventType.toBuffer(wireEvent());
  const empty = Buffer.of(0);
  const counted = (count: number, ...rest: Buffer[]): Buffer => Buffer.concat([long.toBuffer(count), ...rest]);
  const message = (zeros: Buffer, texts: Buffer, counts: Buffer, tree: Buffer): Buffer =>
    framed(Buffer.concat([zeros, texts, counts, tree, tail]));

  test('what it is crafted from is a good event', () => {
    expect(arrayDecoder.decodeMessage(message(empty, empty, empty, empty))).toMatchObject({ kind: 'events' });
    const blocks = counted(-2, long.toBuffer(4), Buffer.of(2, 0x61, 2, 0x62), empty);
    expect(arrayDecoder.decodeMessage(message(empty, blocks, empty, empty))).toMatchObject({ kind: 'events' });
  });

  test.each([
    ['a billion items without bytes', message(counted(1_000_000_000, empty), empty, empty, empty), 'items'],
    [
      'the same with a negative count',
      message(counted(-1_000_000_000, long.toBuffer(0), empty), empty, empty, empty),
      'items',
    ],
    [
      'many small blocks of them',
      message(Buffer.concat([...Array(300).fill(counted(1_000)), empty]), empty, empty, empty),
      'values',
    ],
    ['more items than bytes', message(empty, counted(90_000, empty), empty, empty), ''],
    ['the largest count', message(empty, Buffer.from('feffffffffffffffff01', 'hex'), empty, empty), '2^53'],
    ['the smallest count', message(empty, Buffer.from('ffffffffffffffffff01', 'hex'), empty, empty), '2^53'],
    [
      'a block with a wrong size',
      message(empty, counted(-1, long.toBuffer(1), Buffer.of(2, 0x61), empty), empty, empty),
      'another size',
    ],
    ['a map without end', message(empty, empty, counted(50_000, Buffer.alloc(60)), empty), ''],
    ['values that nest without end', message(empty, empty, empty, Buffer.alloc(100_000, 2)), 'nest deeper'],
    ['a branch that a union has not', message(empty, empty, empty, long.toBuffer(2)), 'no branch 2'],
  ])('%s', (_, value, detail) => {
    const decoded = arrayDecoder.decodeMessage(value);
    expect(decoded).toMatchObject({ kind: 'refused', code: 'SCHEMA_INVALID', outcome: 'rejected' });
    expect(decoded.kind === 'refused' && decoded.detail).toContain(detail);
  });
});

test('a schema that multiplies itself is bounded by values walked, not by its expansion', () => {
  const bomb = (depth: number): unknown =>
    depth === 0
      ? { type: 'record', name: 'Leaf', fields: [] }
      : {
          type: 'record',
          name: `N${depth}`,
          fields: [
            { name: 'a', type: bomb(depth - 1) },
            { name: 'b', type: depth === 1 ? 'Leaf' : `N${depth - 1}` },
          ],
        };
  const schema = JSON.parse(usageEventSchema);
  const text = JSON.stringify({ ...schema, fields: [{ name: 'bomb', type: bomb(40) }, ...schema.fields] });
  const decoded = new UsageDecoder({ schemaText: () => text }).decodeMessage(
    framed(usageEventType.toBuffer(wireEvent())),
  );
  expect(decoded).toMatchObject({ kind: 'refused', code: 'SCHEMA_INVALID' });
});

test.each([
  ['deeply nested', `${'{"type":"array","items":'.repeat(10_000)}"int"${'}'.repeat(10_000)}`],
  [
    'huge',
    JSON.stringify({ type: 'enum', name: 'E', symbols: Array.from({ length: 60_000 }, (_, index) => `S${index}`) }),
  ],
  ['no schema at all', '{"type":"constructor"}'],
  ['with hostile names', '{"type":"record","name":"__proto__","fields":[{"name":"constructor","type":"__proto__"}]}'],
  ['null', 'null'],
])('a writer schema that is %s is refused in words', (_, text) => {
  const decoded = new UsageDecoder({ schemaText: () => text }).decodeMessage(framed(Buffer.of(1, 2, 3)));
  expect(decoded).toMatchObject({ kind: 'refused', code: 'SCHEMA_INVALID' });
});
