/**
 * The account of every event and every unit of money: what ClickHouse holds, held against what the publisher sent and
 * what the auditor computed. Pure.
 *
 * It balances if and only if `differences` is empty; each of these is one sentence.
 */
import { type AuditReport, compareTotals, type PublishReport, totalsDigest } from '@headrace/testkit';
import { OUTCOMES, type Stored } from './stored.ts';
import type { Measured } from './watch.ts';

/** A figure of ours beside the auditor's, both as text. */
export interface Pair {
  readonly name: string;
  readonly found: string;
  readonly audited: string;
}

export interface Account {
  readonly events: readonly Pair[];
  /** Rejected and suspended events by code. */
  readonly codes: readonly Pair[];
  /** The settled bill by currency, and what partners charge. */
  readonly money: readonly Pair[];
  readonly costs: readonly Pair[];
  readonly accountsCompared: number;
  readonly accountsDiffering: number;
  readonly poolsCompared: number;
  readonly poolsDiffering: number;
  readonly totalsDigest: string;
  readonly differences: readonly string[];
}

const POOL_DIFFERENCES_SHOWN = 3;

export function balance(published: PublishReport, measured: Measured, stored: Stored, audit: AuditReport): Account {
  const events = OUTCOMES.map((name) => pair(name, stored.events[name], audit[name]));
  const codes = pairs(stored.codes, auditedCodes(audit), '0');
  const money = pairs(stored.settledAmounts, audit.amounts, '0');
  const costs = pairs(stored.wholesaleAmounts, audit.costs, '0');
  const settled = compareTotals(audit.totals, stored.settledTotals);
  const wholesale = compareTotals(audit.costTotals, stored.wholesaleTotals);
  // What is provisional is nobody else's: it has to be the same in both places.
  const invoices = compareTotals(stored.lineTotals, stored.invoiceTotals);
  const pools = comparePools(stored, audit);
  const digest = totalsDigest(stored.settledTotals);
  const differences = [
    ...differing(events, (name) => `${name} events`),
    ...differing(codes, (name) => `events ${name}`),
    ...differing(money, (name) => `${name} billed`),
    ...differing(costs, (name) => `${name} to partners`),
    ...conservation(published, measured, stored),
    ...settled.differences.map((text) => `Settled: ${text}`),
    ...wholesale.differences.map((text) => `Wholesale: ${text}`),
    ...invoices.differences.map((text) => `Invoice totals against rated lines: ${text}`),
    ...pools.differences,
    ...stored.findings.map(({ control, key, expected, actual }) => `${control} ${key}: ${expected}, but ${actual}.`),
  ];
  if (digest !== audit.totalsDigest)
    differences.push(`The digest of the totals is ${digest}, the auditor's ${audit.totalsDigest}.`);
  return {
    events,
    codes,
    money,
    costs,
    accountsCompared: settled.accountsCompared,
    accountsDiffering: Math.max(settled.accountsDiffering, wholesale.accountsDiffering, invoices.accountsDiffering),
    poolsCompared: pools.compared,
    poolsDiffering: pools.differing,
    totalsDigest: digest,
    differences,
  };
}

/** What must hold without an auditor: nothing vanished or appeared between two stages. */
function conservation(published: PublishReport, { reading }: Measured, stored: Stored): string[] {
  const { received, rated, duplicate, rejected, suspended } = stored.events;
  const ended = rated + duplicate + rejected + suspended;
  const must: readonly (readonly [string, number, string, number])[] = [
    ['events published', published.events, 'received', received],
    ['events received', received, 'ended in one place', ended],
    ['events that the guide cannot account for', stored.unaccounted, 'allowed', 0],
    ['events guided and not answered', stored.inFlight, 'allowed', 0],
    ['lines that the raters reported', stored.lines, 'counted by the raters', reading.lines],
    ['lines rated', stored.lines, 'rows loaded', stored.loadedLines],
    ['rows loaded', stored.loadedLines, 'distinct lines', stored.distinctLines],
  ];
  return must.filter(([, a, , b]) => a !== b).map(([what, a, beside, b]) => `${a} ${what}, but ${b} ${beside}.`);
}

function auditedCodes({ rejectedByCode, suspendedByCode }: AuditReport): Record<string, number> {
  const named = (prefix: string, codes: Readonly<Record<string, number>>) =>
    Object.entries(codes).map(([code, events]) => [`${prefix}:${code}`, events] as const);
  return Object.fromEntries([...named('rejected', rejectedByCode), ...named('suspended', suspendedByCode)]);
}

/** Pools are compared where either side saw use. */
function comparePools(
  stored: Stored,
  audit: AuditReport,
): { compared: number; differing: number; differences: string[] } {
  const key = (pool: string, period: string) => `${pool} in ${period}`;
  const found = new Map(stored.pools.map((pool) => [key(pool.pool, pool.period), pool]));
  const audited = new Map(audit.pools.map((pool) => [key(pool.pool, pool.period), pool]));
  const differences: string[] = [];
  let compared = 0;
  for (const name of new Set([...found.keys(), ...audited.keys()])) {
    const ours = found.get(name) ?? { size: 0n, used: 0n, overage: 0n };
    const theirs = audited.get(name) ?? { size: '0', used: '0', overage: '0' };
    compared += 1;
    const [ownFigures, auditedFigures] = [ours, theirs].map(
      ({ size, used, overage }) => `${used} of ${size}, ${overage} over`,
    );
    if (ownFigures === auditedFigures) continue;
    differences.push(`Pool ${name}: ${ownFigures}; the auditor has ${auditedFigures}.`);
  }
  return { compared, differing: differences.length, differences: differences.slice(0, POOL_DIFFERENCES_SHOWN) };
}

function pair(name: string, found: string | number, audited: string | number): Pair {
  return { name, found: String(found), audited: String(audited) };
}

type Figures = Readonly<Record<string, string | number>>;

function pairs(found: Figures, audited: Figures, missing: string): Pair[] {
  const names = [...new Set([...Object.keys(found), ...Object.keys(audited)])].sort();
  return names.map((name) => pair(name, found[name] ?? missing, audited[name] ?? missing));
}

function differing(all: readonly Pair[], what: (name: string) => string): string[] {
  return all
    .filter(({ found, audited }) => found !== audited)
    .map(({ name, found, audited }) => `${found} ${what(name)}, the auditor has ${audited}.`);
}
