/**
 * Settles a file of usage: its events in canonical order, against all facts, by one book or several.
 *
 *   1. read the file: refuse what guiding would refuse, note the keys of events, sort on disk
 *   2. read in order: rate by each book, with its own state
 *
 * Memory is bounded by subscribers, duplicate keys and the sorter's chunk, not by events.
 */
import { type UsageEvent, writeUsageEvent } from '@headrace/codec';
import { ByteReader } from '@headrace/codec/bytes/reader';
import { ByteWriter } from '@headrace/codec/bytes/writer';
import { readUsageEvent } from '@headrace/codec/usage/read-event';
import { Conflicts, EventTable, type OfflineEvent, type RatedOutcome, Settlement } from '@headrace/rating';
import type { BookFile } from '../book-file.ts';
import { isRefusal, OfflineGuide } from './offline-guide.ts';
import { checkFacts } from './rate-stream.ts';
import { ExternalSorter, type SorterOptions } from './sorter.ts';
import type { UsageInput } from './usage-options.ts';

export interface SettleOptions extends SorterOptions {
  /** Events to settle; undefined: all. What shares an account's root must stay together. */
  readonly keep?: (event: OfflineEvent) => boolean;
  /** Sees what was rated by a book, by its number; both hold until it returns. */
  readonly onRated?: (outcome: RatedOutcome, events: EventTable, book: number) => void;
}

export interface SettledFile {
  /** One for each book, in order; still open. */
  readonly settlements: readonly Settlement[];
  /** Bytes that were sorted on disk; 0 if all fitted into memory. */
  readonly bytesOnDisk: number;
}

/**
 * @param books to settle by; a function is told the time of the last event (microseconds) when all were read
 * @throws CommandFailed if a fact cannot hold by one of the books
 */
export async function settleFile(
  books: readonly BookFile[] | ((lastEventTime: number) => readonly BookFile[]),
  input: UsageInput,
  options: SettleOptions = {},
): Promise<SettledFile> {
  const sorter = new ExternalSorter(options);
  try {
    const { conflicts, lastEventTime } = await sortEvents(input, sorter, options.keep);
    const settlements = (typeof books === 'function' ? books(lastEventTime) : books).map(
      (book) => new Settlement(input.subscribers.factsWith(book), { leaveOut: conflicts.keys }),
    );
    for (const settlement of settlements) checkFacts(settlement);
    const guide = new OfflineGuide(input.subscribers);
    const reader = new ByteReader();
    const events = new EventTable();
    let read = 0;
    for await (const records of sorter.sorted()) {
      events.clear();
      for (const { payload } of records) events.add(again(guide, readUsageEvent(reader.reset(payload))));
      settlements.forEach((settlement, number) => {
        const outcome = settlement.add(events);
        options.onRated?.(outcome, events, number);
      });
      read += records.length;
      input.progress.show('Settling', read, input.file.bytesRead);
    }
    input.progress.done();
    return { settlements, bytesOnDisk: sorter.bytesOnDisk };
  } finally {
    sorter.close();
  }
}

async function sortEvents(
  { file, subscribers, tally, progress }: UsageInput,
  sorter: ExternalSorter,
  keep: SettleOptions['keep'],
): Promise<{ readonly conflicts: Conflicts; readonly lastEventTime: number }> {
  const guide = new OfflineGuide(subscribers);
  const conflicts = new Conflicts();
  const batch = new EventTable();
  const writer = new ByteWriter();
  let lastEventTime = 0;
  for await (const items of file.batches()) {
    batch.clear();
    for (const { place, event, refused } of items) {
      if (refused !== null || event === null) {
        tally.received += 1;
        if (refused !== null) tally.refuse(place, refused);
        continue;
      }
      const guided = guide.guide(event);
      if (!isRefusal(guided) && keep?.(guided) === false) continue;
      tally.received += 1;
      if (isRefusal(guided)) {
        tally.refuse(place, guided);
        continue;
      }
      batch.add(guided);
      lastEventTime = Math.max(lastEventTime, guided.eventTime);
      writer.clear();
      writeUsageEvent(writer, event);
      await sorter.add(guided.eventTime, guided.id, writer.view());
    }
    conflicts.add(batch);
    progress.show('Sorting', tally.received, file.bytesRead);
  }
  return { conflicts, lastEventTime };
}

/** An event was guided before it was sorted, by the same facts; it can be so again. */
function again(guide: OfflineGuide, event: UsageEvent): OfflineEvent {
  const guided = guide.guide(event);
  if (isRefusal(guided)) throw new Error(`an event was guided once and not again: ${guided.detail}`);
  return guided;
}
