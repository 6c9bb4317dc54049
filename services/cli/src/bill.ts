/** `headrace bill BOOK --usage FILE`: the settled bill: invoice lines, commitments, pools, and what is not on it. */
import {
  type InvoiceLine,
  invoiceLines,
  type PoolBill,
  type SettledBill,
  type TrueUp,
  type Unrated,
} from '@headrace/rating';
import { type BookFile, readBookFile } from './book-file.ts';
import { type Command, readWords, UsageError } from './command.ts';
import { settleFile } from './offline/settle-file.ts';
import { openUsage, USAGE_HELP, USAGE_OPTIONS } from './offline/usage-options.ts';
import { exactJson } from './output/exact-json.ts';
import { Output } from './output/output.ts';
import { grouped } from './output/progress.ts';
import { left, right, section } from './output/table.ts';
import { memoryInWords, moneyInWords, stateInWords } from './output/words.ts';
import { csvField } from './usage/csv.ts';

const HELP = `headrace bill BOOK --usage FILE [--subscribers FILE] [--period P] [--json | --csv]

The settled bill of a file of usage: events in canonical order (time, then event key), duplicates dropped, conflicts left
out. Invoice lines are rounded once, with the difference shown; then what commitments add, the pools with what their
overage costs whom, and what could not be billed. Sorts on disk, so the file may be larger than memory.

${USAGE_HELP}
  --period P           one billing period only, for example 2026-11
  --json               the whole bill as one JSON object; amounts and quantities as exact text
  --csv                the invoice lines as CSV

Exit status: 0 done, 1 refused or failed, 2 wrong words.

Examples:
  npx headrace bill book.yaml --usage usage.csv --subscribers sims.csv --period 2026-11
  npx headrace bill book.yaml --usage usage.avro --plan standard --json | jq '.lines[].amount'
`;

const LINE_FIELDS = ['account', 'period', 'service', 'zone', 'tag', 'leg'] as const;

/** A bill as it is shown: of one period, or all. */
interface ShownBill {
  readonly lines: readonly InvoiceLine[];
  readonly trueUps: readonly TrueUp[];
  readonly pools: readonly PoolBill[];
  readonly unrated: readonly Unrated[];
}

