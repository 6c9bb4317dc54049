/**
 * A tiny writer of Avro container files for tests: it knows just the types that schemas/avro use, and shares nothing with
 * the pipeline's codec, so that an error there cannot hide here.
 *
 *   file  = "Obj" 0x01, metadata map, sync marker, block*
 *   block = long count, long bytes, records, sync marker
 */
import { readFileSync } from 'node:fs';

export type AvroValue =
  | string
  | number
  | bigint
  | Uint8Array
  | null
  | readonly AvroValue[]
  | { [key: string]: AvroValue };
export type AvroRecord = Readonly<Record<string, AvroValue>>;

type Schema =
  | string
  | readonly Schema[]
  | {
      readonly type: string;
      readonly name?: string;
      readonly size?: number;
      readonly items?: Schema;
      readonly values?: Schema;
      readonly fields?: readonly { readonly name: string; readonly type: Schema }[];
    };

/** Types by name: a schema defines one where it first uses it. */
type Named = Map<string, Schema>;

const SYNC = Buffer.alloc(16, 0x5a);

/** The text of schemas/avro/<name>.avsc. */
export function schemaText(name: string): string {
  return readFileSync(new URL(`../../../schemas/avro/${name}.avsc`, import.meta.url), 'utf8');
}

/** `recordsPerBlock` splits the file into several blocks; `times` repeats the blocks, for large files at little cost. */
export function avroFile(
  schema: string,
  records: readonly AvroRecord[],
  recordsPerBlock = 1_000_000,
  times = 1,
): Buffer {
  const parsed = JSON.parse(schema) as Schema;
  const named: Named = new Map();
  const out = new Bytes();
  out.raw(Buffer.from('Obj\u0001', 'latin1'));
  out.long(2n);
  for (const [key, value] of [
    ['avro.schema', schema],
    ['avro.codec', 'null'],
  ] as const) {
    out.string(key);
    out.string(value);
  }
  out.long(0n);
  out.raw(SYNC);
  const blocks = new Bytes();
  for (let at = 0; at < records.length; at += recordsPerBlock) {
    const part = records.slice(at, at + recordsPerBlock);
    const data = new Bytes();
    for (const record of part) write(data, parsed, record as AvroValue, named);
    blocks.long(BigInt(part.length));
    blocks.long(BigInt(data.size));
    blocks.raw(data.taken());
    blocks.raw(SYNC);
  }
  for (let time = 0; time < times; time++) out.raw(blocks.taken());
  return out.taken();
}

/** An amount in units of 1e-12 as fixed(16), big-endian two's complement. */
export function amountBytes(amount: bigint): Uint8Array {
  const hex = BigInt.asUintN(128, amount).toString(16).padStart(32, '0');
  return Buffer.from(hex, 'hex');
}

class Bytes {
  #buffer = Buffer.alloc(1024);
  #used = 0;

  get size(): number {
    return this.#used;
  }

  taken(): Buffer {
    return this.#buffer.subarray(0, this.#used);
  }

  raw(bytes: Uint8Array | readonly number[]): void {
    if (this.#used + bytes.length > this.#buffer.length) {
      const grown = Buffer.allocUnsafe((this.#used + bytes.length) * 2);
      this.#buffer.copy(grown, 0, 0, this.#used);
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Zigzag, seven bits a byte, lowest first. */
  long(value: bigint): void {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    const bytes: number[] = [];
    while (rest > 0xfffffffn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    let small = Number(rest);
    for (; small > 0x7f; small >>>= 7) bytes.push((small & 0x7f) | 0x80);
    bytes.push(small);
    this.raw(bytes);
  }

  string(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.long(BigInt(bytes.length));
    this.raw(bytes);
  }
}

function write(out: Bytes, schema: Schema, value: AvroValue, named: Named): void {
  if (isUnion(schema)) {
    // Only ["null", T] is used by the schemas under test.
    out.long(value === null ? 0n : 1n);
    if (value !== null) write(out, schema[1] ?? 'null', value, named);
    return;
  }
  const known = typeof schema === 'string' ? named.get(schema) : undefined;
  if (known !== undefined) {
    write(out, known, value, named);
    return;
  }
  const complex = typeof schema === 'string' ? { type: schema } : schema;
  const { type } = complex;
  if (complex.name !== undefined) named.set(complex.name, complex);
  switch (type) {
    case 'string':
      out.string(String(value));
      break;
    case 'int':
    case 'long':
      out.long(BigInt(value as number | bigint));
      break;
    case 'bytes':
      out.long(BigInt((value as Uint8Array).length));
      out.raw(value as Uint8Array);
      break;
    case 'fixed':
      if ((value as Uint8Array).length !== complex.size) throw new Error(`fixed(${complex.size}) expected`);
      out.raw(value as Uint8Array);
      break;
    case 'array':
      writeItems(
        out,
        (value as readonly AvroValue[]).map((item) => [item] as const),
        complex.items ?? 'string',
        named,
      );
      break;
    case 'map':
      writeItems(
        out,
        Object.entries(value as Record<string, AvroValue>).map(([k, v]) => [v, k] as const),
        complex.values ?? 'string',
        named,
      );
      break;
    case 'record':
      for (const field of complex.fields ?? [])
        write(out, field.type, (value as Record<string, AvroValue>)[field.name] ?? null, named);
      break;
    default:
      throw new Error(`type ${type} is not known here`);
  }
}

function writeItems(out: Bytes, items: readonly (readonly [AvroValue, string?])[], schema: Schema, named: Named): void {
  if (items.length > 0) out.long(BigInt(items.length));
  for (const [value, key] of items) {
    if (key !== undefined) out.string(key);
    write(out, schema, value, named);
  }
  out.long(0n);
}

function isUnion(schema: Schema): schema is readonly Schema[] {
  return Array.isArray(schema);
}
