/** Totals by account, period, service and currency: their digest, and how two sets of them differ. */
import { createHash } from 'node:crypto';
import type { TotalRow, TotalsComparison } from '../contract.ts';
import { formatAmount, parseAmount } from './amounts.ts';

const DIFFERENCES_MAX = 20;

interface Sum {
  readonly row: TotalRow;
  quantity: bigint;
  amount: bigint;
}

/** Adds up rows with one key, and leaves out those without quantity and amount: whether they exist may depend on order. */
function sumRows(rows: Iterable<TotalRow>): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const row of rows) {
    const quantity = BigInt(row.quantity);
    const amount = parseAmount(row.amount);
    if (quantity === 0n && amount === 0n) continue;
    const key = [row.account, row.period, row.service, row.currency].join('\t');
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { row, quantity, amount });
    else {
      sum.quantity += quantity;
      sum.amount += amount;
    }
  }
  for (const [key, sum] of sums) if (sum.quantity === 0n && sum.amount === 0n) sums.delete(key);
  return sums;
}

/** Sorted by key in the order of code units, quantities and amounts in canonical form. */
export function canonicalTotals(rows: Iterable<TotalRow>): TotalRow[] {
  return [...sumRows(rows)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { row, quantity, amount }]) => ({
      account: row.account,
      period: row.period,
      service: row.service,
      currency: row.currency,
      quantity: String(quantity),
      amount: formatAmount(amount),
    }));
}

/**
 * SHA-256, hexadecimal, over the canonical rows: one line each, the six values parted by tabs, each line ended by a line
 * feed.
 */
export function totalsDigest(rows: Iterable<TotalRow>): string {
  const hash = createHash('sha256');
  for (const { account, period, service, currency, quantity, amount } of canonicalTotals(rows)) {
    hash.update(`${account}\t${period}\t${service}\t${currency}\t${quantity}\t${amount}\n`);
  }
  return hash.digest('hex');
}

export function amountsByCurrency(rows: Iterable<TotalRow>): Record<string, string> {
  const sums = new Map<string, bigint>();
  for (const { currency, amount } of rows) sums.set(currency, (sums.get(currency) ?? 0n) + parseAmount(amount));
  const sorted = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([currency, sum]) => [currency, formatAmount(sum)]));
}

/** Account by account, without tolerance. */
export function compareTotals(expected: Iterable<TotalRow>, actual: Iterable<TotalRow>): TotalsComparison {
  const audited = sumRows(expected);
  const found = sumRows(actual);
  const accounts = new Set<string>();
  const differing = new Set<string>();
  const differences: string[] = [];
  for (const key of [...new Set([...audited.keys(), ...found.keys()])].sort()) {
    const left = audited.get(key);
    const right = found.get(key);
    const row = (left ?? right)?.row;
    if (row === undefined) continue;
    accounts.add(row.account);
    if (left?.quantity === right?.quantity && left?.amount === right?.amount) continue;
    differing.add(row.account);
    if (differences.length < DIFFERENCES_MAX) differences.push(describe(row, left, right));
  }
  return { accountsCompared: accounts.size, accountsDiffering: differing.size, differences };
}

function describe(row: TotalRow, expected: Sum | undefined, actual: Sum | undefined): string {
  const say = (sum: Sum | undefined): string =>
    sum === undefined ? 'nothing' : `${sum.quantity} for ${formatAmount(sum.amount)} ${row.currency}`;
  return `Account ${row.account}, ${row.period}, ${row.service}: expected ${say(expected)}, found ${say(actual)}.`;
}
