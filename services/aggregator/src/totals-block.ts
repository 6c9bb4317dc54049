/** The totals block and the control totals that answer one rated block. Pure. */
import { type BlockControls, type ControlTotals, encodeTotalsBlock, type RatedBlock } from '@headrace/codec';
import { differencesOf, type Recount, recount } from './differences.ts';

export interface AggregatedBlock {
  readonly value: Uint8Array;
  readonly controls: ControlTotals;
  readonly recount: Recount;
  /** Totals that the block moves. */
  readonly differences: number;
}

const NO_EVENTS = {
  events: 0,
  bytes: 0,
  ratedBytes: 0,
  duplicate: 0,
  duplicateBytes: 0,
  rejected: 0,
  rejectedBytes: 0,
  suspended: 0,
  suspendedBytes: 0,
} as const;

/** Same bytes for the same rated block. The identity is the rated block's: one guided offset. */
export function aggregate(block: RatedBlock): AggregatedBlock {
  const counted = recount(block);
  const deltas = differencesOf(block);
  const { header } = block;
  const { source, from, to, generation, partition, status, blockTime, horizonDays, answers } = header;
  const controls: BlockControls = {
    ...NO_EVENTS,
    rated: counted.events,
    lines: counted.lines,
    quantity: counted.quantity,
    eventQuantity: counted.eventQuantity,
    amounts: counted.amounts,
  };
  const value = encodeTotalsBlock({
    header: {
      v: 1,
      kind: 'totals',
      source,
      from,
      to,
      generation,
      partition,
      status,
      blockTime,
      horizonDays,
      controls,
      ...(answers === undefined ? {} : { answers }),
    },
    identity: { generation, partition, offset: to.offset - 1, blockTime },
    deltas,
  });
  return { value, controls: aggregatorControls(block, counted), recount: counted, differences: deltas.length };
}

function aggregatorControls({ header }: RatedBlock, counted: Recount): ControlTotals {
  return {
    stage: 'aggregator',
    source: header.source,
    fromOffset: header.from.offset,
    fromX: header.from.x,
    toOffset: header.to.offset,
    toX: header.to.x,
    generation: header.generation,
    guidedPartition: header.partition,
    guidedOffset: header.to.offset - 1,
    blockTime: header.blockTime,
    status: header.status,
    eventsIn: 0,
    eventsGuided: 0,
    eventsRated: counted.events,
    eventsDuplicate: 0,
    eventsRejected: 0,
    eventsSuspended: 0,
    bytesIn: 0,
    bytesGuided: 0,
    bytesRated: 0,
    bytesDuplicate: 0,
    bytesRejected: 0,
    bytesSuspended: 0,
    lines: counted.lines,
    quantity: counted.quantity,
    eventQuantity: counted.eventQuantity,
    brokenEvents: counted.brokenEvents,
    amounts: counted.amounts,
    digest: header.digest,
  };
}