export const command: Command = {
  help: HELP,
  async run(words) {
    const { values, positionals } = readWords(words, {
      ...USAGE_OPTIONS,
      period: { type: 'string' },
      json: { type: 'boolean' },
      csv: { type: 'boolean' },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new UsageError('headrace bill takes one price book; see --help.');
    if (values.json === true && values.csv === true) throw new UsageError('--json and --csv do not go together.');
    const book = await readBookFile(path);
    const input = await openUsage(values, book);
    const { settlements, bytesOnDisk } = await settleFile([book], input);
    const [settlement] = settlements;
    if (settlement === undefined) throw new Error('no book was settled');
    const settled = settlement.close({ invoiceRounding: book.book.invoiceRounding });
    input.tally.settled(settled);
    const bill = shownBill(settled, book, values.period);
    const told = [
      ...(input.assumed === null ? [] : [input.assumed]),
      input.tally.told,
      stateInWords(settlement.statistics()),
      ...(bytesOnDisk === 0 ? [] : [`Sorted on disk: ${memoryInWords(bytesOnDisk)}.`]),
    ];
    const output = new Output();
    if (values.json === true) output.line(exactJson({ ...bill, events: input.tally.counts }));
    else if (values.csv === true) writeCsv(output, bill.lines);
    else writeBill(output, bill);
    await output.flush();
    for (const line of told) {
      if (values.json === true || values.csv === true) process.stderr.write(`${line}\n`);
      else output.line(line);
    }
    await output.flush();
    return 0;
  },
};

function shownBill(settled: SettledBill, { book }: BookFile, period: string | undefined): ShownBill {
  const within = <Part extends { readonly period: string }>(parts: readonly Part[]): readonly Part[] =>
    period === undefined ? parts : parts.filter((part) => part.period === period);
  return {
    lines: invoiceLines(within(settled.totals), { mode: book.invoiceRounding }),
    trueUps: within(settled.trueUps),
    pools: within(settled.pools),
    unrated: settled.unrated,
  };
}

function writeCsv(output: Output, lines: readonly InvoiceLine[]): void {
  const columns = [...LINE_FIELDS, 'unit', 'currency', 'quantity', 'exact', 'amount', 'difference'] as const;
  output.line(columns.join(','));
  for (const line of lines) {
    const cells: Readonly<Record<string, unknown>> = JSON.parse(exactJson(line));
    output.line(columns.map((column) => csvField(String(cells[column]))).join(','));
  }
}

function writeBill(output: Output, bill: ShownBill): void {
  writeLines(output, bill.lines);
  writeTrueUps(output, bill.trueUps);
  for (const pool of bill.pools) writePool(output, pool);
  if (bill.unrated.length > 0) writeUnrated(output, bill.unrated);
}

function writeLines(output: Output, lines: readonly InvoiceLine[]): void {
  const rows = lines.map((line) => [
    ...LINE_FIELDS.map((field) => line[field]),
    `${grouped(line.quantity)} ${line.unit}`,
    moneyInWords(line.exact, line.currency),
    moneyInWords(line.amount, line.currency),
    moneyInWords(line.difference, ''),
  ]);
  const columns = [
    ...LINE_FIELDS.map((field) => left(field)),
    right('quantity'),
    right('exact'),
    right('amount'),
    right('rounding'),
  ];
  section(output, 'Invoice lines', columns, rows);
  const sums = invoiceSums(lines).map(({ account, period, currency, leg, amount }) => [
    account,
    period,
    leg,
    moneyInWords(amount, currency),
  ]);
  section(output, 'To pay', [left('account'), left('period'), left('leg'), right('amount')], sums);
}

/** What the rounded lines of an account add up to. */
export function invoiceSums(
  lines: readonly InvoiceLine[],
): { account: string; period: string; currency: string; leg: string; amount: bigint }[] {
  const sums = new Map<string, { account: string; period: string; currency: string; leg: string; amount: bigint }>();
  for (const { account, period, currency, leg, amount } of lines) {
    const key = JSON.stringify([account, period, currency, leg]);
    const sum = sums.get(key) ?? { account, period, currency, leg, amount: 0n };
    sum.amount += amount;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

function writeTrueUps(output: Output, trueUps: readonly TrueUp[]): void {
  if (trueUps.length === 0) return;
  const rows = trueUps.map(({ account, subscription, pool, period, price, amount, currency }) => [
    account,
    subscription || pool,
    period,
    price,
    moneyInWords(amount, currency),
  ]);
  const columns = [left('account'), left('of'), left('period'), left('price'), right('missing')];
  section(output, 'Commitments that use did not reach (in the lines above, tagged adjustment)', columns, rows);
}

function writePool(output: Output, bill: PoolBill): void {
  const { pool, rule, account, period, size, used, overage, members, charges, allocation } = bill;
  const title =
    `Pool ${pool} (rule ${rule}, account ${account}) in ${period}: ${grouped(used)} of ${grouped(size)} used, ` +
    `${grouped(overage)} over`;
  const costs = charges.map(({ currency, amount }) => moneyInWords(amount, currency)).join(', ');
  const how = costs === '' ? '' : `; overage costs ${costs}, shared ${allocationInWords(allocation)}`;
  const rows = members.map(({ subscription, contribution, used: own }) => [
    subscription,
    grouped(contribution),
    grouped(own),
    ...charges.map(({ shares, currency }) => {
      const share = shares.find((candidate) => candidate.subscription === subscription);
      return share === undefined ? '' : moneyInWords(share.amount, currency);
    }),
  ]);
  const columns = [left('member'), right('contributes'), right('used'), ...charges.map(() => right('share'))];
  section(output, `${title}${how}`, columns, rows);
}

function allocationInWords(allocation: PoolBill['allocation']): string {
  switch (allocation) {
    case 'usage':
      return 'by usage';
    case 'excess':
      return 'by excess over the own contribution';
    case 'chronological':
      return 'by who used when it went over';
    case 'pool':
      return 'with nobody: one line of the pool';
    default:
      return allocation satisfies never;
  }
}

function writeUnrated(output: Output, unrated: readonly Unrated[]): void {
  const rows = unrated.map(({ code, service, events, quantity, unit, estimatedValue, currency, firstEvent }) => [
    code,
    service,
    grouped(events),
    `${grouped(quantity)} ${unit}`,
    currency === '' ? '' : moneyInWords(estimatedValue, currency),
    firstEvent,
  ]);
  const columns = [left('code'), left('service'), right('events'), right('quantity'), right('worth about')];
  section(output, 'Not on the bill', [...columns, left('for example')], rows);
}
