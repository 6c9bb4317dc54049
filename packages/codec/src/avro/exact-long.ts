/**
 * 64-bit longs in generic Avro decoding, exactly: a number where it is a safe integer, else a bigint. avsc alone
 * throws on the latter.
 */

import avro from 'avsc';
import Long from 'long';

export type ExactLong = number | bigint;

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** avsc takes this type wherever a schema says `long`. */
export const exactLong: avro.types.LongType = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => fromLong(Long.fromBytesLE([...bytes])),
  toBuffer: (value: ExactLong) => Buffer.from(toLong(value).toBytesLE()),
  fromJSON: (value: unknown) => fromLong(toLong(isExactLong(value) ? value : BigInt(String(value)))),
  toJSON: (value: ExactLong) => (typeof value === 'number' ? value : value.toString()),
  isValid: isExactLong,
  compare: (a: ExactLong, b: ExactLong) => (a < b ? -1 : a > b ? 1 : 0),
});

function isExactLong(value: unknown): value is ExactLong {
  return Number.isSafeInteger(value) || (typeof value === 'bigint' && value >= MIN && value <= MAX);
}

function toLong(value: ExactLong): Long {
  return typeof value === 'number' ? Long.fromNumber(value) : Long.fromBigInt(value);
}

function fromLong(value: Long): ExactLong {
  const number = value.toNumber();
  return Number.isSafeInteger(number) ? number : value.toBigInt();
}

/** The type of a schema's text, with exact longs. Throws avsc's errors: callers say what the schema is of. */
export function typeOf(schemaText: string): avro.Type {
  const hook = (schema: unknown): avro.Type | undefined =>
    schema === 'long' || (isObject(schema) && schema.type === 'long') ? exactLong : undefined;
  return avro.Type.forSchema(JSON.parse(schemaText), { typeHook: hook, omitRecordMethods: true });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
