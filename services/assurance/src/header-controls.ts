/** What a rated block's header says that the rater did, as control totals. Pure. */
import type { BlockHeader, ControlTotals } from '@headrace/codec';

/**
 * The range is that of the guided block which the rated block answers, so that it meets the guide's report of it; the
 * guided offset identifies the rated block for the reports of loader and aggregator. A block that answers nothing readable
 * keeps its own range.
 */
export function raterControls(header: BlockHeader): ControlTotals {
  const range = header.answers ?? header;
  const { controls } = header;
  return {
    stage: 'rater',
    source: range.source,
    fromOffset: range.from.offset,
    fromX: range.from.x,
    toOffset: range.to.offset,
    toX: range.to.x,
    generation: header.generation,
    guidedPartition: header.partition,
    guidedOffset: header.to.offset - 1,
    blockTime: header.blockTime,
    status: header.status,
    eventsIn: controls.events,
    eventsGuided: 0,
    eventsRated: controls.rated,
    eventsDuplicate: controls.duplicate,
    eventsRejected: controls.rejected,
    eventsSuspended: controls.suspended,
    bytesIn: controls.bytes,
    bytesGuided: 0,
    bytesRated: controls.ratedBytes,
    bytesDuplicate: controls.duplicateBytes,
    bytesRejected: controls.rejectedBytes,
    bytesSuspended: controls.suspendedBytes,
    lines: controls.lines,
    quantity: controls.quantity,
    eventQuantity: controls.eventQuantity,
    brokenEvents: 0,
    amounts: controls.amounts,
    digest: header.digest,
  };
}
