/**
 * Single records in Confluent wire format: control totals and findings. Few and small, so they go through avsc. The
 * program's names are camel case, the wire's and the tables' are snake case; the change between them is mechanical.
 */

import { HeadraceError } from '@headrace/platform';
import { typeOf } from '../avro/exact-long.ts';
import { Guard } from '../avro/guard.ts';
import { latestSchema } from '../avro/schemas.ts';
import { ByteReader } from '../bytes/reader.ts';
import type { ControlTotals, Finding } from './framed-types.ts';

const FRAME_BYTES = 5;

class FramedRecord<T extends object> {
  readonly #schema;
  readonly #type;
  readonly #guard: Guard;

  constructor(subject: string) {
    this.#schema = latestSchema(subject);
    this.#type = typeOf(this.#schema.schema);
    this.#guard = new Guard(this.#type);
  }

  encode(record: T): Uint8Array {
    const datum = this.#type.toBuffer(columnsOf(record));
    const value = Buffer.alloc(FRAME_BYTES + datum.length);
    value.writeUInt32BE(this.#schema.id, 1);
    datum.copy(value, FRAME_BYTES);
    return value;
  }

  decode(value: Uint8Array): T {
    const { subject, id } = this.#schema;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    if (bytes.length < FRAME_BYTES || bytes[0] !== 0) throw unreadable(subject, 'it has no schema id');
    if (bytes.readUInt32BE(1) !== id) throw unreadable(subject, `its schema id is ${bytes.readUInt32BE(1)}, not ${id}`);
    const reader = new ByteReader().reset(bytes, FRAME_BYTES);
    this.#guard.walk(reader, { event: 0, message: 0 });
    if (reader.failure !== null) throw unreadable(subject, reader.failure);
    if (reader.pos !== reader.end) throw unreadable(subject, 'bytes follow it');
    const record = this.#type.fromBuffer(bytes.subarray(FRAME_BYTES)) as Record<string, unknown>;
    for (const [field, content] of Object.entries(record)) {
      if (typeof content === 'bigint') throw unreadable(subject, `${field} is past 2^53`);
    }
    return Object.fromEntries(Object.entries(record).map(([field, content]) => [camelCase(field), content])) as T;
  }
}

function unreadable(subject: string, problem: string): HeadraceError {
  return new HeadraceError('CONTROL_MALFORMED', `A ${subject} record cannot be read: ${problem}.`);
}

const controlTotals = new FramedRecord<ControlTotals>('control-totals');
const findings = new FramedRecord<Finding>('finding');

export function encodeControlTotals(totals: ControlTotals): Uint8Array {
  return controlTotals.encode(totals);
}

/** Throws CONTROL_MALFORMED. */
export function decodeControlTotals(value: Uint8Array): ControlTotals {
  return controlTotals.decode(value);
}

export function encodeFinding(finding: Finding): Uint8Array {
  return findings.encode(finding);
}

/** Throws CONTROL_MALFORMED. */
export function decodeFinding(value: Uint8Array): Finding {
  return findings.decode(value);
}

/** The record with its column names: `eventsIn` becomes `events_in`. */
export function columnsOf(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), value]),
  );
}

function camelCase(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
