/** Two settled bills side by side: what a new book, or late usage, changes for whom. Retail amounts, exact. */
import type { Money } from '../contract.ts';
import { compareCodePoints } from '../offline/canonical-order.ts';
import type { SettledBill } from './settlement.ts';
import type { Unrated } from './unrated.ts';

export interface AccountChange {
  readonly account: string;
  readonly currency: string;
  readonly before: Money;
  readonly after: Money;
  readonly change: Money;
}

export interface CurrencyChange {
  readonly currency: string;
  readonly before: Money;
  readonly after: Money;
  readonly change: Money;
  readonly accountsUp: number;
  readonly accountsDown: number;
  readonly accountsSame: number;
}

export interface BillComparison {
  readonly currencies: readonly CurrencyChange[];
  /** All accounts, sorted by account and currency. */
  readonly accounts: readonly AccountChange[];
  /** The accounts with the largest change either way, largest first; those without a change are none. */
  readonly topMovers: readonly AccountChange[];
  readonly unratedBefore: readonly Unrated[];
  readonly unratedAfter: readonly Unrated[];
}

const TOP_MOVERS = 10;

type Compared = Pick<SettledBill, 'totals' | 'unrated'>;

export function compareBills(before: Compared, after: Compared, topMovers = TOP_MOVERS): BillComparison {
  const accounts = accountChanges(before, after);
  const moved = accounts.filter(({ change }) => change !== 0n);
  return {
    currencies: currencyChanges(accounts),
    accounts,
    topMovers: moved.sort((a, b) => compareMoney(magnitude(b.change), magnitude(a.change))).slice(0, topMovers),
    unratedBefore: before.unrated,
    unratedAfter: after.unrated,
  };
}

function accountChanges(before: Compared, after: Compared): AccountChange[] {
  const changes = new Map<string, { account: string; currency: string; before: Money; after: Money }>();
  for (const side of ['before', 'after'] as const) {
    for (const { account, currency, leg, amount } of (side === 'before' ? before : after).totals) {
      if (leg !== 'retail') continue;
      const key = JSON.stringify([account, currency]);
      const change = changes.get(key) ?? { account, currency, before: 0n, after: 0n };
      change[side] += amount;
      changes.set(key, change);
    }
  }
  return [...changes.values()]
    .map((change) => ({ ...change, change: change.after - change.before }))
    .sort((a, b) => compareCodePoints(a.account, b.account) || compareCodePoints(a.currency, b.currency));
}

function currencyChanges(accounts: readonly AccountChange[]): CurrencyChange[] {
  const currencies = [...new Set(accounts.map(({ currency }) => currency))].sort(compareCodePoints);
  return currencies.map((currency) => {
    const own = accounts.filter((account) => account.currency === currency);
    const sum = (field: 'before' | 'after' | 'change'): Money => own.reduce((total, one) => total + one[field], 0n);
    return {
      currency,
      before: sum('before'),
      after: sum('after'),
      change: sum('change'),
      accountsUp: own.filter(({ change }) => change > 0n).length,
      accountsDown: own.filter(({ change }) => change < 0n).length,
      accountsSame: own.filter(({ change }) => change === 0n).length,
    };
  });
}

function magnitude(amount: Money): Money {
  return amount < 0n ? -amount : amount;
}

function compareMoney(a: Money, b: Money): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
