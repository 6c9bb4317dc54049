/** Blocks of all three kinds that the loader takes, small and plain. */
import {
  type BlockControls,
  encodeRatedBlock,
  encodeSuspenseBlock,
  encodeTotalsBlock,
  type HeaderInput,
  type Position,
} from '@headrace/codec';

const BLOCK_TIME = 1_795_000_001_000_000;
const IDENTITY = { generation: 1, blockTime: BLOCK_TIME } as const;

const NO_CONTROLS: BlockControls = {
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

function header(
  kind: HeaderInput['kind'],
  source: string,
  partition: number,
  from: Position,
  to: Position,
): HeaderInput {
  const fixed = { v: 1, generation: 1, status: 'applied', blockTime: BLOCK_TIME, horizonDays: 45 } as const;
  return { ...fixed, kind, source, partition, from, to, controls: NO_CONTROLS };
}

function guidedHeader(kind: HeaderInput['kind'], partition: number, offset: number): HeaderInput {
  return header(kind, `guided/1/${partition}`, partition, { offset, x: 0 }, { offset: offset + 1, x: 0 });
}

/** A rated block with lines of 1, 2, 3 ... times `amount`; 0 lines make an empty one. */
export function ratedBlock(partition: number, offset: number, lines: number, amount = 1n): Uint8Array {
  const rule = {
    period: '2026-11',
    account: 'account',
    zone: '',
    tag: 'pay-per-use',
    leg: 'retail',
    unit: 'bytes',
    currency: 'EUR',
    priceBook: 'demo@1',
    price: 'p@2026-01-01',
    reason: '',
  } as const;
  const fact = { id: 'fact', time: BLOCK_TIME, subscription: 's', pool: '', service: 'data' };
  return encodeRatedBlock({
    guided: null,
    identity: { ...IDENTITY, partition, offset },
    header: guidedHeader('rated', partition, offset),
    lines: Array.from({ length: lines }, (_, part) => ({
      event: -1,
      part,
      rule,
      bucket: '',
      meter: 'm',
      quantity: part + 1,
      eventQuantity: 0,
      amount: amount * BigInt(part + 1),
      before: 0,
      after: part + 1,
      bucketSize: 0,
      fact,
    })),
  });
}

export function totalsBlock(partition: number, offset: number, lines: number): Uint8Array {
  const key = { account: 'account', subscription: 's', service: 'data', zone: '', tag: 'overage', leg: 'retail' };
  return encodeTotalsBlock({
    identity: { ...IDENTITY, partition, offset },
    header: guidedHeader('totals', partition, offset),
    deltas: [{ ...key, period: '2026-11', currency: 'EUR', unit: 'bytes', quantity: 5, amount: 7n, lines }],
  });
}

/** A suspense block of a raw partition, as the guide sends it, with `records` events. */
export function suspenseBlock(raw: number, from: number, to: number, records: number): Uint8Array {
  return encodeSuspenseBlock({
    header: header('suspense', `raw/${raw}`, -1, { offset: from, x: 0 }, { offset: to, x: 0 }),
    records: Array.from({ length: records }, (_, index) => ({
      stage: 'guide',
      outcome: 'suspended',
      code: 'SIM_UNKNOWN',
      detail: 'no SIM',
      originTopic: 'usage.events',
      originPartition: raw,
      originOffset: from + index,
      originIndex: 0,
      blockTime: BLOCK_TIME,
      firstAttempt: BLOCK_TIME,
      lastAttempt: BLOCK_TIME,
      eventKey: null,
      eventId: 'e',
      eventTime: BLOCK_TIME,
      source: 'mediation',
      service: 'data',
      account: '',
      subscription: '',
      sim: '',
      plmn: '',
      unit: 'bytes',
      quantity: 1,
      estimatedValue: 0n,
      currency: '',
      rawEncoding: 'message',
      raw: new Uint8Array([1, 2, 3]),
    })),
  });
}
