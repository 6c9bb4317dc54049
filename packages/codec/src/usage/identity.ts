/**
 * Who an event is (event key), what it says (payload digest), and which session it belongs to. Rules: domain,
 * section 2, and the document of usage-event.v1.avsc.
 *
 * Fields go into a digest as (field number and kind, length of a text, bytes), so no two different sets of fields give the same
 * bytes by concatenation. A field that is absent or has its default adds nothing, so that a field added to the schema
 * later leaves the digests of older events as they are.
 *
 * The odds. A false duplicate needs two events with one 128-bit key digest and one 64-bit payload digest. Among n keys
 * the first happens by chance with n^2 / 2^129: for the 1.1e8 events of a day at ten million SIMs, 2e-23 a day; with
 * 96 of the 128 bits kept, 8e-14 a day. The payload digest divides that by 1.8e19 before an event would be dropped;
 * without it the pair would be a conflict, which a person sees. The digest is not cryptographic: a source that chooses
 * its event ids to collide harms only its own events, as the source is part of the key.
 */

import { parseAmount } from '../bytes/amount.ts';
import { murmur3 } from '../bytes/murmur3.ts';
import type { UsageEvent } from './usage-event.ts';

const KEY_SEED = 0x48656164;
const PAYLOAD_SEED = 0x72616365;
/** Kinds of values in the digested bytes, beside a field number below 64. */
const TEXT = 0x40;
const NUMBER = 0x80;
/** Field and kind, then 56 bits in two's complement: enough for any safe integer. */
const NUMBER_BYTES = 8;
const TWO_32 = 2 ** 32;

/** Which set of fields made the key. */
const BY_EVENT_ID = 1;
const BY_RECORD = 2;
const BY_CHARGING_SESSION = 3;
const BY_REFERENCE = 4;

/** Bytes before a text: field number and kind in one, then its length in 24 bits. */
const TEXT_HEAD = 4;

class FieldBytes {
  bytes: Buffer = Buffer.allocUnsafeSlow(1024);
  length = 0;

  start(): void {
    this.length = 0;
  }

  text(field: number, value: string | null): void {
    if (value === null || value === '') return;
    const count = value.length;
    this.#reserve(count * 3 + TEXT_HEAD);
    const { bytes } = this;
    const head = this.length;
    const body = head + TEXT_HEAD;
    let all = 0;
    for (let index = 0; index < count; index++) {
      const unit = value.charCodeAt(index);
      all |= unit;
      bytes[body + index] = unit;
    }
    const size = all < 0x80 ? count : bytes.write(value, body, 'utf8');
    bytes[head] = field | TEXT;
    bytes[head + 1] = size & 0xff;
    bytes[head + 2] = (size >>> 8) & 0xff;
    bytes[head + 3] = size >>> 16;
    this.length = body + size;
  }

