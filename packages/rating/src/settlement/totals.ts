/** Totals: what rated lines add up to, by whom, of what, and how it was covered. */
import type { Money } from '../contract.ts';
import { compareCodePoints } from '../offline/canonical-order.ts';

export interface TotalKey {
  /** Who pays. */
  readonly account: string;
  /** Empty where no single subscription caused it. */
  readonly subscription: string;
  readonly service: string;
  readonly zone: string;
  readonly tag: string;
  readonly period: string;
  readonly currency: string;
  readonly unit: string;
  readonly leg: string;
}

export interface Total extends TotalKey {
  readonly quantity: bigint;
  readonly amount: Money;
}

/** All fields of a key, in the order that totals are sorted by. */
export const TOTAL_KEY_FIELDS: readonly (keyof TotalKey)[] = [
  'account',
  'period',
  'currency',
  'leg',
  'service',
  'zone',
  'tag',
  'unit',
  'subscription',
];

/** A text that is equal for equal keys. */
export function totalKeyText(key: TotalKey): string {
  return JSON.stringify(TOTAL_KEY_FIELDS.map((field) => key[field]));
}

/** By the fields of the key, one after the other, by code points. */
export function compareTotals(a: TotalKey, b: TotalKey): number {
  for (const field of TOTAL_KEY_FIELDS) {
    const order = compareCodePoints(a[field], b[field]);
    if (order !== 0) return order;
  }
  return 0;
}

/** The key alone, without what else the object holds. */
export function totalKeyOf(key: TotalKey): TotalKey {
  const { account, subscription, service, zone, tag, period, currency, unit, leg } = key;
  return { account, subscription, service, zone, tag, period, currency, unit, leg };
}

/** Totals of one key as one, sorted. */
export function mergeTotals(totals: Iterable<Total>): Total[] {
  const merged = new Map<string, Total>();
  for (const total of totals) {
    const text = totalKeyText(total);
    const known = merged.get(text);
    merged.set(
      text,
      known === undefined
        ? { ...totalKeyOf(total), quantity: total.quantity, amount: total.amount }
        : { ...known, quantity: known.quantity + total.quantity, amount: known.amount + total.amount },
    );
  }
  return [...merged.values()].sort(compareTotals);
}
