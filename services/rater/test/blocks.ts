/** Guided blocks for tests: what a guide would send for one guided partition. */
import { readFileSync } from 'node:fs';
import {
  encodeFactBlock,
  eventKey,
  GuidedBlockWriter,
  type HeaderInput,
  NO_CONTROLS,
  type Position,
  parseYaml,
  payloadDigest,
  type UsageEvent,
} from '@headrace/codec';
import { type Context, FOLD_VERSION, type GuidedFact, type Profile, type ReferenceFact } from '@headrace/rating';

const START = '2026-01-01T00:00:00Z';
export const NOON = Date.UTC(2026, 10, 20, 12) * 1000;

function header(kind: 'usage' | 'reference', source: string, from: Position, to: Position): HeaderInput {
  const fixed = { v: 1, generation: 1, partition: 0, status: 'applied', horizonDays: 45 } as const;
  return { ...fixed, kind, source, from, to, blockTime: NOON, controls: NO_CONTROLS };
}

export const FACTS: readonly ReferenceFact[] = [
  { kind: 'foldVersion', id: 'f', version: FOLD_VERSION },
  {
    kind: 'priceBook',
    id: 'book',
    book: parseYaml(readFileSync(new URL('../../../schemas/price-books/demo-excerpt.yaml', import.meta.url), 'utf8'))
      .document,
  },
  {
    kind: 'account',
    id: 'a',
    account: 'acme',
    parent: null,
    currency: 'EUR',
    timeZone: 'UTC',
    status: 'open',
    validFrom: START,
  },
  { kind: 'pool', id: 'p', pool: 'pool-1', account: 'acme', rule: 'stacked', validFrom: START },
  {
    kind: 'subscription',
    id: 's',
    subscription: 'sub-1',
    account: 'acme',
    plan: 'iot-stacked',
    pool: 'pool-1',
    state: 'active',
    validFrom: START,
  },
];

export function factBlock(facts: readonly ReferenceFact[], from: number, to: number): Uint8Array {
  const guided: GuidedFact[] = facts.map((fact) => ({
    position: from,
    receivedAt: NOON,
    kind: fact.kind,
    fact: JSON.stringify(fact),
  }));
  const position = (x: number): Position => ({ offset: x, x });
  return encodeFactBlock({ header: header('reference', 'reference', position(from), position(to)), facts: guided });
}

const PROFILE: Profile = {
  usageAccount: 'acme',
  subscription: 'sub-1',
  sim: '8901',
  plan: 'iot-stacked',
  pool: 'pool-1',
  poolAccount: 'acme',
  poolRule: 'stacked',
  ratingKey: 'acme',
  currency: 'EUR',
  timeZone: 'UTC',
  simState: 'active',
};

const CONTEXT: Context = {
  source: 'test',
  service: 'data',
  plmn: '26201',
  rat: 'LTE',
  apn: 'iot',
  ratingGroup: -1,
  rawEncoding: 'message',
};

export interface TestUsage {
  readonly id: string;
  readonly bytes: number;
  readonly plmn?: string;
}

/** A usage block of raw/0 that covers offsets from (inclusive) to (exclusive). */
export function usageBlock(from: number, to: number, usage: readonly TestUsage[], x = 1): Uint8Array {
  const writer = new GuidedBlockWriter();
  const key = new Uint32Array(4);
  const digest = new Uint32Array(2);
  const contexts = new Map<string, Context>();
  usage.forEach(({ id, bytes, plmn = '26201' }, at) => {
    const event = { ...EVENT, eventId: id, bytesUp: bytes, plmn };
    const context = contexts.get(plmn) ?? { ...CONTEXT, plmn };
    contexts.set(plmn, context);
    const words = eventKey(event, key);
    if (words === null) throw new Error('the test event has no key');
    payloadDigest(event, digest);
    writer.add({
      event,
      profile: PROFILE,
      context,
      key,
      id: words,
      payloadDigest: digest,
      receivedAt: NOON,
      rawPartition: 0,
      rawOffset: from,
      rawIndex: at,
      raw: Buffer.from(`raw ${id} ${bytes}`),
    });
  });
  return writer.finish(header('usage', 'raw/0', { offset: from, x: from === 0 ? 0 : x }, { offset: to, x }));
}

const EVENT: UsageEvent = {
  source: 'test',
  eventId: '',
  service: 'data',
  iccid: '8901',
  imsi: null,
  msisdn: null,
  imei: null,
  startTime: NOON,
  endTime: null,
  utcOffsetMinutes: 0,
  bytesUp: 0,
  bytesDown: 0,
  seconds: 0,
  units: 0,
  amount: null,
  currency: null,
  plmn: '26201',
  rat: 'LTE',
  apn: 'iot',
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
