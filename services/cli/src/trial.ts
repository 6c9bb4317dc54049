/** `headrace trial BOOK BOOK --usage FILE`: the same usage settled by two books, and who pays more or less. */
import {
  type AccountChange,
  type BillComparison,
  compareBills,
  formatTimeMicros,
  type Unrated,
} from '@headrace/rating';
import { readBookFile } from './book-file.ts';
import { type Command, readWords, UsageError, wholeNumber } from './command.ts';
import { settleFile } from './offline/settle-file.ts';
import { openUsage, USAGE_HELP, USAGE_OPTIONS } from './offline/usage-options.ts';
import { exactJson } from './output/exact-json.ts';
import { Output } from './output/output.ts';
import { grouped } from './output/progress.ts';
import { type Column, left, right, section } from './output/table.ts';
import { memoryInWords, moneyInWords } from './output/words.ts';
import { readInstant } from './usage/instant.ts';
import { bookAsOf } from './words/book-as-of.ts';

const HELP = `headrace trial BOOK NEW-BOOK --usage FILE [--subscribers FILE] [--top N] [--json]

Settles the same usage by two price books and compares: totals, how many accounts pay more or less, the top movers, and
usage that one of the books cannot rate. Amounts are retail and exact. The new book is tried as if it had been in force from
ever; if it begins after the last event, with its prices as they will be when it begins.

${USAGE_HELP}
  --as-of TIME         try the new book with its prices as they will be then, for example 2027-01-01T00:00:00Z
  --top N              so many top movers (10)
  --json               the whole comparison as one JSON object, with every account

Exit status: 0 done, 1 refused or failed, 2 wrong words.

Example:
  npx headrace trial book-2026.yaml book-2027.yaml --usage november.avro --subscribers sims.jsonl
`;

const TOP = 10;

export const command: Command = {
  help: HELP,
  async run(words) {
    const { values, positionals } = readWords(words, {
      ...USAGE_OPTIONS,
      'as-of': { type: 'string' },
      top: { type: 'string' },
      json: { type: 'boolean' },
    });
    const [oldPath, newPath, ...more] = positionals;
    if (oldPath === undefined || newPath === undefined || more.length > 0) {
      throw new UsageError('headrace trial takes two price books, the old one first; see --help.');
    }
    const top = wholeNumber('top', values.top, TOP, 1_000_000);
    const [oldBook, newBook] = [await readBookFile(oldPath), await readBookFile(newPath)];
    const asked = values['as-of'] === undefined ? undefined : timeOf(values['as-of']);
    const input = await openUsage(values, oldBook);
    let asOf: number | undefined;
    const { settlements, bytesOnDisk } = await settleFile((lastEventTime) => {
      asOf = asked ?? (newBook.book.effectiveFrom > lastEventTime ? newBook.book.effectiveFrom : undefined);
      return [oldBook, bookAsOf(newBook, asOf)];
    }, input);
    const [before, after] = settlements.map((settlement) => settlement.close());
    if (before === undefined || after === undefined) throw new Error('two books were settled');
    const comparison = compareBills(before, after, top);
    input.tally.settled(after);
    const output = new Output();
    if (values.json === true) output.line(exactJson({ ...comparison, events: input.tally.counts }));
    else writeComparison(output, comparison, labelOf(oldBook.book), labelOf(newBook.book));
    await output.flush();
    const told = [
      ...(input.assumed === null ? [] : [input.assumed]),
      ...(asOf === undefined ? [] : [`${labelOf(newBook.book)} is tried as it will be at ${formatTimeMicros(asOf)}.`]),
      `By the new book: ${input.tally.told}`,
      ...(bytesOnDisk === 0 ? [] : [`Sorted on disk: ${memoryInWords(bytesOnDisk)}.`]),
    ];
    for (const line of told) {
      if (values.json === true) process.stderr.write(`${line}\n`);
      else output.line(line);
    }
    await output.flush();
    return 0;
  },
};

function timeOf(text: string): number {
  const instant = readInstant(text);
  if ('problem' in instant) throw new UsageError(`--as-of ${text}: ${instant.problem}`);
  return instant.micros;
}

function labelOf({ name, version }: { readonly name: string; readonly version: number }): string {
  return `${name}@${version}`;
}

function writeComparison(output: Output, comparison: BillComparison, oldLabel: string, newLabel: string): void {
  const { currencies, topMovers, unratedBefore, unratedAfter } = comparison;
  const totals = currencies.map(({ currency, before, after, change, accountsUp, accountsDown, accountsSame }) => [
    currency,
    moneyInWords(before, ''),
    moneyInWords(after, ''),
    signed(change, before),
    grouped(accountsUp),
    grouped(accountsDown),
    grouped(accountsSame),
  ]);
  const columns = [left('currency'), right(oldLabel), right(newLabel), right('change')];
  section(output, 'Totals', [...columns, right('accounts up'), right('down'), right('same')], totals);
  if (topMovers.length > 0) section(output, 'Top movers', moverColumns(oldLabel, newLabel), topMovers.map(moverRow));
  writeUnrated(output, `Not rated by ${oldLabel}`, unratedBefore);
  writeUnrated(output, `Not rated by ${newLabel}`, unratedAfter);
}

function moverColumns(oldLabel: string, newLabel: string): Column[] {
  return [left('account'), left('currency'), right(oldLabel), right(newLabel), right('change')];
}

function moverRow({ account, currency, before, after, change }: AccountChange): string[] {
  return [account, currency, moneyInWords(before, ''), moneyInWords(after, ''), signed(change, before)];
}

function writeUnrated(output: Output, title: string, unrated: readonly Unrated[]): void {
  if (unrated.length === 0) return;
  const rows = unrated.map(({ code, service, events, quantity, unit, firstEvent }) => [
    code,
    service,
    grouped(events),
    `${grouped(quantity)} ${unit}`,
    firstEvent,
  ]);
  const columns = [left('code'), left('service'), right('events'), right('quantity'), left('for example')];
  section(output, title, columns, rows);
}

/** `+12.50 (+3.1 %)`; without a share where there was nothing before. */
function signed(change: bigint, before: bigint): string {
  const amount = `${change > 0n ? '+' : ''}${moneyInWords(change, '')}`;
  if (before === 0n) return amount;
  const tenths = (change * 1000n) / (before < 0n ? -before : before);
  const sign = tenths > 0n ? '+' : tenths < 0n ? '-' : '';
  const magnitude = tenths < 0n ? -tenths : tenths;
  return `${amount} (${sign}${magnitude / 10n}.${magnitude % 10n} %)`;
}
