/**
 * Usage events to bytes, for whoever publishes them: one datum of usage-event.v1, and the two forms in which a message
 * of usage.events carries it (decoder.ts has the grammar).
 *
 * 1. `readUsageEvent` gives back what was written: field order and kinds are those of schemas/avro/usage-event.v1.avsc.
 * 2. Equal events give equal bytes, a file's sync marker included.
 */

import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { CONTAINER_MAGIC, SYNC_BYTES } from '../avro/container.ts';
import { latestSchema } from '../avro/schemas.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { UsageEvent } from './usage-event.ts';

const { schema: schemaText } = latestSchema('usage-event');

/** Appends one event as a datum. */
export function writeUsageEvent(writer: ByteWriter, event: UsageEvent): void {
  const text = (value: string | null): void => {
    writer.byte(value === null ? 0 : 2);
    if (value !== null) writer.text(value);
  };
  const long = (value: number | null): void => {
    writer.byte(value === null ? 0 : 2);
    if (value !== null) writer.long(value);
  };
  writer.text(event.source);
  text(event.eventId);
  writer.text(event.service);
  text(event.iccid);
  text(event.imsi);
  text(event.msisdn);
  text(event.imei);
  writer.long(event.startTime);
  long(event.endTime);
  writer.long(event.utcOffsetMinutes);
  writer.long(event.bytesUp);
  writer.long(event.bytesDown);
  writer.long(event.seconds);
  writer.long(event.units);
  text(event.amount);
  text(event.currency);
  text(event.plmn);
  text(event.rat);
  text(event.apn);
  long(event.ratingGroup);
  text(event.otherParty);
  text(event.recordType);
  text(event.node);
  long(event.chargingId);
  long(event.recordSequence);
  long(event.openingTime);
  long(event.containerIndex);
  long(event.localSequence);
  text(event.recordingFunction);
  text(event.chargingSession);
  long(event.sessionSequence);
  long(event.containerSequence);
  text(event.reference);
  long(event.causeForClosing);
  writer.byte(event.retransmission ? 1 : 0);
}

/** One event as a message in the Confluent wire format. */
export function usageMessage(event: UsageEvent, schemaId: number): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(0);
  writer.words(Uint32Array.of(schemaId), 0, 1);
  writeUsageEvent(writer, event);
  return writer.copy();
}

/** Data written by `writeUsageEvent`, `count` of them, as one deflated container file. */
export function usageFile(data: Uint8Array, count: number): Uint8Array {
  const packed = deflateRawSync(data);
  const sync = createHash('sha256').update(data).digest().subarray(0, SYNC_BYTES);
  const writer = new ByteWriter(schemaText.length + packed.length + 256);
  writer.append(CONTAINER_MAGIC);
  writer.long(2);
  writer.text('avro.schema');
  writer.text(schemaText);
  writer.text('avro.codec');
  writer.text('deflate');
  writer.long(0);
  writer.append(sync);
  writer.long(count);
  writer.sized(packed);
  writer.append(sync);
  return writer.copy();
}
