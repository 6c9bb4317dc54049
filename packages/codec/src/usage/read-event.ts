/**
 * usage-event.v1 by hand: the fast path for events written with our latest schema, and the conversion of what the
 * generic path decoded. Both give the same UsageEvent (the tests hold them together).
 *
 * Field order is the wire order of schemas/avro/usage-event.v1.avsc; the decoder uses this path only when the writer
 * schema's canonical form is that file's.
 */

import type { ExactLong } from '../avro/exact-long.ts';
import type { ByteReader } from '../bytes/reader.ts';
import { STRING_BYTES_MAX } from '../limits.ts';
import type { UsageEvent } from './usage-event.ts';

function present(reader: ByteReader): boolean {
  const branch = reader.byte();
  if (branch === 0) return false;
  if (branch !== 2) reader.fail('a union has no such branch');
  return reader.failure === null;
}

function optionalText(reader: ByteReader, field: string): string | null {
  if (!present(reader)) return null;
  const text = reader.text(field);
  return text === '' ? null : text;
}

function optionalRepeated(reader: ByteReader, field: string): string | null {
  if (!present(reader)) return null;
  const text = reader.repeatedText(field);
  return text === '' ? null : text;
}

function optionalLong(reader: ByteReader, field: string): number | null {
  return present(reader) ? reader.long(field) : null;
}

function optionalInt(reader: ByteReader): number | null {
  return present(reader) ? reader.int() : null;
}

/** Reads one datum; the caller looks at the reader's failure, overflow and oversized afterwards. */
export function readUsageEvent(reader: ByteReader): UsageEvent {
  return {
    source: reader.repeatedText('source'),
    eventId: optionalText(reader, 'event_id'),
    service: reader.repeatedText('service'),
    iccid: optionalText(reader, 'iccid'),
    imsi: optionalText(reader, 'imsi'),
    msisdn: optionalText(reader, 'msisdn'),
    imei: optionalText(reader, 'imei'),
    startTime: reader.long('start_time'),
    endTime: optionalLong(reader, 'end_time'),
    utcOffsetMinutes: reader.int(),
    bytesUp: reader.long('bytes_up'),
    bytesDown: reader.long('bytes_down'),
    seconds: reader.long('seconds'),
    units: reader.long('units'),
    amount: optionalText(reader, 'amount'),
    currency: optionalRepeated(reader, 'currency'),
    plmn: optionalRepeated(reader, 'plmn'),
    rat: optionalRepeated(reader, 'rat'),
    apn: optionalRepeated(reader, 'apn'),
    ratingGroup: optionalInt(reader),
    otherParty: optionalText(reader, 'other_party'),
    recordType: optionalRepeated(reader, 'record_type'),
    node: optionalRepeated(reader, 'node'),
    chargingId: optionalLong(reader, 'charging_id'),
    recordSequence: optionalLong(reader, 'record_sequence'),
    openingTime: optionalLong(reader, 'opening_time'),
    containerIndex: optionalInt(reader),
    localSequence: optionalLong(reader, 'local_sequence'),
    recordingFunction: optionalRepeated(reader, 'recording_function'),
    chargingSession: optionalText(reader, 'charging_session'),
    sessionSequence: optionalLong(reader, 'session_sequence'),
    containerSequence: optionalLong(reader, 'container_sequence'),
    reference: optionalText(reader, 'reference'),
    causeForClosing: optionalInt(reader),
    retransmission: reader.boolean(),
  };
}

/** What a field of a generically decoded event may be. */
export type RawRecord = Readonly<Record<string, unknown>>;

/** The generic path's notes, as the reader keeps them on the fast path. */
export interface Notes {
  overflow: string;
  oversized: string;
}

/** Converts a record decoded by our schema. */
export function usageEventOf(record: RawRecord, notes: Notes): UsageEvent {
  const text = (field: string): string => {
    const value = record[field];
    if (typeof value !== 'string') return '';
    if (Buffer.byteLength(value) <= STRING_BYTES_MAX) return value;
    notes.oversized ||= field;
    return '';
  };
  const optionalTextOf = (field: string): string | null => text(field) || null;
  const optionalLongOf = (field: string): number | null => {
    const value = record[field] as ExactLong | null;
    if (value === null || typeof value === 'number') return value;
    notes.overflow ||= field;
    return 0;
  };
  const long = (field: string): number => optionalLongOf(field) ?? 0;
  return {
    source: text('source'),
    eventId: optionalTextOf('event_id'),
    service: text('service'),
    iccid: optionalTextOf('iccid'),
    imsi: optionalTextOf('imsi'),
    msisdn: optionalTextOf('msisdn'),
    imei: optionalTextOf('imei'),
    startTime: long('start_time'),
    endTime: optionalLongOf('end_time'),
    utcOffsetMinutes: long('utc_offset_minutes'),
    bytesUp: long('bytes_up'),
    bytesDown: long('bytes_down'),
    seconds: long('seconds'),
    units: long('units'),
    amount: optionalTextOf('amount'),
    currency: optionalTextOf('currency'),
    plmn: optionalTextOf('plmn'),
    rat: optionalTextOf('rat'),
    apn: optionalTextOf('apn'),
    ratingGroup: optionalLongOf('rating_group'),
    otherParty: optionalTextOf('other_party'),
    recordType: optionalTextOf('record_type'),
    node: optionalTextOf('node'),
    chargingId: optionalLongOf('charging_id'),
    recordSequence: optionalLongOf('record_sequence'),
    openingTime: optionalLongOf('opening_time'),
    containerIndex: optionalLongOf('container_index'),
    localSequence: optionalLongOf('local_sequence'),
    recordingFunction: optionalTextOf('recording_function'),
    chargingSession: optionalTextOf('charging_session'),
    sessionSequence: optionalLongOf('session_sequence'),
    containerSequence: optionalLongOf('container_sequence'),
    reference: optionalTextOf('reference'),
    causeForClosing: optionalLongOf('cause_for_closing'),
    retransmission: record.retransmission === true,
  };
}
