/**
 * Invoice lines: totals brought together, and rounded once, with the difference shown (domain: section 5).
 *
 * 1. Currencies are never added together, nor retail and wholesale, nor periods.
 * 2. Amounts of a line are added up exactly before they are rounded.
 */
import type { Money } from '../contract.ts';
import { roundMoney } from '../money.ts';
import { compareCodePoints } from '../offline/canonical-order.ts';
import type { RoundingMode } from '../price-book/price-book.ts';
import { minorUnitDigits } from './minor-unit.ts';
import type { Total, TotalKey } from './totals.ts';

/** Fields that no line may mix. */
const ALWAYS: readonly (keyof TotalKey)[] = ['account', 'period', 'currency', 'leg'];

export interface InvoiceOptions {
  /** What a line is for, beside account, period, currency and leg; service, zone, tag and unit unless given. */
  readonly by?: readonly (keyof TotalKey)[];
  /** Half-up unless given. */
  readonly mode?: RoundingMode;
  /** Decimals; those of the currency's minor unit unless given. */
  readonly digits?: number;
}

/** Fields of the key that the lines are not told apart by are empty. */
export interface InvoiceLine extends TotalKey {
  readonly quantity: bigint;
  readonly exact: Money;
  readonly amount: Money;
  /** amount - exact. */
  readonly difference: Money;
}

/** Sorted by account, period, currency, leg and then the fields of `by`. */
export function invoiceLines(totals: Iterable<Total>, options: InvoiceOptions = {}): InvoiceLine[] {
  const { by = ['service', 'zone', 'tag', 'unit'], mode = 'half-up', digits } = options;
  const fields = [...ALWAYS, ...by];
  const sums = new Map<string, { readonly key: TotalKey; quantity: bigint; exact: Money }>();
  for (const total of totals) {
    const key = keyBy(total, fields);
    const text = JSON.stringify(fields.map((field) => key[field]));
    const sum = sums.get(text) ?? { key, quantity: 0n, exact: 0n };
    sum.quantity += total.quantity;
    sum.exact += total.amount;
    sums.set(text, sum);
  }
  const lines = [...sums.values()].map(({ key, quantity, exact }) => {
    const amount = roundMoney(exact, digits ?? minorUnitDigits(key.currency), mode);
    return { ...key, quantity, exact, amount, difference: amount - exact };
  });
  return lines.sort((a, b) => compareBy(a, b, fields));
}

function keyBy(total: TotalKey, fields: readonly (keyof TotalKey)[]): TotalKey {
  const of = (field: keyof TotalKey): string => (fields.includes(field) ? total[field] : '');
  return {
    account: of('account'),
    subscription: of('subscription'),
    service: of('service'),
    zone: of('zone'),
    tag: of('tag'),
    period: of('period'),
    currency: of('currency'),
    unit: of('unit'),
    leg: of('leg'),
  };
}

function compareBy(a: TotalKey, b: TotalKey, fields: readonly (keyof TotalKey)[]): number {
  for (const field of fields) {
    const order = compareCodePoints(a[field], b[field]);
    if (order !== 0) return order;
  }
  return 0;
}
