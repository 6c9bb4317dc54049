/**
 * Messages of usage.events to usage events. It owns framing, limits and the choice between the fast and the generic
 * path; what an event must have is in `required.ts`.
 *
 *   message = 0x00, schema id (4 bytes, big-endian), datum      one event (Confluent wire format)
 *           | container file                                    many (Avro Object Container File)
 *
 * Invariants:
 * 1. Nothing throws: every message gives events or a refusal, each with a code.
 * 2. A container with any unreadable part is refused whole. What a single event lacks refuses that event only.
 * 3. The result depends on the message and the look-up's answer alone; what is cached is keyed by the schema's text.
 */

import avro from 'avsc';
import { containerBlocks, decompress, isContainer, openContainer } from '../avro/container.ts';
import { typeOf } from '../avro/exact-long.ts';
import { Guard, type WalkBudget } from '../avro/guard.ts';
import { builtInSchemas, latestSchema } from '../avro/schemas.ts';
import { MESSAGE_EVENTS_MAX } from '../block.ts';
import { ByteReader } from '../bytes/reader.ts';
import { DECOMPRESSED_BYTES_MAX, MESSAGE_BYTES_MAX, SCHEMA_BYTES_MAX, SCHEMAS_KEPT_MAX } from '../limits.ts';
import { type RawRecord, readUsageEvent, usageEventOf } from './read-event.ts';
import { refusalOf } from './required.ts';
import type { DecodedEvent, DecodedMessage, RawEncoding, Refusal, SchemaLookup, UsageEvent } from './usage-event.ts';

const FRAME_BYTES = 5;
const latest = latestSchema('usage-event');

type Compiled =
  | { readonly kind: 'latest' }
  | { readonly kind: 'foreign'; readonly guard: Guard; readonly decode: (datum: Buffer) => RawRecord }
  | { readonly kind: 'unusable'; readonly detail: string };

type Datum = { readonly event: UsageEvent; readonly refused: Refusal | null } | { readonly broken: string };

export class UsageDecoder {
  readonly #schemas: SchemaLookup;
  readonly #compiled = new Map<string, Compiled>();
  readonly #reader = new ByteReader();
  readonly #ourType = typeOf(latest.schema);
  readonly #ourForm = canonicalForm(latest.schema);

  constructor(schemas: SchemaLookup = builtInSchemas()) {
    this.#schemas = schemas;
  }

  /** The views in `raw` share the message's memory. */
  decodeMessage(value: Uint8Array | null): DecodedMessage {
    if (value === null || value.length === 0) return refused('SCHEMA_INVALID', 'rejected', 'The message is empty.');
    if (value.length > MESSAGE_BYTES_MAX) {
      const detail = `The message has ${value.length} bytes; ${MESSAGE_BYTES_MAX} are taken at most.`;
      return refused('MESSAGE_TOO_LARGE', 'suspended', detail);
    }
    if (isContainer(value)) return this.#decodeContainer(value);
    if (value[0] !== 0) {
      const detail = `The first byte is ${value[0]}; 0 (schema id follows) or an Avro container file was expected.`;
      return refused('SCHEMA_INVALID', 'rejected', detail);
    }
    if (value.length < FRAME_BYTES) return refused('SCHEMA_INVALID', 'rejected', 'The message ends before the datum.');
    const id = new DataView(value.buffer, value.byteOffset).getUint32(1);
    return this.#decodeSingle(value, FRAME_BYTES, id, 'message');
  }

  /** Decodes what a suspended record keeps. */
  decodeRaw(raw: Uint8Array, rawEncoding: string): DecodedMessage {
    if (rawEncoding === 'message') return this.decodeMessage(raw);
    if (!rawEncoding.startsWith('datum:')) {
      return refused('SCHEMA_INVALID', 'rejected', `The encoding "${rawEncoding.slice(0, 40)}" is not known.`);
    }
    const name = rawEncoding.slice('datum:'.length);
    const encoding: RawEncoding = `datum:${name}`;
    if (/^[0-9]{1,10}$/.test(name)) return this.#decodeSingle(raw, 0, Number(name), encoding);
    return this.#decodeDatumOf(name, raw, 0, encoding);
  }

