/**
 * What the stages report of a small balanced run, as plain data that a test can disturb: `plans` plans of one raw
 * partition, guided to two partitions, rated, loaded and aggregated.
 */
import {
  type BlockControls,
  type BlockHeader,
  type ControlTotals,
  encodeRatedBlock,
  type Position,
} from '@headrace/codec';
import { LineTable } from '@headrace/rating/lines';

export const PARTITIONS = 2;
const BLOCK_TIME = 1_795_000_001_000_000;
/** Of each plan: events guided to each partition, rejected and suspended at the guide. */
const GUIDED = 10;
const REJECTED = 1;
const SUSPENDED = 2;
/** Of each guided block. */
const RATER = { rated: 7, duplicate: 2, suspended: 1 } as const;
const BYTES = 100;
const LINES = 9;
const QUANTITY = 700;
const AMOUNTS = { EUR: '1.5', USD: '-0.25' } as const;

export interface World {
  /** Sent to assurance.controls in this order. */
  reports: ControlTotals[];
  /** Headers of usage.rated, by partition. */
  rated: BlockHeader[][];
}

export const ZERO: ControlTotals = {
  stage: '',
  source: '',
  fromOffset: 0,
  fromX: 0,
  toOffset: 0,
  toX: 0,
  generation: 1,
  guidedPartition: -1,
  guidedOffset: -1,
  blockTime: BLOCK_TIME,
  status: 'applied',
  eventsIn: 0,
  eventsGuided: 0,
  eventsRated: 0,
  eventsDuplicate: 0,
  eventsRejected: 0,
  eventsSuspended: 0,
  bytesIn: 0,
  bytesGuided: 0,
  bytesRated: 0,
  bytesDuplicate: 0,
  bytesRejected: 0,
  bytesSuspended: 0,
  lines: 0,
  quantity: 0,
  eventQuantity: 0,
  brokenEvents: 0,
  amounts: {},
  digest: '',
};

/** Which of several worlds in one deployment: names its raw partition and its generation. */
export interface WorldName {
  readonly raw: number;
  readonly generation: number;
}

function range(plan: number): { from: Position; to: Position } {
  return { from: { offset: plan * 13, x: plan === 0 ? 0 : 3 }, to: { offset: plan * 13 + 13, x: 3 } };
}

function rangeOf({ from, to }: { from: Position; to: Position }) {
  return { fromOffset: from.offset, fromX: from.x, toOffset: to.offset, toX: to.x };
}

function guideReports({ raw, generation }: WorldName, plan: number): ControlTotals[] {
  const at = { ...ZERO, generation, source: `raw/${raw}`, ...rangeOf(range(plan)) };
  const received = PARTITIONS * GUIDED + REJECTED + SUSPENDED;
  const whole = {
    ...at,
    stage: 'guide',
    eventsIn: received,
    eventsGuided: PARTITIONS * GUIDED,
    eventsRejected: REJECTED,
    eventsSuspended: SUSPENDED,
    bytesIn: received * BYTES,
    bytesGuided: PARTITIONS * GUIDED * BYTES,
    bytesRejected: REJECTED * BYTES,
    bytesSuspended: SUSPENDED * BYTES,
  };
  const blocks = Array.from({ length: PARTITIONS }, (_, guidedPartition) => ({
    ...at,
    stage: 'guided',
    guidedPartition,
    eventsIn: GUIDED,
    eventsGuided: GUIDED,
    bytesIn: GUIDED * BYTES,
    bytesGuided: GUIDED * BYTES,
  }));
  return [whole, ...blocks, { ...at, stage: 'loader-suspense', lines: REJECTED + SUSPENDED }];
}

const controls: BlockControls = {
  events: GUIDED,
  bytes: GUIDED * BYTES,
  rated: RATER.rated,
  ratedBytes: RATER.rated * BYTES,
  duplicate: RATER.duplicate,
  duplicateBytes: RATER.duplicate * BYTES,
  rejected: 0,
  rejectedBytes: 0,
  suspended: RATER.suspended,
  suspendedBytes: RATER.suspended * BYTES,
  lines: LINES,
  quantity: QUANTITY,
  eventQuantity: QUANTITY,
  amounts: AMOUNTS,
};

function ratedHeader({ raw, generation }: WorldName, partition: number, plan: number): BlockHeader {
  return {
    v: 1,
    kind: 'rated',
    source: `guided/${generation}/${partition}`,
    from: { offset: plan, x: 0 },
    to: { offset: plan + 1, x: 0 },
    generation,
    partition,
    status: 'applied',
    blockTime: BLOCK_TIME,
    horizonDays: 45,
    controls,
    digest: '',
    answers: { source: `raw/${raw}`, ...range(plan) },
  };
}

function readerReports({ generation }: WorldName, partition: number, plan: number): ControlTotals[] {
  const at = {
    ...ZERO,
    generation,
    source: `guided/${generation}/${partition}`,
    fromOffset: plan,
    toOffset: plan + 1,
    guidedPartition: partition,
    guidedOffset: plan,
  };
  const counted = { lines: LINES, quantity: QUANTITY, eventQuantity: QUANTITY, amounts: AMOUNTS };
  return [
    { ...at, stage: 'loader', lines: LINES },
    { ...at, stage: 'loader-totals', lines: 3 },
    { ...at, stage: 'loader-suspense', lines: RATER.suspended },
    { ...at, stage: 'aggregator', eventsRated: RATER.rated, ...counted },
  ];
}

export function balancedWorld(plans: number, name: WorldName = { raw: 0, generation: 1 }): World {
  const numbers = Array.from({ length: plans }, (_, plan) => plan);
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  return {
    reports: numbers.flatMap((plan) => [
      ...guideReports(name, plan),
      ...partitions.flatMap((partition) => readerReports(name, partition, plan)),
    ]),
    rated: partitions.map((partition) => numbers.map((plan) => ratedHeader(name, partition, plan))),
  };
}

/** A rated block with this header; its contents do not matter to assurance. */
export function ratedMessage(header: BlockHeader): Uint8Array {
  const { generation, partition, to, blockTime } = header;
  const identity = { generation, partition, offset: to.offset - 1, blockTime };
  return encodeRatedBlock({ guided: null, lines: new LineTable(), identity, header });
}
