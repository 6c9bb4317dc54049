/** Whether an offset lies in its log, and the words for it when it does not. */
import { HeadraceError } from '@headrace/platform';
import type { PartitionOffsets } from './types.ts';

/** The error for a position outside the log, or null. `log` is undefined if the partition does not exist. */
export function outsideLog(place: string, offset: number, log: PartitionOffsets | undefined): HeadraceError | null {
  if (log === undefined) {
    return new HeadraceError('TOPIC_MISSING', `${place} does not exist; create the topic as schemas/README.md says.`);
  }
  const context = { place, offset, low: log.low, end: log.end };
  if (!Number.isSafeInteger(offset) || offset < 0) {
    return new HeadraceError('OFFSET_GONE', `${place} cannot be read from ${offset}: that is no offset.`, { context });
  }
  if (offset < log.low) {
    return new HeadraceError(
      'OFFSET_GONE',
      `${place} begins at offset ${log.low}, but ${offset} is the next to read: ${log.low - offset} offsets are gone; raise the topic's retention, and restore them or accept the loss.`,
      { context },
    );
  }
  if (offset > log.end) {
    return new HeadraceError(
      'OFFSET_BEYOND_END',
      `${place} ends at offset ${log.end}, but ${offset} is the next to read: the topic was made anew or lost data; restore it, or begin again with an empty state.`,
      { context },
    );
  }
  return null;
}
