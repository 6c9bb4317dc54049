/** What the loader says about a block that it applied. Pure. */
import type { BlockHeader, ControlTotals } from '@headrace/codec';

/**
 * Lines are the records that the loader counted in the file that ClickHouse acknowledged; what it does not count itself is
 * zero, for a figure that is only copied would prove nothing. What ClickHouse then holds, lines and money, is compared in
 * ClickHouse (assurance, stored checks).
 */
export function loaderControls(stage: string, header: BlockHeader, rows: number): ControlTotals {
  const ofGuided = header.source.startsWith('guided/');
  return {
    stage,
    source: header.source,
    fromOffset: header.from.offset,
    fromX: header.from.x,
    toOffset: header.to.offset,
    toX: header.to.x,
    generation: header.generation,
    guidedPartition: header.partition,
    guidedOffset: ofGuided ? header.to.offset - 1 : -1,
    blockTime: header.blockTime,
    status: header.status,
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
    lines: rows,
    quantity: 0,
    eventQuantity: 0,
    brokenEvents: 0,
    amounts: {},
    digest: header.digest,
  };
}
