/** What the loader says about a block that it applied. Pure. */
import type { BlockHeader, ControlTotals } from '@headrace/codec';

/**
 * Lines are what ClickHouse says it wrote; everything that the loader does not count itself is zero, for a figure that is
 * only copied would prove nothing. Amounts are compared in ClickHouse itself (assurance, stored totals).
 */
export function loaderControls(stage: string, header: BlockHeader, writtenRows: number): ControlTotals {
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
    lines: writtenRows,
    quantity: 0,
    eventQuantity: 0,
    brokenEvents: 0,
    amounts: {},
    digest: header.digest,
  };
}
