/**
 * Avro binary decoding for the auditor, driven by the schema. It reads bytes that may be damaged: every read is bounded
 * by the buffer, and whatever does not fit is a `MalformedAvro`.
 */
import type { Field, RecordSchema } from './schema.ts';

export class MalformedAvro extends Error {}

/** Values in the order of the schema's fields. */
export type Datum = readonly (string | number | boolean | Buffer | null)[];

export class ByteReader {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;

  constructor(bytes: Buffer, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get done(): boolean {
    return this.position === this.end;
  }

  byte(): number {
    if (this.position >= this.end) throw new MalformedAvro('The data ends too early.');
    return this.bytes[this.position++] ?? 0;
  }

  /** Exact for safe integers; beyond them the nearest double, which is all that a check of bounds needs. */
  long(): number {
    let magnitude = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.byte();
      if (count === 0) {
        magnitude = (byte & 0x7f) >> 1;
        scale = 64;
        if (byte < 0x80) return byte & 1 ? -magnitude - 1 : magnitude;
        continue;
      }
      magnitude += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return this.#signed(this.position - count - 1, magnitude);
    }
    throw new MalformedAvro('A number has more than 10 bytes.');
  }

  #signed(first: number, magnitude: number): number {
    return (this.bytes[first] ?? 0) & 1 ? -magnitude - 1 : magnitude;
  }

  take(length: number): Buffer {
    if (length < 0 || length > this.end - this.position) throw new MalformedAvro(`A length of ${length} does not fit.`);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  string(): string {
    const length = this.long();
    if (length < 0 || length > this.end - this.position) throw new MalformedAvro(`A length of ${length} does not fit.`);
    this.position += length;
    return this.bytes.toString('utf8', this.position - length, this.position);
  }

  boolean(): boolean {
    const byte = this.byte();
    if (byte > 1) throw new MalformedAvro(`${byte} is no boolean.`);
    return byte === 1;
  }
}

/** @returns a function that reads one datum and leaves the reader behind it. */
export function recordDecoder(schema: RecordSchema): (reader: ByteReader) => Datum {
  const { fields } = schema;
  return (reader) => fields.map((field) => readField(reader, field));
}

function readField(reader: ByteReader, field: Field): Datum[number] {
  if (field.nullBranch !== -1) {
    const branch = reader.long();
    if (branch === field.nullBranch) return null;
    if (branch !== 1 - field.nullBranch) throw new MalformedAvro(`Field ${field.name} has no branch ${branch}.`);
  }
  switch (field.type) {
    case 'string':
      return reader.string();
    case 'int':
    case 'long':
      return reader.long();
    case 'boolean':
      return reader.boolean();
    case 'bytes':
      return reader.take(reader.long());
    case 'double':
      return reader.take(8).readDoubleLE();
    default: {
      const never: never = field.type;
      throw new Error(`Type ${String(never)} is not read here.`);
    }
  }
}
