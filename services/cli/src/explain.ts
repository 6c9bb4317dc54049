/** `headrace explain`: why an event, or an invoice line, costs what it costs; from files, or from ClickHouse. */

import type { Logger } from '@headrace/platform';
import { readConfig } from '@headrace/platform';
import { bookLabel, explainEvent, type PriceBook } from '@headrace/rating';
import { clickhouseSettings, clickhouseSettingsSchema, Store } from '@headrace/store';
import { type BookFile, readBookFile } from './book-file.ts';
import { type Command, CommandFailed, readWords, UsageError } from './command.ts';
import { isRefusal, OfflineGuide } from './offline/offline-guide.ts';
import { type RatedRow, ratedRow, trueUpRow } from './offline/rated-row.ts';
import { settleFile } from './offline/settle-file.ts';
import { openUsage, openUsageFile, USAGE_HELP, USAGE_OPTIONS, type UsageValues } from './offline/usage-options.ts';
import { Output } from './output/output.ts';
import { storedLines } from './stored-lines.ts';
import { STANDARD_INPUT } from './usage/usage-file.ts';
import { isLineOf, LineExplanation, type LineWanted } from './words/invoice-line.ts';

const HELP = `headrace explain BOOK --usage FILE --event ID
headrace explain BOOK --usage FILE --account NAME [--subscription, --service, --zone, --tag, --period, --leg]
headrace explain [BOOK] --event ID                                         (from ClickHouse)
headrace explain [BOOK] --account NAME --period P [--service, ...]         (from ClickHouse)

In words: which price, which bucket, the meter before and after, and the calculation. With --event, each line of one event;
with --account, the lines that one invoice line adds up: by which prices and buckets, the largest events, and the rounding.
With --usage the file is settled first, so meters stand as on the final bill. Without it the rated lines of the pipeline
are read from ClickHouse (CLICKHOUSE_URL); with a BOOK their amounts are worked out again.

  --event ID           as rate shows it, or the part after the source
  --account NAME       who pays
  --json               the lines and the words as one JSON object
${USAGE_HELP}

Exit status: 0 explained, 1 there is no such event or line, 2 wrong words.

Examples:
  npx headrace explain book.yaml --usage usage.csv --plan standard --event mediation/17
  npx headrace explain book.yaml --usage usage.csv --subscribers sims.csv --account acme --service data --tag overage
  CLICKHOUSE_URL=http://127.0.0.1:8123 npx headrace explain --event mediation/17
`;

const LINE_OPTIONS = {
  account: { type: 'string' },
  subscription: { type: 'string' },
  service: { type: 'string' },
  zone: { type: 'string' },
  tag: { type: 'string' },
  period: { type: 'string' },
  leg: { type: 'string' },
} as const;

/** What was found: lines, or only words. */
interface Explanation {
  readonly lines: readonly RatedRow[];
  readonly words: readonly string[];
}

export const command: Command = {
  help: HELP,
  async run(words, log) {
    const { values, positionals } = readWords(words, {
      ...USAGE_OPTIONS,
      ...LINE_OPTIONS,
      event: { type: 'string' },
      json: { type: 'boolean' },
    });
    const [path, ...more] = positionals;
    if (more.length > 0) throw new UsageError('headrace explain takes one price book; see --help.');
    const wanted = wantedOf(values);
    if (path === undefined && values.usage !== undefined) {
      throw new UsageError('headrace explain needs the price book that prices the usage; see --help.');
    }
    const book = path === undefined ? undefined : await readBookFile(path);
    const { lines, words: told } =
      book !== undefined && values.usage !== undefined
        ? await fromFile(book, values, wanted)
        : await fromStore(book?.book, wanted, log);
    const output = new Output();
    if (values.json === true) output.line(JSON.stringify({ lines, words: told }));
    else for (const line of told) output.line(line);
    await output.flush();
    return 0;
  },
};

type Wanted = { readonly event: string } | LineWanted;

function wantedOf({ event, ...line }: Partial<LineWanted> & { readonly event?: string }): Wanted {
  const { account, subscription, service, zone, tag, period, leg } = line;
  if (event !== undefined && account !== undefined) throw new UsageError('--event and --account do not go together.');
  if (event !== undefined) return { event };
  if (account === undefined) throw new UsageError('say what to explain: --event ID or --account NAME.');
  return { account, subscription, service, zone, tag, period, leg };
}

