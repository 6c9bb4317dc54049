/**
 * Suspense blocks (suspended-event.v1): what the guide or the rater could not process, with its raw bytes and origin,
 * and the two ways to make such a record.
 */

import type { SuspendedUsage } from '@headrace/rating/contract';
import { latestSchema } from '../avro/schemas.ts';
import type { BlockHeader } from '../block.ts';
import { readAmount, writeAmount } from '../bytes/amount.ts';
import type { ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { SuspendedRecord } from '../records/suspended-record.ts';
import { eventKey } from '../usage/identity.ts';
import type { Refusal, UsageEvent } from '../usage/usage-event.ts';
import { encodeBlock, openBlock } from './block-file.ts';
import type { GuidedBlock } from './guided-block.ts';
import type { HeaderInput } from './header.ts';
import type { GuidedIdentity } from './rated-writer.ts';
import { readBytes, readLongText, readRecords } from './read-records.ts';

const { schema: schemaText } = latestSchema('suspended-event');
const NO_KEY = new Uint32Array(4);
/** originIndex of a message that is suspended whole. */
export const WHOLE_MESSAGE = -1;

export function encodeSuspenseBlock(block: {
  readonly header: HeaderInput;
  readonly records: readonly SuspendedRecord[];
}): Uint8Array {
  const writer = new ByteWriter();
  for (const record of block.records) writeRecord(writer, record);
  return encodeBlock({ header: block.header, schemaText, records: writer.view(), count: block.records.length });
}

function writeRecord(writer: ByteWriter, record: SuspendedRecord): void {
  writer.text(record.stage);
  writer.text(record.outcome);
  writer.text(record.code);
  writer.text(record.detail);
  writer.text(record.originTopic);
  writer.long(record.originPartition);
  writer.long(record.originOffset);
  writer.long(record.originIndex);
  writer.long(record.blockTime);
  writer.long(record.firstAttempt);
  writer.long(record.lastAttempt);
  writer.words(record.eventKey ?? NO_KEY, 0, 4);
  writer.text(record.eventId);
  writer.long(record.eventTime);
  writer.text(record.source);
  writer.text(record.service);
  writer.text(record.account);
  writer.text(record.subscription);
  writer.text(record.sim);
  writer.text(record.plmn);
  writer.text(record.unit);
  writer.long(record.quantity);
  writeAmount(writer, record.estimatedValue);
  writer.text(record.currency);
  writer.text(record.rawEncoding);
  writer.sized(record.raw);
}

/** Throws BLOCK_MALFORMED. The records own their bytes. */
export function decodeSuspenseBlock(value: Uint8Array): {
  readonly header: BlockHeader;
  readonly records: readonly SuspendedRecord[];
} {
  const file = openBlock(value, 'suspense');
  return { header: file.header, records: readRecords(file, readRecord) };
}

function readRecord(reader: ByteReader): SuspendedRecord {
  return {
    stage: reader.repeatedText('stage') as SuspendedRecord['stage'],
    outcome: reader.repeatedText('outcome') as SuspendedRecord['outcome'],
    code: reader.repeatedText('code') as SuspendedRecord['code'],
    detail: readLongText(reader, 'detail'),
    originTopic: reader.repeatedText('origin_topic'),
    originPartition: reader.int(),
    originOffset: reader.long('origin_offset'),
    originIndex: reader.int(),
    blockTime: reader.long('block_time'),
    firstAttempt: reader.long('first_attempt'),
    lastAttempt: reader.long('last_attempt'),
    eventKey: readKey(reader),
    eventId: readLongText(reader, 'event_id'),
    eventTime: reader.long('event_time'),
    source: readLongText(reader, 'source'),
    service: readLongText(reader, 'service'),
    account: readLongText(reader, 'account'),
    subscription: readLongText(reader, 'subscription'),
    sim: readLongText(reader, 'sim'),
    plmn: readLongText(reader, 'plmn'),
    unit: readLongText(reader, 'unit'),
    quantity: reader.long('quantity'),
    estimatedValue: readAmount(Buffer.from(readBytes(reader, 16).buffer), 0),
    currency: readLongText(reader, 'currency'),
    rawEncoding: readLongText(reader, 'raw_encoding'),
    raw: readBytes(reader, reader.length('raw')),
  };
}

function readKey(reader: ByteReader): Uint32Array | null {
  const bytes = Buffer.from(readBytes(reader, 16).buffer);
  const key = Uint32Array.from([0, 4, 8, 12], (at) => bytes.readUInt32BE(at));
  return key.every((word) => word === 0) ? null : key;
}

export interface GuideRefusal {
  /** An event with why it was refused (by the decoder or the guide); a whole message is `{ event: null, raw: value, rawEncoding: 'message' }`. */
  readonly decoded: {
    readonly event: UsageEvent | null;
    readonly refused: Refusal | null;
    readonly raw: Uint8Array;
    readonly rawEncoding: string;
  };
  readonly originTopic: string;
  readonly originPartition: number;
  readonly originOffset: number;
  /** Index inside a container; WHOLE_MESSAGE for a single event or an undecodable message. */
  readonly originIndex: number;
  /** Microseconds. */
  readonly receivedAt: number;
  readonly blockTime: number;
  /** What guiding found before it stopped. */
  readonly account?: string;
  readonly subscription?: string;
  readonly sim?: string;
}

/** A record for what the guide refused. Its quantity is the first of bytes, seconds and units that is not 0. */
export function suspendedByGuide(refused: GuideRefusal): SuspendedRecord {
  const { event, raw, rawEncoding, refused: refusal } = refused.decoded;
  if (refusal === null) throw new RangeError('nothing was refused');
  const key = new Uint32Array(4);
  const id = event === null ? null : eventKey(event, key);
  return {
    stage: 'guide',
    outcome: refusal.outcome,
    code: refusal.code,
    detail: refusal.detail,
    originTopic: refused.originTopic,
    originPartition: refused.originPartition,
    originOffset: refused.originOffset,
    originIndex: refused.originIndex,
    blockTime: refused.blockTime,
    firstAttempt: refused.receivedAt,
    lastAttempt: refused.receivedAt,
    eventKey: id === null ? null : key,
    eventId: id ?? '',
    eventTime: event?.startTime ?? 0,
    source: event?.source ?? '',
    service: event?.service ?? '',
    account: refused.account ?? '',
    subscription: refused.subscription ?? '',
    sim: refused.sim ?? event?.iccid ?? event?.imsi ?? event?.msisdn ?? '',
    plmn: event?.plmn ?? '',
    ...quantityOf(event),
    estimatedValue: 0n,
    currency: '',
    rawEncoding,
    raw,
  };
}

function quantityOf(event: UsageEvent | null): { readonly unit: string; readonly quantity: number } {
  if (event === null) return { unit: '', quantity: 0 };
  const bytes = event.bytesUp + event.bytesDown;
  // A sum past 2^53 is what QUANTITY_INVALID is about; the raw bytes keep the exact figures.
  if (bytes !== 0) return { unit: 'bytes', quantity: Number.isSafeInteger(bytes) ? bytes : 0 };
  if (event.seconds !== 0) return { unit: 'seconds', quantity: event.seconds };
  return { unit: 'messages', quantity: event.units };
}

/** A record for what the rater suspended, from the guided block. */
export function suspendedByRater(
  guided: GuidedBlock,
  usage: SuspendedUsage,
  originTopic: string,
  identity: GuidedIdentity,
): SuspendedRecord {
  const { event } = usage;
  const profile = guided.profileAt(guided.profile[event] as number);
  const context = guided.contextAt(guided.context[event] as number);
  const receivedAt = guided.receivedAt[event] as number;
  return {
    stage: 'rater',
    outcome: 'suspended',
    code: usage.code,
    detail: usage.detail,
    originTopic,
    originPartition: guided.rawPartition(event),
    originOffset: guided.rawOffset(event),
    originIndex: context.rawEncoding === 'message' ? WHOLE_MESSAGE : guided.rawIndex(event),
    blockTime: identity.blockTime,
    firstAttempt: receivedAt,
    lastAttempt: receivedAt,
    eventKey: guided.eventKey.slice(4 * event, 4 * event + 4),
    eventId: guided.eventId(event),
    eventTime: guided.eventTime[event] as number,
    source: context.source,
    service: context.service,
    account: profile.usageAccount,
    subscription: profile.subscription,
    sim: profile.sim,
    plmn: context.plmn,
    unit: usage.unit,
    quantity: usage.quantity,
    estimatedValue: usage.estimatedValue,
    currency: usage.currency,
    rawEncoding: context.rawEncoding,
    raw: guided.raw(event),
  };
}
