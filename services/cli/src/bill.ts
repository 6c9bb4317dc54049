/** `headrace bill BOOK --usage FILE`: the settled bill: invoice lines, commitments, pools, and what is not on it. */
import { type Logger, readConfig } from '@headrace/platform';
import { invoiceLines, type SettledBill } from '@headrace/rating';
import { clickhouseSettings, clickhouseSettingsSchema, Store } from '@headrace/store';
import { type BookFile, readBookFile } from './book-file.ts';
import { type Command, readWords, UsageError } from './command.ts';
import { settleFile } from './offline/settle-file.ts';
import { openUsage, USAGE_HELP, USAGE_OPTIONS, type UsageValues } from './offline/usage-options.ts';
import { exactJson } from './output/exact-json.ts';
import { Output } from './output/output.ts';
import { grouped } from './output/progress.ts';
import { memoryInWords, moneyInWords, stateInWords } from './output/words.ts';
import { type BillFound, storedBill } from './stored-bill.ts';
import { type ShownBill, writeBill, writeCsv } from './words/bill.ts';

const HELP = `headrace bill BOOK --usage FILE [--subscribers FILE] [--period P] [--json | --csv]
headrace bill --period P [--account NAME] [--json | --csv]                       (from ClickHouse)

The settled bill of a file of usage: events in canonical order (time, then event key), duplicates dropped, conflicts left
out. Invoice lines are rounded once, with the difference shown; then what commitments add, the pools with what their
overage costs whom, and what could not be billed. Sorts on disk, so the file may be larger than memory.
Without a file: the bill of a period as the pipeline rated and settled it, from ClickHouse (CLICKHOUSE_URL).

${USAGE_HELP}
  --period P           one billing period only, for example 2026-11
  --account NAME       one paying account only
  --json               the whole bill as one JSON object; amounts and quantities as exact text
  --csv                the invoice lines as CSV

Exit status: 0 done, 1 refused or failed, 2 wrong words.

Examples:
  npx headrace bill book.yaml --usage usage.csv --subscribers sims.csv --period 2026-11
  CLICKHOUSE_URL=http://127.0.0.1:8123 npx headrace bill --period 2026-11 --account acme
  npx headrace bill book.yaml --usage usage.avro --plan standard --json | jq '.lines[].amount'
`;

export const command: Command = {
  help: HELP,
  async run(words, log) {
    const { values, positionals } = readWords(words, {
      ...USAGE_OPTIONS,
      period: { type: 'string' },
      account: { type: 'string' },
      json: { type: 'boolean' },
      csv: { type: 'boolean' },
    });
    const [path, ...more] = positionals;
    if (more.length > 0) throw new UsageError('headrace bill takes one price book; see --help.');
    if (values.json === true && values.csv === true) throw new UsageError('--json and --csv do not go together.');
    const { period, account } = values;
    if (period !== undefined && period !== 'all' && !/^\d{4}-(0[1-9]|1[0-2])$/.test(period))
      throw new UsageError(`--period takes a month such as 2026-11, not '${period}'.`);
    const { bill, events, told } =
      path === undefined
        ? await fromStore(values, log)
        : await fromFile(await readBookFile(path), values, { period, account });
    const output = new Output();
    const forPeople = values.json !== true && values.csv !== true;
    if (values.json === true) output.line(exactJson({ ...bill, events }));
    else if (values.csv === true) writeCsv(output, bill.lines);
    else writeBill(output, bill);
    await output.flush();
    for (const line of told) {
      if (forPeople) output.line(line);
      else process.stderr.write(`${line}\n`);
    }
    await output.flush();
    return 0;
  },
};

/** Which part of a bill is wanted; undefined: all. */
interface Part {
  readonly period: string | undefined;
  readonly account: string | undefined;
}

async function fromStore(values: UsageValues & Partial<Part>, log: Logger): Promise<BillFound> {
  if (values.usage !== undefined)
    throw new UsageError('headrace bill needs the price book that prices the usage; see --help.');
  const { period, account } = values;
  if (period === undefined) throw new UsageError('headrace bill needs a book and --usage, or --period for ClickHouse.');
  const store = await Store.connect(clickhouseSettings(readConfig(clickhouseSettingsSchema)), log);
  try {
    return await storedBill(store, period, account);
  } finally {
    await store.close();
  }
}

async function fromFile(book: BookFile, values: UsageValues, part: Part): Promise<BillFound> {
  const input = await openUsage(values, book);
  const { settlements, bytesOnDisk } = await settleFile([book], input);
  const [settlement] = settlements;
  if (settlement === undefined) throw new Error('no book was settled');
  const settled = settlement.close({ invoiceRounding: book.book.invoiceRounding });
  input.tally.settled(settled);
  return {
    bill: shownBill(settled, book, part),
    events: input.tally.counts,
    told: [
      ...(input.assumed === null ? [] : [input.assumed]),
      input.tally.told,
      stateInWords(settlement.statistics()),
      ...(bytesOnDisk === 0 ? [] : [`Sorted on disk: ${memoryInWords(bytesOnDisk)}.`]),
    ],
  };
}

function shownBill(settled: SettledBill, { book }: BookFile, { period, account }: Part): ShownBill {
  const within = <Kind extends { readonly period: string; readonly account: string }>(parts: readonly Kind[]) =>
    parts.filter(
      (part) => (period === undefined || part.period === period) && (account === undefined || part.account === account),
    );
  return {
    lines: invoiceLines(within(settled.totals), { mode: book.invoiceRounding }),
    trueUps: within(settled.trueUps),
    pools: within(settled.pools),
    unrated: settled.unrated.map(({ code, service, events, quantity, unit, estimatedValue, currency, firstEvent }) => ({
      code,
      service,
      events,
      quantity: `${grouped(quantity)} ${unit}`,
      worth: currency === '' ? '' : moneyInWords(estimatedValue, currency),
      firstEvent,
    })),
  };
}
