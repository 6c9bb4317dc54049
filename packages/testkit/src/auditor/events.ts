/**
 * Published bytes as events, or as what is wrong with them: a message is a container file, or a frame (a zero byte and
 * a schema id) with one datum. Whatever cannot be read counts as one event.
 */
import { isContainer, readContainer } from '../avro/container.ts';
import { ByteReader, MalformedAvro, recordDecoder } from '../avro/decoder.ts';
import { parseRecordSchema, type RecordSchema, USAGE_EVENT_SCHEMA_ID, usageEventSchema } from '../avro/schema.ts';

/** The decoded fields that matter for outcome and charge. Times in microseconds. */
export interface AuditedEvent {
  readonly source: string;
  readonly service: string;
  readonly iccid: string | null;
  readonly imsi: string | null;
  readonly msisdn: string | null;
  readonly startTime: number;
  readonly endTime: number | null;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly seconds: number;
  readonly units: number;
  readonly plmn: string | null;
  /** The first complete set of fields that identify an event; null where none is. */
  readonly key: string | null;
  /** Of all fields but the retransmission flag. */
  readonly payloadHash: number;
}

export type Failure = `rejected:${string}` | `suspended:${string}`;

/** Containers with more are suspended whole. */
const CONTAINER_EVENTS_MAX = 65_536;
const FRAME_BYTES = 5;

type Values = readonly (string | number | boolean | Buffer | null)[];

/** Reads by one writer schema. Fields that it lacks are absent. */
class EventReader {
  readonly #decode: (reader: ByteReader) => Values;
  readonly #index: ReadonlyMap<string, number>;
  /** Places of the fields that make the payload, in the order of our own schema. */
  readonly #payload: readonly number[];

  constructor(schema: RecordSchema) {
    this.#decode = recordDecoder(schema);
    this.#index = new Map(schema.fields.map((field, index) => [field.name, index]));
    const fields = usageEventSchema.fields.filter((field) => field.name !== 'retransmission');
    this.#payload = fields.map((field) => this.#index.get(field.name) ?? -1);
  }

  read(reader: ByteReader): AuditedEvent {
    const values = this.#decode(reader);
    const at = (name: string): Values[number] => values[this.#index.get(name) ?? -1] ?? null;
    return {
      source: textOf(at('source')) ?? '',
      service: textOf(at('service')) ?? '',
      iccid: textOf(at('iccid')),
      imsi: textOf(at('imsi')),
      msisdn: textOf(at('msisdn')),
      startTime: numberOf(at('start_time')) ?? 0,
      endTime: numberOf(at('end_time')),
      bytesUp: numberOf(at('bytes_up')) ?? 0,
      bytesDown: numberOf(at('bytes_down')) ?? 0,
      seconds: numberOf(at('seconds')) ?? 0,
      units: numberOf(at('units')) ?? 0,
      plmn: textOf(at('plmn')),
      key: eventKey(at),
      payloadHash: hashValues(values, this.#payload),
    };
  }
}

/** An empty text is no text. */
function textOf(value: Values[number]): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOf(value: Values[number]): number | null {
  return typeof value === 'number' ? value : null;
}

function eventKey(at: (name: string) => Values[number]): string | null {
  const set = (kind: string, names: readonly string[]): string | null => {
    let key = kind;
    for (const name of names) {
      const value = at(name);
      if (value === null || value === '') return null;
      key += `|${String(value)}`;
    }
    return key;
  };
  return (
    set('e', ['source', 'event_id']) ??
    set('c', ['record_type', 'node', 'charging_id', 'record_sequence', 'opening_time', 'container_index']) ??
    set('s', ['recording_function', 'charging_session', 'session_sequence', 'container_sequence']) ??
    callKey(at)
  );
}

function callKey(at: (name: string) => Values[number]): string | null {
  const subscriber = textOf(at('imsi')) ?? textOf(at('msisdn')) ?? textOf(at('iccid'));
  const reference = textOf(at('reference'));
  if (subscriber === null || reference === null) return null;
  return `m|${subscriber}|${String(at('service'))}|${String(at('start_time'))}|${reference}`;
}

/** 53 bits, to tell two payloads under one key apart. */
function hashValues(values: Values, fields: readonly number[]): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < fields.length; index++) {
    const given = values[fields[index] ?? -1] ?? null;
    if (given === null) continue;
    const value = String(given);
    for (let at = 0; at <= value.length; at++) {
      // One step beyond the end stands for the border between two fields.
      const code = at === value.length ? 0x10000 + index : value.charCodeAt(at);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
  }
  high ^= low >>> 15;
  low ^= high >>> 13;
  return ((high >>> 0) & 0x1fffff) * 0x1_0000_0000 + (low >>> 0);
}

export class MessageReader {
  readonly #framed = new EventReader(usageEventSchema);
  readonly #bySchema = new Map<string, EventReader>();

  /** What a message holds: its events, or one failure that stands for the whole. */
  read(value: Buffer): readonly (AuditedEvent | Failure)[] {
    if (isContainer(value)) return this.#readContainer(value);
    if (value.length < FRAME_BYTES || value[0] !== 0) return ['rejected:SCHEMA_INVALID'];
    if (value.readUInt32BE(1) !== USAGE_EVENT_SCHEMA_ID) return ['suspended:SCHEMA_UNKNOWN'];
    try {
      const reader = new ByteReader(value, FRAME_BYTES);
      const event = this.#framed.read(reader);
      return [reader.done ? event : 'rejected:SCHEMA_INVALID'];
    } catch (error) {
      if (!(error instanceof MalformedAvro)) throw error;
      return ['rejected:SCHEMA_INVALID'];
    }
  }

  #readContainer(value: Buffer): readonly (AuditedEvent | Failure)[] {
    const events: AuditedEvent[] = [];
    try {
      const file = readContainer(value);
      const reader = this.#readerOf(file.schema);
      const records = file.blocks.reduce((sum, block) => sum + block.records, 0);
      if (records > CONTAINER_EVENTS_MAX) return ['suspended:MESSAGE_TOO_LARGE'];
      for (const block of file.blocks) {
        const bytes = new ByteReader(block.data);
        for (let record = 0; record < block.records; record++) events.push(reader.read(bytes));
        if (!bytes.done) throw new MalformedAvro('A block has bytes beyond its records.');
      }
    } catch (error) {
      if (!(error instanceof MalformedAvro)) throw error;
      return ['suspended:SCHEMA_INVALID'];
    }
    return events;
  }

  #readerOf(schema: string): EventReader {
    let reader = this.#bySchema.get(schema);
    if (reader === undefined) {
      reader = new EventReader(parseRecordSchema(schema));
      this.#bySchema.set(schema, reader);
    }
    return reader;
  }
}
