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
  /** What a third party asks for the event. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly plmn: string | null;
  readonly rat: string | null;
  /** Kind of key and, from `KEY_WORDS` on, the event id in words; null where no set of identifying fields is complete. */
  readonly key: string | null;
  /** Of all fields but the retransmission flag. */
  readonly payloadHash: number;
}

export type Failure = `rejected:${string}` | `suspended:${string}`;

/** Containers with more are suspended whole. */
const CONTAINER_EVENTS_MAX = 65_536;
const FRAME_BYTES = 5;
/** Letters of a key before the event id. */
export const KEY_WORDS = 2;

type Values = readonly (string | number | boolean | Buffer | null)[];

const keySets = [
  ['e', 'source', 'event_id'],
  ['c', 'record_type', 'node', 'charging_id', 'record_sequence', 'opening_time', 'container_index'],
  ['s', 'recording_function', 'charging_session', 'session_sequence', 'container_sequence'],
] as const;

/** Reads by one writer schema. Fields that it lacks are absent. */
class EventReader {
  readonly #decode: (reader: ByteReader) => Values;
  /** Place of each field of our own schema in the writer's; -1 where it is not there. */
  readonly #at: Readonly<Record<string, number>>;
  readonly #payload: readonly number[];
  readonly #keySets: readonly { readonly kind: string; readonly places: readonly number[] }[];

  constructor(schema: RecordSchema) {
    this.#decode = recordDecoder(schema);
    const place = (name: string): number => schema.fields.findIndex((field) => field.name === name);
    const names = usageEventSchema.fields.map((field) => field.name);
    this.#at = Object.fromEntries(names.map((name) => [name, place(name)]));
    this.#payload = names.filter((name) => name !== 'retransmission').map(place);
    this.#keySets = keySets.map(([kind, ...set]) => ({ kind, places: set.map(place) }));
  }

  read(reader: ByteReader): AuditedEvent {
    const values = this.#decode(reader);
    const at = this.#at;
    return {
      source: textAt(values, at.source) ?? '',
      service: textAt(values, at.service) ?? '',
      iccid: textAt(values, at.iccid),
      imsi: textAt(values, at.imsi),
      msisdn: textAt(values, at.msisdn),
      startTime: numberAt(values, at.start_time) ?? 0,
      endTime: numberAt(values, at.end_time),
      bytesUp: numberAt(values, at.bytes_up) ?? 0,
      bytesDown: numberAt(values, at.bytes_down) ?? 0,
      seconds: numberAt(values, at.seconds) ?? 0,
      units: numberAt(values, at.units) ?? 0,
      amount: textAt(values, at.amount),
      currency: textAt(values, at.currency),
      plmn: textAt(values, at.plmn),
      rat: textAt(values, at.rat),
      key: this.#keyOf(values),
      payloadHash: hashValues(values, this.#payload),
    };
  }

  #keyOf(values: Values): string | null {
    for (const { kind, places } of this.#keySets) {
      if (places.some((place) => isAbsent(values[place]))) continue;
      // Joined, not added up: a text of many pieces would keep all of them.
      return [`${kind}:${values[places[0] ?? -1]}`, ...places.slice(1).map((place) => values[place])].join('/');
    }
    const at = this.#at;
    const subscriber = textAt(values, at.imsi) ?? textAt(values, at.msisdn) ?? textAt(values, at.iccid);
    const reference = textAt(values, at.reference);
    if (subscriber === null || reference === null) return null;
    return [`m:${subscriber}`, textAt(values, at.service), numberAt(values, at.start_time), reference].join('/');
  }
}

function isAbsent(value: Values[number] | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** An empty text is no text. */
function textAt(values: Values, place: number | undefined): string | null {
  const value = values[place ?? -1];
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberAt(values: Values, place: number | undefined): number | null {
  const value = values[place ?? -1];
  return typeof value === 'number' ? value : null;
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
