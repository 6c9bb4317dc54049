/** The contracts of schemas/avro: ids, evolution, and exactness of 64-bit longs. */

import avro from 'avsc';
import { describe, expect, test } from 'vitest';
import { typeOf } from '../../src/avro/exact-long.ts';
import { canRead, checkVersions, schemaManifest } from '../../src/index.ts';

describe('the manifest', () => {
  test('has unique ids and parses every schema', () => {
    const all = schemaManifest();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ subject, version }) => `${subject} ${version}`)).size).toBe(all.length);
    for (const { schema, subject } of all) {
      const kind = ['guided-profiles', 'guided-contexts'].includes(subject)
        ? avro.types.ArrayType
        : avro.types.RecordType;
      expect(typeOf(schema)).toBeInstanceOf(kind);
    }
  });

  test('has, of each subject, only versions that read each other', () => {
    for (const [subject, versions] of Map.groupBy(schemaManifest(), ({ subject }) => subject)) {
      const named = versions.map(({ version, schema }) => ({ name: `${subject}.v${version}`, text: schema }));
      expect(checkVersions(named)).toEqual([]);
    }
  });
});

describe('a made-up second version', () => {
  const [{ schema: v1 } = { schema: '' }] = schemaManifest();
  type Field = Record<string, unknown>;
  const versions = (change: (fields: Field[]) => Field[]) => {
    const schema = JSON.parse(v1);
    return [
      { name: 'v1', text: v1 },
      { name: 'v2', text: JSON.stringify({ ...schema, fields: change(schema.fields) }) },
    ];
  };
  const change = (name: string, type: unknown) => (fields: Field[]) =>
    fields.map((field) => (field.name === name ? { ...field, type } : field));

  test.each([
    ['a new field with a default', (f: Field[]) => [...f, { name: 'slice', type: ['null', 'string'], default: null }]],
    ['a field with a default taken away', (f: Field[]) => f.filter(({ name }) => name !== 'apn')],
    ['fields in another order', (f: Field[]) => f.toReversed()],
    ['another document', (f: Field[]) => f.map((field) => ({ ...field, doc: 'new' }))],
  ])('with %s passes', (_, by) => {
    expect(checkVersions(versions(by))).toEqual([]);
  });

  test.each([
    ['a new field without a default', (f: Field[]) => [...f, { name: 'slice', type: 'string' }], 'v2 cannot read v1'],
    ['a required field taken away', (f: Field[]) => f.filter(({ name }) => name !== 'source'), 'v1 cannot read v2'],
    ['a narrower type', change('bytes_up', 'int'), 'v2 cannot read v1'],
    ['a wider type', change('rating_group', ['null', 'long']), 'v1 cannot read v2'],
    ['another type', change('source', 'bytes'), ''],
    [
      'another unit of time',
      change('start_time', { type: 'long', logicalType: 'timestamp-millis' }),
      'timestamp-millis',
    ],
  ])('with %s is caught', (_, by, words) => {
    if (words === '') return expect(canRead(v1, '"string"')).not.toEqual([]);
    expect(checkVersions(versions(by)).join('\n')).toContain(words);
  });
});

describe('generic longs', () => {
  const type = typeOf(
    '{"type":"record","name":"R","fields":[{"name":"n","type":"long"},{"name":"m","type":["null","long"]}]}',
  );

  test.each([2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n])('%s survives as a bigint', (n) => {
    const bytes = type.toBuffer({ n, m: n });
    expect({ ...type.fromBuffer(bytes) }).toEqual({ n, m: n });
  });

  test.each([
    [0, '00'],
    [-1, '01'],
    [64, '8001'],
    [Number.MAX_SAFE_INTEGER, 'feffffffffffff1f'],
    [Number.MIN_SAFE_INTEGER, 'fdffffffffffff1f'],
  ])('%s is a number, in the bytes that the specification says', (n, hex) => {
    const bytes = type.toBuffer({ n, m: null });
    expect({ ...type.fromBuffer(bytes) }).toEqual({ n, m: null });
    expect(bytes.toString('hex')).toBe(`${hex}00`);
  });

  test('the largest has the bytes that the specification says', () => {
    expect(type.toBuffer({ n: 2n ** 63n - 1n, m: null }).toString('hex')).toBe('feffffffffffffffff0100');
    expect(type.toBuffer({ n: -(2n ** 63n), m: null }).toString('hex')).toBe('ffffffffffffffffff0100');
  });
});
