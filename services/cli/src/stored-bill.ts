/**
 * The bill of a period as it stands in ClickHouse: rated lines and the adjustments of settlements, by invoice line; pools as
 * the latest settlement found them.
 */
import { type InvoiceLine, invoiceLines, type PoolBill, parseMoney, type Total } from '@headrace/rating';
import { type Store, TABLES } from '@headrace/store';
import { CommandFailed } from './command.ts';
import { grouped } from './output/progress.ts';
import type { ShownBill, UnratedUse } from './words/bill.ts';

/** A bill, what became of the events, and what else there is to say. */
export interface BillFound {
  readonly bill: ShownBill;
  readonly events: Readonly<Record<string, unknown>>;
  readonly told: readonly string[];
}

type Text<Kind> = { readonly [Field in keyof Kind]: string };
type TotalRow = Text<Omit<Total, 'subscription'>>;
type SettlementSaid = Text<{
  settlement: 1;
  conflicts: 1;
  events_rated: 1;
  events_duplicate: 1;
  events_suspended: 1;
  unrated: 1;
}>;
type PoolRow = Text<
  Pick<PoolBill, 'pool' | 'account' | 'rule' | 'allocation' | 'period' | 'size' | 'used' | 'overage'>
>;
type ShareRow = Text<{ pool: 1; currency: 1; subscription: 1; amount: 1; charged: 1; exact: 1 }>;

const KEY = 'account, service, zone, tag, period, currency, unit, leg';
const ALLOCATIONS = ['usage', 'excess', 'chronological', 'pool'] as const;

/** @throws CommandFailed if nothing was rated for the period */
export async function storedBill(store: Store, period: string, account: string | undefined): Promise<BillFound> {
  const parameters = { period, account: account ?? '' };
  const where = `period = {period:String}${account === undefined ? '' : ' AND account = {account:String}'}`;
  const totals = await store.query<TotalRow>(
    `SELECT ${KEY}, sum(quantity) AS quantity, sum(amount) AS amount
     FROM (SELECT ${KEY}, quantity, amount FROM ${TABLES.settledTotals} WHERE ${where}) GROUP BY ${KEY}`,
    parameters,
  );
  if (totals.length === 0) {
    const whom = account === undefined ? '' : ` for account ${account}`;
    throw new CommandFailed(`ClickHouse has no rated usage of period ${period}${whom}.`);
  }
  const pools = await store.query<PoolRow>(
    `SELECT pool, account, rule, allocation, period, size, used, overage FROM ${TABLES.settledPools} WHERE ${where} ORDER BY pool`,
    parameters,
  );
  const shares = await store.query<ShareRow>(
    `SELECT pool, currency, subscription, amount, charged, exact FROM ${TABLES.settledPoolShares}
     WHERE period = {period:String} ORDER BY pool, currency, subscription`,
    parameters,
  );
  const [settlement] = await store.query<SettlementSaid>(
    `SELECT settlement, conflicts, events_rated, events_duplicate, events_suspended, unrated FROM ${TABLES.settlements} FINAL
     WHERE period = {period:String} ORDER BY settled_at DESC LIMIT 1`,
    parameters,
  );
  return {
    bill: {
      lines: linesOf(totals),
      trueUps: [],
      pools: pools.map((pool) => poolBill(pool, shares)),
      unrated: settlement === undefined ? [] : unratedOf(settlement.unrated),
    },
    events: eventsOf(settlement),
    told: [settlementInWords(period, settlement)],
  };
}

/** Half-up: a book's own invoice rounding is not in ClickHouse. */
function linesOf(rows: readonly TotalRow[]): readonly InvoiceLine[] {
  const totals = rows.map((row) => ({
    ...row,
    subscription: '',
    quantity: BigInt(row.quantity),
    amount: parseMoney(row.amount),
  }));
  return invoiceLines(totals);
}

function poolBill(row: PoolRow, shares: readonly ShareRow[]): PoolBill {
  const { pool, account, rule, period } = row;
  const own = shares.filter((share) => share.pool === pool);
  const currencies = [...new Set(own.map(({ currency }) => currency))];
  return {
    pool,
    account,
    rule,
    period,
    allocation: ALLOCATIONS.find((allocation) => allocation === row.allocation) ?? 'usage',
    size: Number(row.size),
    used: Number(row.used),
    overage: Number(row.overage),
    members: [],
    charges: currencies.map((currency) => {
      const each = own.filter((share) => share.currency === currency);
      return {
        currency,
        exact: parseMoney(each[0]?.exact ?? '0'),
        amount: parseMoney(each[0]?.charged ?? '0'),
        shares: each.map(({ subscription, amount }) => ({ subscription, amount: parseMoney(amount) })),
      };
    }),
  };
}

/** What the settlement wrote of what it could not rate: by code and service. */
function unratedOf(json: string): readonly UnratedUse[] {
  const counts: readonly { code: string; service: string; events: number; firstEvent?: string }[] = JSON.parse(json);
  return counts.map(({ code, service, events, firstEvent = '' }) => ({
    code,
    service,
    events,
    quantity: '',
    worth: '',
    firstEvent,
  }));
}

function eventsOf(settlement: SettlementSaid | undefined): Readonly<Record<string, unknown>> {
  if (settlement === undefined) return {};
  const { events_rated, events_duplicate, events_suspended } = settlement;
  return {
    rated: Number(events_rated),
    duplicate: Number(events_duplicate),
    suspended: Number(events_suspended),
  };
}

function settlementInWords(period: string, settlement: SettlementSaid | undefined): string {
  if (settlement === undefined) {
    return `Period ${period} is not settled: amounts are provisional until \`npm run start -w services/billing -- settle --period ${period}\`.`;
  }
  const { conflicts, events_rated } = settlement;
  const open = conflicts === '0' ? '' : ` ${grouped(BigInt(conflicts))} events in conflict are not on it.`;
  return `Settled (${settlement.settlement}): ${grouped(BigInt(events_rated))} events rated.${open}`;
}
