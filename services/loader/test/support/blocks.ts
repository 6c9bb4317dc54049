/** Blocks of all three kinds that the loader takes, small and plain. */
import {
  type BlockControls,
  encodeRatedBlock,
  encodeSuspenseBlock,
  encodeTotalsBlock,
  type HeaderInput,
  type Position,
} from '@headrace/codec';
import { PAYER_CAUSE } from '@headrace/rating/contract';
import { LineTable } from '@headrace/rating/lines';

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
    zone: '',
    tag: 'pay-per-use',
    leg: 'retail',
    unit: 'bytes',
    currency: 'EUR',
    priceBook: 'demo@1',
    price: 't/p@2026-01-01',
    reason: '',
    bucket: '',
    meter: 'subscription:cycle',
  } as const;
  const cause = { id: 'fact', time: BLOCK_TIME, account: 'account', subscription: 's', pool: '', service: 'data' };
  const table = new LineTable();
  for (let part = 0; part < lines; part++) {
    const line = table.push(-1, part, rule, PAYER_CAUSE, part + 1, 0, 0, 0, part + 1, 0, 0);
    table.setAmount(line, amount * BigInt(part + 1));
    table.causes.set(line, cause);
  }
  return encodeRatedBlock({
    guided: null,
    identity: { ...IDENTITY, partition, offset },
    header: guidedHeader('rated', partition, offset),
    lines: table,
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