async function fromFile(book: BookFile, values: UsageValues, wanted: Wanted): Promise<Explanation> {
  if (!('event' in wanted)) {
    const explanation = new LineExplanation(book.book.invoiceRounding);
    const input = await openUsage(values, book, 0);
    const { settlements } = await settleFile([book], input, {
      onRated: ({ lines }, events) => {
        for (let line = 0; line < lines.count; line += 1) {
          const row = ratedRow(lines, line, events);
          if (isLineOf(row, wanted)) explanation.add(row);
        }
      },
    });
    for (const trueUp of settlements.flatMap((settlement) => settlement.close().trueUps)) {
      const row = trueUpRow(trueUp);
      if (isLineOf(row, wanted)) explanation.add(row);
    }
    return { lines: [], words: explanation.words(wanted) };
  }
  const { event } = wanted;
  const fate = await fateInFile(book, values, event);
  const rows: RatedRow[] = [];
  const told = [...fate.told];
  let copies = 0;
  await settleFile([book], await openUsage(values, book, 0), {
    keep: ({ profile }) => fate.ratingKeys === null || fate.ratingKeys.has(profile.ratingKey),
    onRated: ({ lines, suspended }, events) => {
      for (let line = 0; line < lines.count; line += 1) {
        if ((lines.event[line] as number) < 0) continue;
        if (isEvent(events.eventId(lines.event[line] as number), event)) rows.push(ratedRow(lines, line, events));
      }
      for (const { event: index, code, detail } of suspended) {
        if (isEvent(events.eventId(index), event))
          told.push(`${events.eventId(index)} is not rated: ${code}: ${detail}.`);
      }
      for (let index = 0; index < events.count; index += 1) if (isEvent(events.eventId(index), event)) copies += 1;
    },
  });
  if (rows.length > 0) told.push(...explainEvent(rows, book.book));
  if (copies > 1 && rows.length > 0) told.push('', `It is in the file ${copies} times and is charged once.`);
  if (told.length === 0) throw new CommandFailed(`${values.usage} has no event ${event}.`);
  return { lines: rows, words: told };
}

/** Whose the event is, so that only what shares its allowances is settled; and whether reading refused it. */
async function fateInFile(
  book: BookFile,
  values: UsageValues,
  wanted: string,
): Promise<{ readonly ratingKeys: ReadonlySet<string> | null; readonly told: readonly string[] }> {
  const path = values.usage ?? STANDARD_INPUT;
  // Standard input can be read once only.
  if (path === STANDARD_INPUT) return { ratingKeys: null, told: [] };
  const ratingKeys = new Set<string>();
  const told: string[] = [];
  const { subscribers } = await openUsage(values, book, 0);
  const guide = new OfflineGuide(subscribers);
  for await (const items of openUsageFile(path, values).batches()) {
    for (const { place, event, refused } of items) {
      if (event === null || (event.eventId !== null && !isEvent(`${event.source}/${event.eventId}`, wanted))) continue;
      const guided = refused ?? guide.guide(event);
      if (isRefusal(guided)) {
        if (event.eventId !== null)
          told.push(`${place}: not rated: ${guided.code} (${guided.outcome}): ${guided.detail}`);
      } else if (isEvent(guided.id, wanted)) ratingKeys.add(guided.profile.ratingKey);
    }
  }
  return { ratingKeys, told };
}

/** The whole id, or what follows the source. */
function isEvent(id: string, wanted: string): boolean {
  return id === wanted || id.endsWith(`/${wanted}`);
}

async function fromStore(book: PriceBook | undefined, wanted: Wanted, log: Logger): Promise<Explanation> {
  const config = readConfig(clickhouseSettingsSchema);
  const store = await Store.connect(clickhouseSettings(config), log);
  try {
    if (!('event' in wanted)) {
      const explanation = new LineExplanation(book?.invoiceRounding ?? 'half-up');
      for await (const row of storedLines(store, wanted)) explanation.add(row);
      return { lines: [], words: explanation.words(wanted) };
    }
    const rows: RatedRow[] = [];
    for await (const row of storedLines(store, wanted)) rows.push(row);
    if (rows.length === 0) {
      throw new CommandFailed(
        `ClickHouse has no rated line of event ${wanted.event}; is it suspended (table suspense)?`,
      );
    }
    const foreign = book !== undefined && rows.some(({ price_book }) => price_book !== bookLabel(book));
    const remark = foreign ? [`Rated by ${rows[0]?.price_book}, which is not the given book: no calculation.`, ''] : [];
    return { lines: rows, words: [...remark, ...explainEvent(rows, book)] };
  } finally {
    await store.close();
  }
}
