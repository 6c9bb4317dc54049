/** A settled bill for people, and its lines as CSV. */
import type { InvoiceLine, PoolBill, TrueUp } from '@headrace/rating';
import { exactJson } from '../output/exact-json.ts';
import type { Output } from '../output/output.ts';
import { grouped } from '../output/progress.ts';
import { left, right, section } from '../output/table.ts';
import { moneyInWords } from '../output/words.ts';
import { csvField } from '../usage/csv.ts';

const LINE_FIELDS = ['account', 'period', 'service', 'zone', 'tag', 'leg'] as const;

/** Usage that is not on the bill, by what hinders it. */
export interface UnratedUse {
  readonly code: string;
  readonly service: string;
  readonly events: number;
  /** With its unit; empty if it is not known. */
  readonly quantity: string;
  /** With its currency; empty if it is not known. */
  readonly worth: string;
  readonly firstEvent: string;
}

/** A bill as it is shown: of one period, or all. */
export interface ShownBill {
  readonly lines: readonly InvoiceLine[];
  readonly trueUps: readonly TrueUp[];
  readonly pools: readonly PoolBill[];
  readonly unrated: readonly UnratedUse[];
}

export function writeCsv(output: Output, lines: readonly InvoiceLine[]): void {
  const columns = [...LINE_FIELDS, 'unit', 'currency', 'quantity', 'exact', 'amount', 'difference'] as const;
  output.line(columns.join(','));
  for (const line of lines) {
    const cells: Readonly<Record<string, unknown>> = JSON.parse(exactJson(line));
    output.line(columns.map((column) => csvField(String(cells[column]))).join(','));
  }
}

export function writeBill(output: Output, bill: ShownBill): void {
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
function invoiceSums(
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
  const rows = membersOf(bill).map((subscription) => {
    const member = members.find((candidate) => candidate.subscription === subscription);
    const shares = charges.map((charge) => {
      const share = charge.shares.find((candidate) => candidate.subscription === subscription);
      return share === undefined ? '' : moneyInWords(share.amount, charge.currency);
    });
    const name = subscription === '' ? '(the pool)' : subscription;
    return [
      name,
      ...(member === undefined ? ['', ''] : [grouped(member.contribution), grouped(member.used)]),
      ...shares,
    ];
  });
  const columns = [left('member'), right('contributes'), right('used'), ...charges.map(() => right('share'))];
  section(output, `${title}${how}`, columns, rows);
}

/** Members, and whoever bears a share. */
function membersOf({ members, charges }: PoolBill): readonly string[] {
  const sharing = charges.flatMap(({ shares }) => shares.map(({ subscription }) => subscription));
  return [...new Set([...members.map(({ subscription }) => subscription), ...sharing])];
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

function writeUnrated(output: Output, unrated: readonly UnratedUse[]): void {
  const rows = unrated.map(({ code, service, events, quantity, worth, firstEvent }) => [
    code,
    service,
    grouped(events),
    quantity,
    worth,
    firstEvent,
  ]);
  const columns = [left('code'), left('service'), right('events'), right('quantity'), right('worth about')];
  section(output, 'Not on the bill', [...columns, left('for example')], rows);
}
