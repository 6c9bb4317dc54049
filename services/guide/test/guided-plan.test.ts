/** Executing a plan: every event lands in exactly one place, and whoever executes it gets the same bytes. */
import {
  type DecodedMessage,
  decodeGuidedBlock,
  decodeSuspenseBlock,
  type Plan,
  QUANTITY_MAX,
  type UsageEvent,
  verifyBlock,
} from '@headrace/codec';
import { guidedPartition, type ReferenceFact, ReferenceIndex } from '@headrace/rating';
import { describe, expect, it } from 'vitest';
import { GuideMemory } from '../src/guide-memory.ts';
import { executePlan, type RawMessage } from '../src/guided-plan.ts';

const START = '2026-01-01T00:00:00Z';
const NOON = Date.UTC(2026, 10, 20, 12) * 1000;
const DAY = 86_400_000_000;
const ACCOUNTS = ['alpha', 'beta', 'gamma', 'delta'];

function reference(extra: readonly ReferenceFact[] = []): ReferenceIndex {
  const index = new ReferenceIndex();
  const facts: ReferenceFact[] = ACCOUNTS.flatMap((name): ReferenceFact[] => [
    {
      kind: 'account',
      id: `a/${name}`,
      account: name,
      parent: null,
      currency: 'EUR',
      timeZone: 'UTC',
      status: 'open',
      validFrom: START,
    },
    {
      kind: 'subscription',
      id: `s/${name}`,
      subscription: `sub-${name}`,
      account: name,
      plan: 'iot',
      pool: null,
      state: 'active',
      validFrom: START,
    },
    {
      kind: 'sim',
      id: `i/${name}`,
      sim: `sim-${name}`,
      imsi: null,
      msisdn: null,
      subscription: `sub-${name}`,
      state: 'active',
      validFrom: START,
    },
  ]);
  index.applyMessage(0, JSON.stringify(facts));
  if (extra.length > 0) index.applyMessage(1, JSON.stringify(extra));
  return index;
}

const plan: Plan = {
  format: 1,
  source: 'raw/0',
  number: 1,
  from: { offset: 0, x: 0 },
  to: { offset: 100, x: 1 },
  generation: 1,
  guidedPartitions: 3,
  receiptTime: 'log',
  horizonDays: 45,
  futureToleranceMinutes: 60,
};

const EVENT: UsageEvent = {
  source: 'mediation',
  eventId: 'e',
  service: 'data',
  iccid: 'sim-alpha',
  imsi: null,
  msisdn: null,
  imei: null,
  startTime: NOON,
  endTime: null,
  utcOffsetMinutes: 0,
  bytesUp: 100,
  bytesDown: 11,
  seconds: 0,
  units: 0,
  amount: null,
  currency: null,
  plmn: '26201',
  rat: null,
  apn: null,
  ratingGroup: null,
  otherParty: null,
  recordType: null,
  node: null,
  chargingId: null,
  recordSequence: null,
  openingTime: null,
  containerIndex: null,
  localSequence: null,
  recordingFunction: null,
  chargingSession: null,
  sessionSequence: null,
  containerSequence: null,
  reference: null,
  causeForClosing: null,
  retransmission: false,
};

function message(offset: number, ...events: Partial<UsageEvent>[]): RawMessage {
  const decoded: DecodedMessage = {
    kind: 'events',
    events: events.map((event, at) => ({
      event: { ...EVENT, eventId: `e${offset}/${at}`, ...event },
      refused: null,
      raw: Uint8Array.of(offset, at),
      rawEncoding: 'message',
    })),
  };
  return { partition: 0, offset, receivedAt: NOON, value: Uint8Array.of(1), decoded };
}

