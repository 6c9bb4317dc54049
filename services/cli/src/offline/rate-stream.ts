/**
 * Rates a file of usage as the stream does: in the order of the file, duplicates dropped, provisional where the order
 * decides who pays.
 *
 * Memory is bounded by subscribers (their facts, meters and buckets) and duplicate keys, not by events: a batch of the file
 * is read, rated, handed on and forgotten.
 */
import {
  createRater,
  EventTable,
  type FactOutcome,
  OUTCOME_DUPLICATE,
  OUTCOME_RATED,
  type RatedOutcome,
  type RaterStatistics,
} from '@headrace/rating';
import type { BookFile } from '../book-file.ts';
import { CommandFailed } from '../command.ts';
import { isRefusal, OfflineGuide } from './offline-guide.ts';
import { bookFact } from './subscribers.ts';
import type { UsageInput } from './usage-options.ts';

export interface RatedBatch {
  readonly lines: RatedOutcome['lines'];
  readonly events: EventTable;
}

/** The lines of each batch; both hold until the next batch is asked for. */
export async function* rateStream(book: BookFile, input: UsageInput): AsyncGenerator<RatedBatch, RaterStatistics> {
  const { file, subscribers, tally, progress } = input;
  const guide = new OfflineGuide(subscribers);
  const rater = createRater();
  checkFacts(rater.applyFacts([bookFact(book)]));
  const events = new EventTable();
  const places: string[] = [];
  for await (const items of file.batches()) {
    events.clear();
    places.length = 0;
    for (const { place, event, refused } of items) {
      tally.received += 1;
      const guided = refused ?? (event === null ? null : guide.guide(event));
      if (guided === null) throw new Error(`${place} is neither an event nor refused`);
      if (isRefusal(guided)) tally.refuse(place, guided);
      else {
        events.add(guided);
        places.push(place);
      }
    }
    const facts = subscribers.takeFacts();
    if (facts.length > 0) checkFacts(rater.applyFacts(facts));
    const outcome = rater.rate(events);
    for (const result of outcome.outcomes) {
      if (result === OUTCOME_RATED) tally.rated += 1;
      else if (result === OUTCOME_DUPLICATE) tally.duplicate += 1;
    }
    for (const { event, code, detail } of outcome.suspended) {
      tally.refuse(places[event] ?? file.path, { code, detail, outcome: 'suspended' });
    }
    progress.show('Rating', tally.received, file.bytesRead);
    yield { lines: outcome.lines, events };
  }
  progress.done();
  return rater.statistics();
}

/** @throws CommandFailed if the fold refuses a fact */
export function checkFacts({ refused }: Pick<FactOutcome, 'refused'>): void {
  if (refused.length === 0) return;
  const reasons = refused.slice(0, 20).map(({ id, reason }) => `\n  ${id}: ${reason}`);
  throw new CommandFailed(`these facts cannot hold:${reasons.join('')}`);
}
