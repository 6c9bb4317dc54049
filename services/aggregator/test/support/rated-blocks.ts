/**
 * Rated blocks made from a seed, with what stands in them as plain records, so that a test can add up by itself.
 */
import {
  type BlockControls,
  type BlockHeader,
  decodeGuidedBlock,
  encodeRatedBlock,
  GuidedBlockWriter,
  type HeaderInput,
  type UsageEvent,
} from '@headrace/codec';
import { type Context, type LineRule, PAYER_USAGE_ACCOUNT, type Profile } from '@headrace/rating/contract';
import { LineTable } from '@headrace/rating/lines';

/** One line as a test sees it. */
export interface PlainLine {
  readonly event: number;
  readonly account: string;
  readonly subscription: string;
  readonly service: string;
  readonly zone: string;
  readonly tag: string;
  readonly leg: string;
  readonly period: string;
  readonly currency: string;
  readonly unit: string;
  readonly quantity: number;
  readonly eventQuantity: number;
  readonly amount: bigint;
}

export interface MadeBlock {
  readonly value: Uint8Array;
  readonly lines: readonly PlainLine[];
}

export interface BlockShape {
  readonly partition: number;
  readonly offset: number;
  readonly events: number;
  readonly random: () => number;
  readonly status?: BlockHeader['status'];
  readonly answers?: BlockHeader['answers'];
  /** Makes the parts of the first event miss its quantity. */
  readonly broken?: boolean;
  /** A second leg: each event has one wholesale line with all of its quantity behind its retail lines. */
  readonly wholesale?: boolean;
  /** Quantities are of money instead of bytes. */
  readonly money?: boolean;
}

export const NO_CONTROLS: BlockControls = {
  events: 0,
  bytes: 0,
  rated: 0,
  ratedBytes: 0,
  duplicate: 0,
  duplicateBytes: 0,
  rejected: 0,
  rejectedBytes: 0,
  suspended: 0,
  suspendedBytes: 0,
  lines: 0,
  quantity: 0,
  eventQuantity: 0,
  amounts: {},
};

