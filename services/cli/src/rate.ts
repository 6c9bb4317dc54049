/** `headrace rate BOOK --usage FILE`: every event's lines, in the order of the file. */
import { invoiceLines, LineTotals, MONEY_DECIMALS, type RaterStatistics, type Total } from '@headrace/rating';
import { readBookFile } from './book-file.ts';
import { type Command, readWords, UsageError } from './command.ts';
import { rateStream } from './offline/rate-stream.ts';
import { type RatedRow, ROW_COLUMNS, ratedRow } from './offline/rated-row.ts';
import { openUsage, USAGE_HELP, USAGE_OPTIONS } from './offline/usage-options.ts';
import { Output } from './output/output.ts';
import { grouped } from './output/progress.ts';
import { type Column, left, right, StreamedTable, tableLines } from './output/table.ts';
import { moneyInWords, stateInWords } from './output/words.ts';
import { csvField } from './usage/csv.ts';

const HELP = `headrace rate BOOK --usage FILE [--subscribers FILE] [--json | --csv | --totals]

Prices every event of a file, in the file's order, as the stream does: a line for each part of an event, with the bucket
or the price, the meter before and after, and the amount to the last 1e-12. What depends on the order of events is
provisional; \`headrace bill\` settles it.

${USAGE_HELP}
  --json               a JSON object for each line, with the columns of rated_usage
  --csv                the same as CSV with a header line
  --totals             no lines, only the totals

A table for people closes with totals; with --json and --csv standard output holds lines only, and the counts of events go
to standard error. Events that cannot be rated are listed there with place, code and reason.

Exit status: 0 done, 1 refused or failed, 2 wrong words.

Examples:
  npx headrace rate book.yaml --usage usage.csv --plan standard
  npx headrace rate book.yaml --usage usage.jsonl --subscribers sims.csv --json | jq -s 'map(.amount | tonumber) | add'
`;

const LINE_COLUMNS: readonly Column[] = [
  left('time'),
  left('event'),
  left('account'),
  left('subscription'),
  left('service'),
  left('zone'),
  left('tag'),
  right('quantity'),
  right('amount'),
  left('by'),
];
const TOTAL_COLUMNS: readonly Column[] = [
  left('account'),
  left('period'),
  left('service'),
  left('zone'),
  left('tag'),
  left('leg'),
  right('quantity'),
  right('amount'),
];

type Form = 'table' | 'json' | 'csv' | 'totals';

export const command: Command = {
  help: HELP,
  async run(words) {
    const { values, positionals } = readWords(words, {
      ...USAGE_OPTIONS,
      json: { type: 'boolean' },
      csv: { type: 'boolean' },
      totals: { type: 'boolean' },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new UsageError('headrace rate takes one price book; see --help.');
    const form = formOf(values);
    const book = await readBookFile(path);
    const input = await openUsage(values, book);
    const writer = new LineWriter(form);
    const totals = new LineTotals();
    const batches = rateStream(book, input);
    let statistics: RaterStatistics | null = null;
    while (statistics === null) {
      const next = await batches.next();
      if (next.done === true) statistics = next.value;
      else {
        const { lines, events } = next.value;
        if (form === 'table' || form === 'totals') totals.add(lines, events);
        for (let line = 0; line < lines.count; line += 1) {
          if (form !== 'totals' && writer.row(ratedRow(lines, line, events))) await writer.flush();
        }
        await writer.flush();
      }
    }
    const told = [...(input.assumed === null ? [] : [input.assumed]), input.tally.told, stateInWords(statistics)];
    await writer.close(form === 'table' || form === 'totals' ? totals.totals() : [], told);
    return 0;
  },
};

function formOf(values: { readonly json?: boolean; readonly csv?: boolean; readonly totals?: boolean }): Form {
  const forms = (['json', 'csv', 'totals'] as const).filter((form) => values[form] === true);
  if (forms.length > 1) throw new UsageError(`--${forms.join(' and --')} do not go together.`);
  return forms[0] ?? 'table';
}

class LineWriter {
  readonly #form: Form;
  readonly #output = new Output();
  /** Rows that say how wide the columns of the table are. */
  #first: RatedRow[] = [];
  #table: StreamedTable | null = null;

  constructor(form: Form) {
    this.#form = form;
    if (form === 'csv') this.#output.line(ROW_COLUMNS.join(','));
  }

  /** @returns true once `flush` should be waited for */
  row(row: RatedRow): boolean {
    if (this.#form === 'json') return this.#output.line(JSON.stringify(row));
    if (this.#form === 'csv')
      return this.#output.line(ROW_COLUMNS.map((name) => csvField(String(row[name]))).join(','));
    if (this.#table === null) {
      this.#first.push(row);
      return false;
    }
    return this.#output.line(this.#table.row(cells(row)));
  }

  async flush(): Promise<void> {
    if (this.#first.length > 0) this.#begin();
    await this.#output.flush();
  }

  #begin(): void {
    const rows = this.#first.map(cells);
    this.#first = [];
    this.#table = new StreamedTable(LINE_COLUMNS, rows);
    for (const line of [...this.#table.head(), ...rows.map((row) => this.#table?.row(row) ?? '')]) {
      this.#output.line(line);
    }
  }

  /** The totals, and what there is to say about the run. */
  async close(totals: readonly Total[], told: readonly string[]): Promise<void> {
    await this.flush();
    const forPeople = this.#form === 'table' || this.#form === 'totals';
    if (!forPeople) {
      for (const line of told) process.stderr.write(`${line}\n`);
      return;
    }
    if (this.#table !== null) this.#output.line();
    if (totals.length > 0) {
      const rows = totalRows(totals);
      for (const line of [...tableLines(TOTAL_COLUMNS, rows), '']) this.#output.line(line);
    }
    for (const line of told) this.#output.line(line);
    await this.#output.flush();
  }
}

function cells(row: RatedRow): string[] {
  const { event_time, event_id, account, subscription, service, zone, tag, quantity, unit, amount, currency } = row;
  const { bucket, price, reason } = row;
  const by = [bucket === '' ? price : bucket, reason].filter((part) => part !== '').join(': ');
  const count = `${grouped(quantity)} ${unit}`;
  return [event_time, event_id, account, subscription, service, zone, tag, count, moneyInWords(amount, currency), by];
}

/** Exact, by account and what was used; rounding is for invoices. */
function totalRows(totals: readonly Total[]): string[][] {
  return invoiceLines(totals, { digits: MONEY_DECIMALS }).map((line) => [
    line.account,
    line.period,
    line.service,
    line.zone,
    line.tag,
    line.leg,
    `${grouped(line.quantity)} ${line.unit}`,
    moneyInWords(line.exact, line.currency),
  ]);
}