describe('executing a plan', () => {
  it('guides each event to the partition of its root account and covers all partitions', () => {
    const messages = ACCOUNTS.map((name, offset) =>
      message(offset, { iccid: `sim-${name}` }, { iccid: `sim-${name}` }),
    );
    const { blocks, suspense, controls } = executePlan(plan, messages, reference(), 'usage.events');
    expect(blocks).toHaveLength(3);
    for (const [partition, value] of [...blocks, suspense].entries()) {
      const verified = verifyBlock(value);
      if (verified.problem !== null) throw new Error(verified.problem);
      expect(verified.header).toMatchObject({ source: 'raw/0', from: plan.from, to: plan.to, status: 'applied' });
      if (partition === 3) continue;
      const block = decodeGuidedBlock(value);
      const expected = ACCOUNTS.filter((name) => guidedPartition(name, 3) === partition);
      const found = Array.from(
        { length: block.count },
        (_, event) => block.profileAt(block.profile[event]).usageAccount,
      );
      expect(found).toEqual(expected.flatMap((name) => [name, name]));
      expect(block.header.controls).toMatchObject({ events: found.length, bytes: 111 * found.length });
    }
    expect(controls.map(({ stage, eventsIn }) => [stage, eventsIn])[0]).toEqual(['guide', 8]);
    expect(controls.slice(1).reduce((sum, { eventsGuided }) => sum + eventsGuided, 0)).toBe(8);
  });

  it.each<[string, Partial<UsageEvent>, string, string]>([
    ['older than the horizon', { startTime: NOON - 45 * DAY - 1 }, 'TIME_TOO_OLD', 'rejected'],
    ['in the future', { startTime: NOON + 61 * 60_000_000 }, 'TIME_IN_FUTURE', 'suspended'],
    ['negative bytes', { bytesUp: -1 }, 'QUANTITY_INVALID', 'suspended'],
    ['negative seconds', { seconds: -1 }, 'QUANTITY_INVALID', 'suspended'],
    ['absurd bytes', { bytesDown: QUANTITY_MAX + 1 }, 'QUANTITY_INVALID', 'suspended'],
    ['an end before its start', { endTime: NOON - 1 }, 'QUANTITY_INVALID', 'suspended'],
    ['no event key', { eventId: null }, 'FIELD_MISSING', 'rejected'],
    ['an unknown SIM', { iccid: 'nobody' }, 'SIM_UNKNOWN', 'suspended'],
  ])('%s goes to suspense with its code, bytes and origin', (_title, wrong, code, outcome) => {
    const result = executePlan(plan, [message(7, {}, wrong)], reference(), 'usage.events');
    const { records, header } = decodeSuspenseBlock(result.suspense);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ stage: 'guide', code, outcome, originTopic: 'usage.events', originOffset: 7 });
    expect(records[0]).toMatchObject({ originPartition: 0, originIndex: 1, firstAttempt: NOON });
    expect([...records[0].raw]).toEqual([7, 1]);
    expect(records[0].detail.length).toBeGreaterThan(10);
    expect(header.controls[outcome === 'rejected' ? 'rejected' : 'suspended']).toBe(1);
    expect(result.counts.received).toBe(2);
    expect(result.counts.guided + result.counts.rejected + result.counts.suspended).toBe(2);
    expect(result.counts.guidedBytes + result.counts.rejectedBytes + result.counts.suspendedBytes).toBe(
      result.counts.receivedBytes,
    );
  });

  it('counts an undecodable message as one event and keeps it whole', () => {
    const broken: RawMessage = {
      partition: 0,
      offset: 3,
      receivedAt: NOON,
      value: Uint8Array.of(9, 9, 9),
      decoded: { kind: 'refused', code: 'SCHEMA_INVALID', outcome: 'rejected', detail: 'no Avro at all, nowhere' },
    };
    const result = executePlan(plan, [broken], reference(), 'usage.events');
    const { records } = decodeSuspenseBlock(result.suspense);
    expect(records[0]).toMatchObject({ code: 'SCHEMA_INVALID', originIndex: -1, rawEncoding: 'message' });
    expect([...records[0].raw]).toEqual([9, 9, 9]);
    expect(result.counts).toMatchObject({ received: 1, rejected: 1 });
  });

  it('gives the same bytes whoever executes it, however late: later facts do not show', () => {
    const moved: ReferenceFact = {
      kind: 'subscription',
      id: 's/alpha/2',
      subscription: 'sub-alpha',
      account: 'alpha',
      plan: 'other',
      pool: null,
      state: 'active',
      validFrom: START,
    };
    const messages = ACCOUNTS.map((name, offset) => message(offset, { iccid: `sim-${name}` }, { iccid: 'nobody' }));
    const first = executePlan(plan, messages, reference(), 'usage.events');
    const late = reference([moved]);
    // The late executor has looked other things up before; its caches must not show either.
    late.resolve('sim-alpha', null, null, NOON, 2);
    const second = executePlan(plan, messages, late, 'usage.events');
    expect(second.blocks.map((block) => Buffer.from(block).toString('hex'))).toEqual(
      first.blocks.map((block) => Buffer.from(block).toString('hex')),
    );
    expect(Buffer.from(second.suspense).equals(Buffer.from(first.suspense))).toBe(true);
    const newer = executePlan({ ...plan, to: { offset: 100, x: 2 } }, messages, late, 'usage.events');
    const block = decodeGuidedBlock(newer.blocks[guidedPartition('alpha', 3)]);
    expect(Array.from({ length: block.profileCount }, (_, index) => block.profileAt(index).plan)).toContain('other');
  });

  it('gives the same bytes whatever plans were executed before, and by the same memory', () => {
    const plmns = ['26201', '20801', '26201', null];
    const messages = ACCOUNTS.map((name, offset) =>
      message(offset, { iccid: `sim-${name}`, plmn: plmns[offset] }, { iccid: `sim-${name}`, ratingGroup: offset }),
    );
    const memory = new GuideMemory();
    const index = reference();
    for (const part of [messages.slice(2), messages, messages.toReversed(), messages]) {
      const bytes = (known: GuideMemory, of: ReferenceIndex): Buffer[] =>
        executePlan(plan, part, of, 'usage.events', known).blocks.map((block) => Buffer.from(block));
      expect(bytes(memory, index)).toEqual(bytes(new GuideMemory(), reference()));
    }
    expect([5, 3, 5].map((count) => memory.partitionOf('alpha', count))).toEqual(
      [5, 3, 5].map((count) => guidedPartition('alpha', count)),
    );
  });

  it('suspends whole a message whose quantities could not be added up exactly', () => {
    const events = Array.from({ length: 40 }, (): Partial<UsageEvent> => ({ bytesUp: QUANTITY_MAX - 11 }));
    const result = executePlan(plan, [message(1, ...events), message(2, {})], reference(), 'usage.events');
    const { records } = decodeSuspenseBlock(result.suspense);
    expect(records.map(({ code, originIndex }) => [code, originIndex])).toEqual([['QUANTITY_INVALID', -1]]);
    expect(result.counts).toMatchObject({ received: 2, guided: 1, suspended: 1 });
  });

  it('covers an idle range with empty blocks', () => {
    const idle = { ...plan, from: { offset: 100, x: 1 }, to: { offset: 100, x: 5 } };
    const { blocks } = executePlan(idle, [], reference(), 'usage.events');
    for (const value of blocks) expect(decodeGuidedBlock(value).count).toBe(0);
  });
});
