/** Suspense of the guide, totals, control totals and findings: written here, read by us and by avsc. */

import avro from 'avsc';
import { expect, test } from 'vitest';
import {
  AMOUNT_MAX,
  type ControlTotals,
  columnsOf,
  decodeControlTotals,
  decodeFinding,
  decodeSuspenseBlock,
  decodeTotalsBlock,
  encodeControlTotals,
  encodeFinding,
  encodeSuspenseBlock,
  encodeTotalsBlock,
  latestSchema,
  suspendedByGuide,
  UsageDecoder,
  verifyBlock,
  WHOLE_MESSAGE,
} from '../../src/index.ts';
import { amountOf, headerOf, readByAvsc } from '../support/blocks.ts';
import { framed, typeHook, usageEventType, wireEvent } from '../support/events.ts';

const origin = {
  originTopic: 'usage.events',
  originPartition: 1,
  originOffset: 2 ** 33,
  receivedAt: 1_795_000_000_000_000,
  blockTime: 1_795_000_000_000_005,
};

test('what the guide refuses keeps what could be decoded, and its raw bytes', async () => {
  const raw = framed(usageEventType.toBuffer(wireEvent()));
  const message = new UsageDecoder().decodeMessage(raw);
  const [entry] = message.kind === 'events' ? message.events : [];
  const refused = { code: 'SIM_UNKNOWN', outcome: 'suspended', detail: 'no SIM 8949020000000000001' } as const;
  const broken = { code: 'SCHEMA_INVALID', outcome: 'rejected', detail: 'The message is empty.' } as const;
  const decoded = { event: entry?.event ?? null, refused, raw, rawEncoding: 'message' };
  const whole = { event: null, refused: broken, raw: new Uint8Array(), rawEncoding: 'message' };
  const records = [
    suspendedByGuide({ ...origin, decoded, originIndex: 4 }),
    suspendedByGuide({ ...origin, decoded: whole, originIndex: WHOLE_MESSAGE }),
  ];
  const block = encodeSuspenseBlock({ header: headerOf('suspense', { partition: -1 }), records });
  expect(verifyBlock(block)).toMatchObject({ count: 2, problem: null });
  const read = decodeSuspenseBlock(block).records;
  expect(read).toEqual(records.map((record) => ({ ...record, raw: new Uint8Array(record.raw) })));
  expect(read[0]).toMatchObject({
    eventId: 'mediation-1/e-1',
    unit: 'bytes',
    quantity: 2_100,
    sim: '8949020000000000001',
  });
  expect(read[1]).toMatchObject({ eventKey: null, eventId: '', eventTime: 0, originIndex: -1, quantity: 0 });
  const [first, second] = await readByAvsc(block);
  expect(first).toMatchObject({
    code: 'SIM_UNKNOWN',
    origin_offset: 2 ** 33,
    origin_index: 4,
    first_attempt: origin.receivedAt,
  });
  expect((first as { raw: Buffer }).raw.equals(raw)).toBe(true);
  expect((second as { event_key: Buffer }).event_key.equals(Buffer.alloc(16))).toBe(true);
});

test('totals carry amounts of 38 digits and the identity of the rated block', async () => {
  const identity = { generation: 1, partition: 3, offset: 9, blockTime: 1_795_000_000_000_000 };
  const key = { account: 'a', subscription: 's', service: 'data', zone: 'home', tag: 'overage', leg: 'retail' };
  const deltas = [AMOUNT_MAX, -AMOUNT_MAX, 1n].map((amount, index) => ({
    ...key,
    period: '2026-11',
    currency: 'EUR',
    unit: 'bytes',
    quantity: -(2 ** 53 - 1) + index,
    amount,
    lines: 2,
  }));
  const block = encodeTotalsBlock({ header: headerOf('totals'), identity, deltas });
  expect(decodeTotalsBlock(block)).toMatchObject({ identity, deltas });
  const records = await readByAvsc(block);
  expect(records.map((record) => amountOf(record.amount as Buffer))).toEqual([AMOUNT_MAX, -AMOUNT_MAX, 1n]);
  expect(records[0]).toMatchObject({ guided_offset: 9, tag: 'overage', quantity: -(2 ** 53 - 1), lines: 2 });
  const empty = encodeTotalsBlock({ header: headerOf('totals'), identity, deltas: [] });
  expect(decodeTotalsBlock(empty)).toMatchObject({ identity: null, deltas: [] });
});

const counts = ['In', 'Guided', 'Rated', 'Duplicate', 'Rejected', 'Suspended'];
const totals = {
  stage: 'rater',
  source: 'raw/0',
  fromOffset: 0,
  fromX: 1,
  toOffset: 2 ** 53 - 1,
  toX: 2,
  generation: 1,
  guidedPartition: -1,
  guidedOffset: -1,
  blockTime: 1_795_000_000_000_000,
  status: 'applied',
  ...Object.fromEntries(
    counts.flatMap((name, index) => [
      [`events${name}`, index],
      [`bytes${name}`, index * 2 ** 40],
    ]),
  ),
  lines: 1,
  quantity: -5,
  eventQuantity: 6,
  brokenEvents: 0,
  amounts: { EUR: '0.000000000001' },
  digest: 'ab',
} as unknown as ControlTotals;

test('control totals read back, by avsc in the names of the columns', () => {
  const value = encodeControlTotals(totals);
  expect(decodeControlTotals(value)).toEqual(totals);
  const type = avro.Type.forSchema(JSON.parse(latestSchema('control-totals').schema), { typeHook });
  expect({ ...type.fromBuffer(Buffer.from(value).subarray(5)) }).toEqual(columnsOf(totals));
  expect(Object.keys(columnsOf(totals))).toContain('events_suspended');
});

test('findings read back', () => {
  const texts = [
    'id',
    'control',
    'severity',
    'key',
    'expected',
    'actual',
    'variance',
    'valueAtRisk',
    'currency',
    'detail',
  ];
  const more = ['evidence', 'status', 'owner', 'reason', 'changedBy'];
  const times = ['firstSeen', 'lastSeen', 'changedAt'];
  const finding = {
    ...Object.fromEntries([...texts, ...more].map((name) => [name, `${name} ä`])),
    ...Object.fromEntries(times.map((name, index) => [name, index])),
    samples: ['one', 'two'],
  } as unknown as Parameters<typeof encodeFinding>[0];
  expect(decodeFinding(encodeFinding(finding))).toEqual(finding);
});

test.each([
  ['empty', new Uint8Array()],
  ['of another schema', Buffer.concat([Buffer.of(0, 0, 0, 0, 3), Buffer.alloc(10)])],
  ['cut off', encodeControlTotals(totals).subarray(0, 20)],
  ['too long', Buffer.concat([encodeControlTotals(totals), Buffer.of(0)])],
])('a record that is %s is refused in words', (_, value) => {
  expect(() => decodeControlTotals(value)).toThrow(expect.objectContaining({ code: 'CONTROL_MALFORMED' }));
});
