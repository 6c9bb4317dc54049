/**
 * Avro binary encoding, driven by the schema and written from the Avro specification: numbers as zig-zag varints,
 * strings with their length in front, a union as the number of its branch and then the value.
 */
import type { Field, RecordSchema } from './schema.ts';

/** A growing buffer. `bytes.subarray(0, length)` is what was written. */
export class ByteSink {
  bytes: Buffer;
  length = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  /** Makes room for `more` bytes. Views that were handed out keep the old buffer. */
  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Avro int or long; exact for safe integers. */
  long(value: number): void {
    this.reserve(10);
    if (value >= -0x4000_0000 && value < 0x4000_0000) {
      let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
      while (zigzag > 0x7f) {
        this.bytes[this.length++] = (zigzag & 0x7f) | 0x80;
        zigzag >>>= 7;
      }
      this.bytes[this.length++] = zigzag;
      return;
    }
    // Doubling a large value could pass 2^53, so the lowest bit of the zig-zag form is made apart.
    let rest = value < 0 ? -value - 1 : value;
    let low = (rest % 64) * 2 + (value < 0 ? 1 : 0);
    rest = Math.floor(rest / 64);
    while (rest > 0) {
      this.bytes[this.length++] = low | 0x80;
      low = rest % 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = low;
  }

  string(value: string): void {
    const { length } = value;
    this.reserve(length * 3 + 10);
    const start = this.length;
    if (length < 64) {
      // The common case: short ASCII, whose length takes one byte.
      const { bytes } = this;
      bytes[start] = length << 1;
      let index = 0;
      for (; index < length; index++) {
        const code = value.charCodeAt(index);
        if (code > 0x7f) break;
        bytes[start + 1 + index] = code;
      }
      if (index === length) {
        this.length = start + 1 + length;
        return;
      }
    }
    this.long(Buffer.byteLength(value));
    this.length += this.bytes.write(value, this.length);
  }
}

type FieldValue = string | number | boolean | Uint8Array | null;
type FieldWriter<R> = (sink: ByteSink, record: R) => void;

/** @returns a function that appends one datum. `R` has a property for each field of the schema, by the same name. */
export function recordEncoder<R extends object>(schema: RecordSchema): (sink: ByteSink, record: R) => void {
  const writers = schema.fields.map((field) => fieldWriter<R>(field));
  return (sink, record) => {
    for (const write of writers) write(sink, record);
  };
}

function fieldWriter<R extends object>(field: Field): FieldWriter<R> {
  const name = field.name as keyof R;
  const write = valueWriter(field);
  const { nullBranch } = field;
  if (nullBranch === -1) return (sink, record) => write(sink, record[name] as FieldValue);
  // A branch number is a long: 0 is one byte 0x00, and 1 is one byte 0x02.
  const nullByte = nullBranch << 1;
  const valueByte = (1 - nullBranch) << 1;
  return (sink, record) => {
    const value = record[name] as FieldValue;
    if (value === null) return sink.byte(nullByte);
    sink.byte(valueByte);
    write(sink, value);
  };
}

function valueWriter(field: Field): (sink: ByteSink, value: FieldValue) => void {
  switch (field.type) {
    case 'string':
      return (sink, value) => sink.string(value as string);
    case 'int':
    case 'long':
      return (sink, value) => sink.long(value as number);
    case 'boolean':
      return (sink, value) => sink.byte(value ? 1 : 0);
    default:
      throw new Error(`Field ${field.name}: type ${field.type} is not written here.`);
  }
}