  /** A safe integer; null and `absent` add nothing. */
  number(field: number, value: number | null, absent: number | null = null): void {
    if (value === null || value === absent) return;
    this.#reserve(NUMBER_BYTES);
    const { bytes } = this;
    const at = this.length;
    const high = Math.floor(value / TWO_32);
    const low = value - high * TWO_32;
    bytes[at] = field | NUMBER;
    bytes[at + 1] = low & 0xff;
    bytes[at + 2] = (low >>> 8) & 0xff;
    bytes[at + 3] = (low >>> 16) & 0xff;
    bytes[at + 4] = low >>> 24;
    bytes[at + 5] = high & 0xff;
    bytes[at + 6] = (high >>> 8) & 0xff;
    bytes[at + 7] = (high >>> 16) & 0xff;
    this.length = at + NUMBER_BYTES;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.length + count, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

const fields = new FieldBytes();
const words = new Uint32Array(4);

/**
 * Writes the digest of the event key into key[0..3] and gives the key in words, for people. The first complete set of:
 * (source, event id); (record type, node, charging id, record sequence, opening time, container index); (recording
 * function, charging session, session sequence, container sequence); (subscriber, service, start time, reference).
 * Null if none is complete.
 */
export function eventKey(event: UsageEvent, key: Uint32Array): string | null {
  fields.start();
  const id = gatherKey(event);
  if (id !== null) murmur3(fields.bytes, fields.length, KEY_SEED, key);
  return id;
}

function gatherKey(event: UsageEvent): string | null {
  if (event.eventId !== null && event.source !== '') {
    fields.number(0, BY_EVENT_ID);
    fields.text(1, event.source);
    fields.text(2, event.eventId);
    return `${event.source}/${event.eventId}`;
  }
  const { recordType, node, chargingId, recordSequence, openingTime, containerIndex } = event;
  if (
    recordType !== null &&
    node !== null &&
    chargingId !== null &&
    recordSequence !== null &&
    openingTime !== null &&
    containerIndex !== null
  ) {
    fields.number(0, BY_RECORD);
    fields.text(1, recordType);
    fields.text(2, node);
    fields.number(3, chargingId);
    fields.number(4, recordSequence);
    fields.number(5, openingTime);
    fields.number(6, containerIndex);
    return `${recordType}/${node}/${chargingId}/${recordSequence}/${openingTime}/${containerIndex}`;
  }
  const { recordingFunction, chargingSession, sessionSequence, containerSequence } = event;
  if (
    recordingFunction !== null &&
    chargingSession !== null &&
    sessionSequence !== null &&
    containerSequence !== null
  ) {
    fields.number(0, BY_CHARGING_SESSION);
    fields.text(1, recordingFunction);
    fields.text(2, chargingSession);
    fields.number(3, sessionSequence);
    fields.number(4, containerSequence);
    return `${recordingFunction}/${chargingSession}/${sessionSequence}/${containerSequence}`;
  }
  const subscriber = event.imsi ?? event.msisdn ?? event.iccid;
  if (subscriber === null || event.reference === null) return null;
  fields.number(0, BY_REFERENCE);
  fields.text(1, subscriber);
  fields.text(2, event.service);
  fields.number(3, event.startTime);
  fields.text(4, event.reference);
  return `${subscriber}/${event.service}/${event.startTime}/${event.reference}`;
}

/** True if some set of the event key is complete. */
export function hasEventKey(event: UsageEvent): boolean {
  if (event.eventId !== null && event.source !== '') return true;
  fields.start();
  return gatherKey(event) !== null;
}

/**
 * Writes the digest of what affects identity, guiding or charge into digest[0..1]. Not in it: retransmission (a hint),
 * local sequence (the record's place at its node), cause for closing, and whatever is not a field (encoding, schema
 * version, place in the log). Field numbers are those of the schema file and are never reused.
 */
export function payloadDigest(event: UsageEvent, digest: Uint32Array): void {
  fields.start();
  fields.text(1, event.source);
  fields.text(2, event.eventId);
  fields.text(3, event.service);
  fields.text(4, event.iccid);
  fields.text(5, event.imsi);
  fields.text(6, event.msisdn);
  fields.text(7, event.imei);
  fields.number(8, event.startTime);
  fields.number(9, event.endTime);
  fields.number(10, event.utcOffsetMinutes, 0);
  fields.number(11, event.bytesUp, 0);
  fields.number(12, event.bytesDown, 0);
  fields.number(13, event.seconds, 0);
  fields.number(14, event.units, 0);
  if (event.amount !== null) fields.text(15, (parseAmount(event.amount) ?? event.amount).toString());
  fields.text(16, event.currency);
  fields.text(17, event.plmn);
  fields.text(18, event.rat);
  fields.text(19, event.apn);
  fields.number(20, event.ratingGroup);
  fields.text(21, event.otherParty);
  fields.text(22, event.recordType);
  fields.text(23, event.node);
  fields.number(24, event.chargingId);
  fields.number(25, event.recordSequence);
  fields.number(26, event.openingTime);
  fields.number(27, event.containerIndex);
  fields.text(29, event.recordingFunction);
  fields.text(30, event.chargingSession);
  fields.number(31, event.sessionSequence);
  fields.number(32, event.containerSequence);
  fields.text(33, event.reference);
  murmur3(fields.bytes, fields.length, PAYLOAD_SEED, words);
  digest[0] = words[0] as number;
  digest[1] = words[1] as number;
}

/** The session that a partial record belongs to (node and charging id, or 5G's charging session); empty if none. */
export function sessionOf(event: UsageEvent): string {
  if (event.node !== null && event.chargingId !== null) return `${event.node}/${event.chargingId}`;
  if (event.recordingFunction !== null && event.chargingSession !== null) {
    return `${event.recordingFunction}/${event.chargingSession}`;
  }
  return '';
}

/** The digest that stands for a fact where a line needs an event key. */
export function factKey(factId: string, key: Uint32Array): void {
  fields.start();
  fields.number(0, 0);
  fields.text(1, factId);
  murmur3(fields.bytes, fields.length, KEY_SEED, key);
}
