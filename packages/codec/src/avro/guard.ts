/**
 * The guard that stands before generic decoding. It walks one datum by its writer schema without building anything,
 * and refuses what would make a decoder allocate, loop or recurse without end: a length or count past what remains, an
 * array of items without bytes, a schema that nests or multiplies beyond its limits.
 *
 * Invariants:
 * 1. Work and memory of one datum are bounded by EVENT_VALUES_MAX and VALUE_DEPTH_MAX, whatever the schema.
 * 2. What the guard lets pass, avsc decodes inside the bytes that the guard walked.
 */

import { isUtf8 } from 'node:buffer';
import avro from 'avsc';
import type { ByteReader } from '../bytes/reader.ts';
import { EVENT_VALUES_MAX, MESSAGE_VALUES_MAX, VALUE_DEPTH_MAX } from '../limits.ts';

type Shape =
  | { readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string' }
  | { readonly kind: 'fixed' | 'enum'; readonly size: number }
  | { readonly kind: 'array' | 'map'; readonly items: Shape }
  | { readonly kind: 'union' | 'record'; readonly parts: Shape[] };

/** Values walked so far. One for each message: it carries the message's own limit. */
export interface WalkBudget {
  event: number;
  message: number;
}

export class Guard {
  readonly #shape: Shape;

  constructor(type: avro.Type) {
    this.#shape = shapeOf(type, new Map());
  }

  /** Moves the reader behind one datum, or leaves it with a failure. */
  walk(reader: ByteReader, budget: WalkBudget): void {
    budget.event = 0;
    this.#walk(this.#shape, reader, budget, 0);
    budget.message += budget.event;
    if (budget.message > MESSAGE_VALUES_MAX) reader.fail(`more than ${MESSAGE_VALUES_MAX} values in one message`);
  }

  #walk(shape: Shape, reader: ByteReader, budget: WalkBudget, depth: number): void {
    budget.event++;
    if (budget.event > EVENT_VALUES_MAX) {
      reader.fail(`more than ${EVENT_VALUES_MAX} values in one event`);
      return;
    }
    if (depth > VALUE_DEPTH_MAX) {
      reader.fail(`values nest deeper than ${VALUE_DEPTH_MAX}`);
      return;
    }
    switch (shape.kind) {
      case 'null':
        return;
      case 'boolean':
        reader.boolean();
        return;
      case 'int':
        reader.int();
        return;
      case 'long':
        reader.long('');
        return;
      case 'float':
        reader.skip(4);
        return;
      case 'double':
        reader.skip(8);
        return;
      case 'bytes':
        reader.skipText('bytes');
        return;
      case 'string':
        checkText(reader);
        return;
      case 'fixed':
        reader.skip(shape.size);
        return;
      case 'enum':
        checkIndex(reader, shape.size, 'an enum symbol');
        return;
      case 'array':
      case 'map':
        this.#walkItems(shape.items, shape.kind === 'map', reader, budget, depth);
        return;
      case 'record':
        for (const part of shape.parts) {
          if (reader.failure !== null) return;
          this.#walk(part, reader, budget, depth + 1);
        }
        return;
      case 'union': {
        const index = reader.int();
        const part = shape.parts[index];
        if (part === undefined) {
          reader.fail(`a union has no branch ${index}`);
          return;
        }
        this.#walk(part, reader, budget, depth + 1);
        return;
      }
      default:
        shape satisfies never;
    }
  }

  #walkItems(items: Shape, keys: boolean, reader: ByteReader, budget: WalkBudget, depth: number): void {
    for (;;) {
      reader.overflow = '';
      let count = reader.long('a count');
      if (reader.overflow !== '') {
        reader.fail('a count of items is past 2^53');
        return;
      }
      if (count === 0 || reader.failure !== null) return;
      if (count < 0) {
        count = -count;
        // The size that stands after a negative count only helps to skip; a wrong one would mislead other readers.
        const size = reader.length('the items of a block');
        if (reader.failure !== null) return;
        const end = reader.pos + size;
        this.#walkCounted(items, keys, count, reader, budget, depth);
        if (reader.failure === null && reader.pos !== end) {
          reader.fail('a block of items has another size');
          return;
        }
      } else {
        this.#walkCounted(items, keys, count, reader, budget, depth);
      }
      if (reader.failure !== null) return;
    }
  }

  #walkCounted(
    items: Shape,
    keys: boolean,
    count: number,
    reader: ByteReader,
    budget: WalkBudget,
    depth: number,
  ): void {
    if (count > EVENT_VALUES_MAX - budget.event) {
      reader.fail(`an array or map has ${count} items, past the ${EVENT_VALUES_MAX} values of one event,`);
      return;
    }
    for (let index = 0; index < count && reader.failure === null; index++) {
      if (keys) checkText(reader);
      this.#walk(items, reader, budget, depth + 1);
    }
  }
}

function checkText(reader: ByteReader): void {
  const length = reader.length('text');
  const { bytes, pos } = reader;
  if (!isUtf8(bytes.subarray(pos, pos + length))) {
    reader.fail('text is no UTF-8');
    return;
  }
  reader.pos += length;
}

function checkIndex(reader: ByteReader, size: number, what: string): void {
  const index = reader.int();
  if (index < 0 || index >= size) reader.fail(`${what} has the number ${index} of ${size}`);
}

/** The bare shape of an avsc type; named types that contain themselves become cycles. */
function shapeOf(type: avro.Type, known: Map<avro.Type, Shape>): Shape {
  const seen = known.get(type);
  if (seen !== undefined) return seen;
  const keep = (shape: Shape): Shape => {
    known.set(type, shape);
    return shape;
  };
  if (type instanceof avro.types.RecordType) {
    const parts: Shape[] = [];
    const shape = keep({ kind: 'record', parts });
    for (const field of type.fields) parts.push(shapeOf(field.type, known));
    return shape;
  }
  if (type instanceof avro.types.UnwrappedUnionType || type instanceof avro.types.WrappedUnionType) {
    const parts: Shape[] = [];
    const shape = keep({ kind: 'union', parts });
    for (const branch of type.types) parts.push(shapeOf(branch, known));
    return shape;
  }
  if (type instanceof avro.types.ArrayType) return { kind: 'array', items: shapeOf(type.itemsType, known) };
  if (type instanceof avro.types.MapType) return { kind: 'map', items: shapeOf(type.valuesType, known) };
  if (type instanceof avro.types.FixedType) return { kind: 'fixed', size: type.size };
  if (type instanceof avro.types.EnumType) return { kind: 'enum', size: type.symbols.length };
  const name = type.typeName === 'abstract:long' ? 'long' : type.typeName;
  switch (name) {
    case 'null':
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'bytes':
    case 'string':
      return { kind: name };
    default:
      throw new TypeError(`unknown Avro type ${type.typeName}`);
  }
}
