/** Random usage events in the wire's own names, and their encoding by avsc: the oracle of what we encode by hand. */

import avro from 'avsc';
import { exactLong, latestSchema } from '../../src/index.ts';
import type { Random } from './random.ts';

export type WireEvent = Record<string, unknown>;

export const usageEventSchema = latestSchema('usage-event').schema;
/**
 * avsc with 64-bit longs. Its own long type is no oracle for all numbers: it refuses some and writes others below
 * -2^52 wrongly (-(2^53 - 1) comes back as 2^53 - 2). What stands in for it is held to the specification's own bytes in
 * avro/schemas.test.ts.
 */
export const typeHook = (schema: unknown): avro.Type | undefined =>
  schema === 'long' || (schema as { type?: unknown } | null)?.type === 'long' ? exactLong : undefined;
export const usageEventType = avro.Type.forSchema(JSON.parse(usageEventSchema), { typeHook });

export function wireEvent(changes: WireEvent = {}): WireEvent {
  return {
    source: 'mediation-1',
    event_id: 'e-1',
    service: 'data',
    iccid: '8949020000000000001',
    imsi: null,
    msisdn: null,
    imei: null,
    start_time: 1_795_000_000_000_000,
    end_time: null,
    utc_offset_minutes: 60,
    bytes_up: 100,
    bytes_down: 2_000,
    seconds: 0,
    units: 0,
    amount: null,
    currency: null,
    plmn: '26201',
    rat: 'LTE',
    apn: null,
    rating_group: null,
    other_party: null,
    record_type: null,
    node: null,
    charging_id: null,
    record_sequence: null,
    opening_time: null,
    container_index: null,
    local_sequence: null,
    recording_function: null,
    charging_session: null,
    session_sequence: null,
    container_sequence: null,
    reference: null,
    cause_for_closing: null,
    retransmission: false,
    ...changes,
  };
}

export function randomWireEvent(random: Random): WireEvent {
  const maybe = <T>(value: T): T | null => (random.chance(0.5) ? value : null);
  const long = (): number => Math.abs(random.safeInteger());
  return {
    source: random.text(12),
    event_id: maybe(random.text(30)),
    service: random.pick(['data', 'message', 'voice', '']),
    iccid: maybe(random.text(20)),
    imsi: maybe(random.text(15)),
    msisdn: maybe(random.text(15)),
    imei: maybe(random.text(15)),
    start_time: random.safeInteger(),
    end_time: maybe(random.safeInteger()),
    utc_offset_minutes: random.int(2881) - 1440,
    bytes_up: random.safeInteger(),
    bytes_down: random.safeInteger(),
    seconds: random.safeInteger(),
    units: random.safeInteger(),
    amount: maybe(random.pick(['1', '0.000000000001', '-3.5', '12345678901234567890.5', 'x', ''])),
    currency: maybe(random.text(3)),
    plmn: maybe(random.text(6)),
    rat: maybe(random.text(6)),
    apn: maybe(random.text(60)),
    rating_group: maybe(random.int(2 ** 31)),
    other_party: maybe(random.text(15)),
    record_type: maybe(random.text(5)),
    node: maybe(random.text(20)),
    charging_id: maybe(long()),
    record_sequence: maybe(long()),
    opening_time: maybe(long()),
    container_index: maybe(random.int(2 ** 31)),
    local_sequence: maybe(long()),
    recording_function: maybe(random.text(20)),
    charging_session: maybe(random.text(40)),
    session_sequence: maybe(long()),
    container_sequence: maybe(long()),
    reference: maybe(random.text(20)),
    cause_for_closing: maybe(-random.int(2 ** 31)),
    retransmission: random.chance(0.5),
  };
}

/** Our names for a wire event: camel case, empty optional text as null. Written apart from the code under test. */
export function expectedEvent(wire: WireEvent): Record<string, unknown> {
  const expected: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(wire)) {
    const [first = '', ...rest] = column.split('_');
    const name = first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
    const required = column === 'source' || column === 'service';
    expected[name] = value === '' && !required ? null : value;
  }
  return expected;
}

/** Confluent wire format. */
export function framed(datum: Uint8Array, id = 1): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, datum]);
}

export async function containerOf(
  events: readonly WireEvent[],
  options: Partial<ConstructorParameters<typeof avro.streams.BlockEncoder>[1]> = {},
  schema: unknown = JSON.parse(usageEventSchema),
): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(schema as avro.Type, options);
  const parts: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    encoder.on('data', (part: Buffer) => parts.push(part));
    encoder.on('end', resolve);
    encoder.on('error', reject);
  });
  for (const event of events) encoder.write(event);
  encoder.end();
  await done;
  return Buffer.concat(parts);
}