/** A generator of numbers from 0 to below 1; the same seed gives the same numbers. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const BLOCK_TIME = 1_795_000_001_000_000;

export function ratedHeader(partition: number, offset: number, changes: Partial<HeaderInput> = {}): HeaderInput {
  return {
    v: 1,
    kind: 'rated',
    source: `guided/1/${partition}`,
    from: { offset, x: 0 },
    to: { offset: offset + 1, x: 0 },
    generation: 1,
    partition,
    status: 'applied',
    blockTime: BLOCK_TIME,
    horizonDays: 45,
    controls: NO_CONTROLS,
    answers: { source: 'raw/0', from: { offset: offset * 10, x: 1 }, to: { offset: offset * 10 + 10, x: 1 } },
    ...changes,
  };
}

const CONTEXTS: readonly Context[] = ['data', 'voice'].map((service) => ({
  source: 'mediation',
  service,
  plmn: '26201',
  rat: 'LTE',
  apn: 'iot',
  ratingGroup: -1,
  rawEncoding: 'message',
}));

const PROFILES: readonly Profile[] = ['a', 'b', 'c'].map((name) => ({
  usageAccount: `account-${name}`,
  subscription: `subscription-${name}`,
  sim: `sim-${name}`,
  plan: 'plan',
  pool: '',
  poolAccount: '',
  poolRule: '',
  ratingKey: `account-${name}`,
  currency: 'EUR',
  timeZone: 'UTC',
  simState: 'active',
}));

const RULES: readonly LineRule[] = (['in-bundle', 'overage', 'pay-per-use'] as const).flatMap((tag) =>
  ['EUR', 'USD'].map((currency) => ({
    period: '2026-11',
    zone: tag === 'overage' ? 'zone-1' : '',
    tag,
    leg: 'retail' as const,
    unit: 'bytes',
    currency,
    priceBook: 'demo@1',
    price: 't/p@2026-01-01',
    reason: '',
    bucket: '',
    meter: 'subscription:cycle',
  })),
);
const MONEY_RULE: LineRule = { ...(RULES[0] as LineRule), tag: 'pay-per-use', unit: 'money', zone: 'premium' };
const WHOLESALE_RULE: LineRule = { ...(RULES[0] as LineRule), leg: 'wholesale', tag: 'pay-per-use', zone: 'visited' };

function pick<T>(random: () => number, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new RangeError('nothing to pick from');
  return chosen;
}

function usageEvent(bytes: number): UsageEvent {
  const absent = { iccid: null, imsi: null, msisdn: null, imei: null, endTime: null, amount: null, currency: null };
  const network = { plmn: null, rat: null, apn: null, ratingGroup: null, otherParty: null, recordType: null };
  const record = { node: null, chargingId: null, recordSequence: null, openingTime: null, containerIndex: null };
  const session = { recordingFunction: null, chargingSession: null, sessionSequence: null, containerSequence: null };
  return {
    ...absent,
    ...network,
    ...record,
    ...session,
    source: 'mediation',
    eventId: 'e',
    service: 'data',
    startTime: BLOCK_TIME - 1_000_000,
    utcOffsetMinutes: 0,
    bytesUp: bytes,
    bytesDown: 0,
    seconds: 0,
    units: 0,
    localSequence: null,
    reference: null,
    causeForClosing: null,
    retransmission: false,
  };
}

/** A block of events with one to four lines each, in two currencies. */
export function makeBlock(shape: BlockShape): MadeBlock {
  const { partition, offset, events, random } = shape;
  const writer = new GuidedBlockWriter();
  const rated = new LineTable();
  const plain: PlainLine[] = [];
  for (let event = 0; event < events; event += 1) {
    const profile = pick(random, PROFILES);
    const context = pick(random, CONTEXTS);
    const quantities = Array.from({ length: 1 + Math.floor(random() * 4) }, () => Math.floor(random() * 1e9));
    const whole = quantities.reduce((sum, quantity) => sum + quantity, 0) + (shape.broken && event === 0 ? 1 : 0);
    writer.add({
      event: usageEvent(whole),
      profile,
      context,
      key: new Uint32Array([1, partition, offset, event]),
      id: `${partition}-${offset}-${event}`,
      payloadDigest: new Uint32Array([1, 2]),
      receivedAt: BLOCK_TIME,
      rawPartition: 0,
      rawOffset: offset,
      rawIndex: event,
      raw: new Uint8Array([1]),
    });
    const add = (part: number, quantity: number, rule: LineRule): void => {
      const amount = BigInt(Math.floor(random() * 1e15)) * (random() < 0.2 ? -1n : 1n);
      const line = rated.push(event, part, rule, PAYER_USAGE_ACCOUNT, quantity, whole, 0, 0, quantity, 0, 0);
      rated.setAmount(line, amount);
      const { zone, tag, leg, period, currency, unit } = rule;
      const { subscription, usageAccount: account } = profile;
      const { service } = context;
      const key = { account, subscription, service, zone, tag, leg, period, currency, unit };
      plain.push({ ...key, event, quantity, eventQuantity: whole, amount });
    };
    for (const [part, quantity] of quantities.entries()) {
      add(part, quantity, shape.money ? MONEY_RULE : pick(random, RULES));
    }
    if (shape.wholesale) add(quantities.length, whole, WHOLESALE_RULE);
  }
  const status = shape.status ?? 'applied';
  const header = ratedHeader(partition, offset, { status, ...(shape.answers ? { answers: shape.answers } : {}) });
  const guided = events === 0 ? null : decodeGuidedBlock(writer.finish({ ...header, kind: 'usage' }));
  const identity = { generation: 1, partition, offset, blockTime: BLOCK_TIME };
  return { value: encodeRatedBlock({ guided, lines: rated, identity, header }), lines: plain };
}
