import { describe, expect, test } from 'vitest';
import { eventKey, payloadDigest, sessionOf, UsageDecoder, type UsageEvent } from '../../src/index.ts';
import { framed, usageEventType, wireEvent } from '../support/events.ts';
import { seeded } from '../support/random.ts';

const decoder = new UsageDecoder();

function event(changes: Record<string, unknown> = {}): UsageEvent {
  const message = decoder.decodeMessage(framed(usageEventType.toBuffer(wireEvent(changes))));
  const decoded = message.kind === 'events' ? message.events[0]?.event : null;
  if (!decoded) throw new Error('the event of a test cannot be decoded');
  return decoded;
}

function keyOf(of: UsageEvent): string {
  const key = new Uint32Array(4);
  return eventKey(of, key) === null ? 'none' : [...key].join(' ');
}

function digestOf(of: UsageEvent): string {
  const digest = new Uint32Array(2);
  payloadDigest(of, digest);
  return [...digest].join(' ');
}

const record = {
  event_id: null,
  record_type: 'PGW',
  node: 'pgw-7',
  charging_id: 2 ** 32 - 1,
  record_sequence: 3,
  opening_time: 1_795_000_000_000_001,
  container_index: 0,
};
const charging = {
  event_id: null,
  recording_function: 'chf-1',
  charging_session: 'abc',
  session_sequence: 4,
  container_sequence: 1,
};

describe('the event key is the first complete set', () => {
  test.each([
    ['event id', { ...record, ...charging, event_id: 'e-9', reference: 'r' }, 'mediation-1/e-9'],
    ['record', { ...charging, ...record, reference: 'r' }, 'PGW/pgw-7/4294967295/3/1795000000000001/0'],
    ['charging session', { ...record, ...charging, container_index: null, reference: 'r' }, 'chf-1/abc/4/1'],
    ['reference by imsi', { event_id: null, imsi: '262', msisdn: '49', reference: 'r' }, '262/data/1795000000000000/r'],
    ['reference by msisdn', { event_id: null, msisdn: '49', reference: 'r' }, '49/data/1795000000000000/r'],
    ['reference by iccid', { event_id: null, reference: 'r' }, '8949020000000000001/data/1795000000000000/r'],
  ])('%s', (_, changes, words) => {
    expect(eventKey(event(changes), new Uint32Array(4))).toBe(words);
  });

  test('none is complete', () => {
    expect(eventKey({ ...event(), eventId: null }, new Uint32Array(4))).toBeNull();
  });

  test('fields that meet at another place, or stand in another set, are another key', () => {
    const pairs = [
      [event({ source: 'ab', event_id: 'c' }), event({ source: 'a', event_id: 'bc' })],
      [event({ ...record, record_type: 'a', node: 'bc' }), event({ ...record, record_type: 'ab', node: 'c' })],
      [
        event({ ...record, charging_id: 1, record_sequence: 2 }),
        event({ ...record, charging_id: 2, record_sequence: 1 }),
      ],
      [event({ source: 'chf-1', event_id: 'abc' }), event(charging)],
      [event({ event_id: 'ä' }), event({ event_id: 'Ã¤' })],
    ] as const;
    for (const [a, b] of pairs) expect(keyOf(a)).not.toBe(keyOf(b));
  });

  test('what is not in the set does not change the key', () => {
    expect(keyOf(event({ bytes_up: 1 }))).toBe(keyOf(event({ bytes_up: 2, plmn: null, retransmission: true })));
  });
});

describe('the payload digest', () => {
  const wire = wireEvent({
    ...record,
    ...charging,
    event_id: 'e',
    end_time: 1_795_000_000_000_009,
    imsi: '1',
    msisdn: '2',
    imei: '3',
  });
  const full = { ...wire, amount: '1.5', currency: 'EUR', apn: 'a', rating_group: 1, other_party: '9', reference: 'r' };

  test('changes with each field that affects identity, guiding or charge', () => {
    const other = (value: unknown): unknown => (typeof value === 'number' ? value + 1 : `${value}7`);
    const outside = ['local_sequence', 'cause_for_closing', 'retransmission'];
    const seen = new Map([[digestOf(event(full)), 'nothing changed']]);
    for (const field of Object.keys(full).filter((name) => !outside.includes(name))) {
      const digest = digestOf(event({ ...full, [field]: other(full[field as keyof typeof full]) }));
      expect(seen.get(digest), field).toBeUndefined();
      seen.set(digest, field);
    }
  });

  test.each([
    ['retransmission', true],
    ['local_sequence', 5],
    ['cause_for_closing', 16],
  ])('does not change with %s', (field, value) => {
    expect(digestOf(event({ ...full, [field]: value }))).toBe(digestOf(event(full)));
  });

  test('takes an amount by its value, not its digits', () => {
    expect(digestOf(event({ ...full, amount: '1.50' }))).toBe(digestOf(event(full)));
  });

  test('is the same for an event of an older schema and for one whose new fields have their defaults', () => {
    const { plmn: _plmn, rat: _rat, ...older } = event();
    expect(digestOf({ ...older, plmn: null, rat: null })).toBe(digestOf(event({ plmn: null, rat: '' })));
  });

  test('tells texts apart that meet at another place, and a text from an absent one', () => {
    expect(digestOf(event({ plmn: '26201', rat: 'LTE' }))).not.toBe(digestOf(event({ plmn: '26201L', rat: 'TE' })));
    expect(digestOf(event({ rat: 'x', apn: null }))).not.toBe(digestOf(event({ rat: null, apn: 'x' })));
  });
});

test('keys of 300,000 made-up events do not collide in 64 of their bits', () => {
  const random = seeded();
  const key = new Uint32Array(4);
  const seen = new Set<bigint>();
  const base = event();
  const offset = random.int(1_000_000);
  for (let index = 0; index < 300_000; index++) {
    eventKey({ ...base, eventId: String(offset + index) }, key);
    seen.add((BigInt(key[1] ?? 0) << 32n) | BigInt(key[3] ?? 0));
  }
  expect(seen.size).toBe(300_000);
}, 60_000);

test('a session is a node and charging id, else a charging function and session, else none', () => {
  expect(sessionOf(event(record))).toBe('pgw-7/4294967295');
  expect(sessionOf(event({ ...charging, event_id: 'e' }))).toBe('chf-1/abc');
  expect(sessionOf(event())).toBe('');
});