  #decodeSingle(value: Uint8Array, from: number, id: number, rawEncoding: RawEncoding): DecodedMessage {
    const text = this.#schemas.schemaText(id);
    if (text === null) return refused('SCHEMA_UNKNOWN', 'suspended', `No schema has the id ${id}.`);
    return this.#decodeDatumOf(text, value, from, rawEncoding);
  }

  #decodeDatumOf(text: string, value: Uint8Array, from: number, rawEncoding: RawEncoding): DecodedMessage {
    const schema = this.#compile(text);
    if (schema.kind === 'unusable') return refused('SCHEMA_INVALID', 'rejected', schema.detail);
    const reader = this.#reader.reset(value, from);
    const datum = readDatum(schema, reader, { event: 0, message: 0 });
    if ('broken' in datum) return refused('SCHEMA_INVALID', 'rejected', `The event is unreadable: ${datum.broken}.`);
    if (reader.pos !== reader.end) {
      const detail = `${reader.end - reader.pos} bytes follow the event.`;
      return refused('SCHEMA_INVALID', 'rejected', detail);
    }
    return { kind: 'events', events: [decoded(datum, value, rawEncoding)] };
  }

  #decodeContainer(value: Uint8Array): DecodedMessage {
    const container = openContainer(value);
    if (typeof container === 'string') return brokenContainer(container);
    const text = container.metadata.get('avro.schema')?.toString('utf8');
    if (text === undefined) return brokenContainer('it has no schema');
    const schema = this.#compile(text);
    if (schema.kind === 'unusable') return refused('SCHEMA_INVALID', 'suspended', schema.detail);
    const blocks = containerBlocks(container, MESSAGE_EVENTS_MAX);
    if (typeof blocks === 'string') {
      return blocks.endsWith('events') ? tooLarge(blocks) : brokenContainer(blocks);
    }
    const codec = container.metadata.get('avro.codec')?.toString('latin1') ?? 'null';
    const rawEncoding: RawEncoding = schema.kind === 'latest' ? `datum:${latest.id}` : `datum:${withoutDocs(text)}`;
    const budget: WalkBudget = { event: 0, message: 0 };
    const events: DecodedEvent[] = [];
    let left = DECOMPRESSED_BYTES_MAX;
    for (const block of blocks) {
      const plain = decompress(codec, container.bytes.subarray(block.from, block.to), left);
      if ('problem' in plain) return plain.tooLarge ? tooLarge(plain.problem) : brokenContainer(plain.problem);
      left -= plain.data.length;
      const reader = this.#reader.reset(plain.data);
      for (let index = 0; index < block.count; index++) {
        const from = reader.pos;
        const datum = readDatum(schema, reader, budget);
        if ('broken' in datum) return brokenContainer(`event ${events.length} is unreadable: ${datum.broken}`);
        if (reader.pos === from) return brokenContainer('its events have no bytes');
        events.push(decoded(datum, plain.data.subarray(from, reader.pos), rawEncoding));
      }
      if (reader.pos !== reader.end) return brokenContainer(`${reader.end - reader.pos} bytes follow a block's events`);
    }
    return { kind: 'events', events };
  }

  #compile(text: string): Compiled {
    const kept = this.#compiled.get(text);
    if (kept !== undefined) return kept;
    const compiled = compile(text, this.#ourType, this.#ourForm);
    if (this.#compiled.size >= SCHEMAS_KEPT_MAX) this.#compiled.clear();
    this.#compiled.set(text, compiled);
    return compiled;
  }
}

function compile(text: string, ourType: avro.Type, ourForm: string): Compiled {
  if (text.length > SCHEMA_BYTES_MAX) {
    return { kind: 'unusable', detail: `The writer schema has more than ${SCHEMA_BYTES_MAX} bytes.` };
  }
  try {
    if (canonicalForm(text) === ourForm) return { kind: 'latest' };
    const writer = typeOf(text);
    const resolver = ourType.createResolver(writer);
    const decode = (datum: Buffer): RawRecord => ourType.fromBuffer(datum, resolver) as RawRecord;
    return { kind: 'foreign', guard: new Guard(writer), decode };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'unusable', detail: `The writer schema cannot be read as a usage event: ${why.slice(0, 300)}.` };
  }
}

/** Reads one datum and leaves the reader behind it. */
function readDatum(schema: Exclude<Compiled, { kind: 'unusable' }>, reader: ByteReader, budget: WalkBudget): Datum {
  reader.overflow = '';
  reader.oversized = '';
  if (schema.kind === 'latest') {
    const event = readUsageEvent(reader);
    if (reader.failure !== null) return { broken: reader.failure };
    return { event, refused: refusalOf(event, reader) };
  }
  const from = reader.pos;
  schema.guard.walk(reader, budget);
  if (reader.failure !== null) return { broken: reader.failure };
  try {
    const notes = { overflow: '', oversized: '' };
    const event = usageEventOf(schema.decode(reader.bytes.subarray(from, reader.pos)), notes);
    return { event, refused: refusalOf(event, notes) };
  } catch (error) {
    return { broken: error instanceof Error ? error.message.slice(0, 300) : 'it does not fit its schema' };
  }
}

function decoded(datum: Exclude<Datum, { broken: string }>, raw: Uint8Array, rawEncoding: RawEncoding): DecodedEvent {
  const { event, refused: refusal } = datum;
  if (refusal === null) return { event, refused: null, raw, rawEncoding };
  const partial = refusal.code === 'OVERFLOW' || refusal.code === 'MESSAGE_TOO_LARGE';
  return { event: partial ? null : event, refused: refusal, raw, rawEncoding };
}

function refused(code: Refusal['code'], outcome: Refusal['outcome'], detail: string): DecodedMessage {
  return { kind: 'refused', code, outcome, detail };
}

/** The file can be mended and sent again, so it is suspended. */
function brokenContainer(problem: string): DecodedMessage {
  return refused('SCHEMA_INVALID', 'suspended', `The container file is unreadable: ${problem}.`);
}

function tooLarge(problem: string): DecodedMessage {
  return refused('MESSAGE_TOO_LARGE', 'suspended', `The container file is too large: ${problem}.`);
}

/** Equal forms mean equal bytes for equal events: names, order and types, without documents, defaults and aliases. */
function canonicalForm(text: string): string {
  return JSON.stringify(avro.Type.forSchema(JSON.parse(text)).schema());
}

function withoutDocs(text: string): string {
  return JSON.stringify(JSON.parse(text, (key, value: unknown) => (key === 'doc' ? undefined : value)));
}
