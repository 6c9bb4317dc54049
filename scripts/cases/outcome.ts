/** What the engine made of a case, in the words of `expected`. */
import {
  applyCredits,
  type Balance,
  formatMoney,
  type Money,
  parseMoney,
  roundMoney,
  type Total,
} from '@headrace/rating';
import type { CaseExpected } from './case.ts';
import { decimalText } from './decimal.ts';
import type { Kind } from './kinds.ts';
import { microsOf } from './times.ts';
import { type AllowancePlace, sizeOf } from './to-book.ts';
import { roundingMode } from './to-price.ts';
import type { Translation } from './translation.ts';

/** One event's settled lines, added up. */
export interface EventSum {
  readonly kind: Kind;
  inBundle: bigint;
  overage: bigint;
  amount: Money;
}

/** What a way of running the case gives. */
export interface Outcome {
  /** Of both legs, true-ups (tag `adjustment`) included. */
  readonly totals: readonly Total[];
  readonly legs: ReadonlyMap<string, Money>;
  /** Undefined where events were cut. */
  readonly events: ReadonlyMap<string, EventSum> | undefined;
  readonly balances: readonly Balance[];
  /** Undefined where the way knows no runs. */
  readonly perRun: readonly Money[] | undefined;
  readonly suspended: ReadonlyMap<string, string>;
}

type Stated = { -readonly [Field in keyof CaseExpected]: CaseExpected[Field] };

/** The outcome in the fields that the case states, and no others. */
export function statedBy(expected: CaseExpected, outcome: Outcome, translation: Translation): Stated {
  const retail = outcome.totals.filter(({ leg }) => leg === 'retail');
  const total = sum(retail);
  const { input } = translation;
  const paid = applyCredits(
    total,
    (input.credits ?? []).map(({ id, amount, priority = 0 }) => ({ id, amount: parseMoney(amount), priority })),
  );
  const stated: Stated = {};
  if (expected.total !== undefined) stated.total = formatMoney(total);
  if (expected.trueUp !== undefined) stated.trueUp = formatMoney(sum(retail.filter(({ tag }) => tag === 'adjustment')));
  if (expected.due !== undefined) stated.due = formatMoney(paid.due);
  if (expected.rounded !== undefined) stated.rounded = rounded(translation, total);
  if (expected.inBundle !== undefined) stated.inBundle = quantityText(translation, retail, true);
  if (expected.overage !== undefined) stated.overage = quantityText(translation, retail, false);
  if (expected.remaining !== undefined) {
    const credits = paid.credits.map(({ id, remaining }) => [id, formatMoney(remaining)] as const);
    const allowances = translation.allowances.map(
      (place) => [place.allowance.id, remainingIn(place, outcome.balances, translation)] as const,
    );
    stated.remaining = pick(expected.remaining, new Map([...allowances, ...credits]));
  }
  if (expected.legs !== undefined) {
    const legs = [...outcome.legs].map(([leg, amount]) => [leg, formatMoney(amount)] as const);
    stated.legs = pick(expected.legs, new Map(legs), '0');
  }
  if (expected.perCycle !== undefined) stated.perCycle = perCycle(expected.perCycle, retail);
  if (expected.perRun !== undefined && outcome.perRun !== undefined) stated.perRun = outcome.perRun.map(formatMoney);
  if (expected.suspended !== undefined)
    stated.suspended = Object.fromEntries([...outcome.suspended].sort(([a], [b]) => (a < b ? -1 : 1)));
  if (expected.perEvent !== undefined && outcome.events !== undefined)
    stated.perEvent = perEvent(expected.perEvent, outcome.events, translation);
  return stated;
}

function perEvent(
  rows: NonNullable<CaseExpected['perEvent']>,
  events: ReadonlyMap<string, EventSum>,
  { quantities }: Translation,
): NonNullable<CaseExpected['perEvent']> {
  return rows.map((row) => {
    const event = events.get(row.id) ?? { kind: 'quantity', inBundle: 0n, overage: 0n, amount: 0n };
    const decimals = quantities.power(event.kind);
    return {
      id: row.id,
      ...(row.inBundle === undefined ? {} : { inBundle: decimalText({ digits: event.inBundle, decimals }) }),
      ...(row.overage === undefined ? {} : { overage: decimalText({ digits: event.overage, decimals }) }),
      ...(row.amount === undefined ? {} : { amount: formatMoney(event.amount) }),
    };
  });
}

function rounded({ input: { invoiceRounding } }: Translation, total: Money): string {
  if (invoiceRounding === undefined) return formatMoney(total);
  const digits = Math.min(invoiceRounding.digits, 12);
  return formatMoney(roundMoney(total, digits, roundingMode(invoiceRounding.mode)));
}

const KIND_OF_UNIT: Readonly<Record<string, Kind>> = { messages: 'quantity', seconds: 'time', money: 'money' };

function quantityText({ quantities }: Translation, retail: readonly Total[], inBundle: boolean): string {
  const power = Math.max(...Object.values(KIND_OF_UNIT).map((kind) => quantities.power(kind)));
  let digits = 0n;
  for (const { tag, unit, quantity } of retail) {
    if (tag === 'adjustment' || (tag === 'in-bundle') !== inBundle) continue;
    digits += quantity * 10n ** BigInt(power - quantities.power(KIND_OF_UNIT[unit] ?? 'quantity'));
  }
  return decimalText({ digits, decimals: power });
}

function perCycle(expected: Readonly<Record<string, string>>, retail: readonly Total[]): Record<string, string> {
  const amounts = new Map<string, Money>();
  for (const { period, amount } of retail) amounts.set(period, (amounts.get(period) ?? 0n) + amount);
  const texts = [...amounts].map(([period, amount]) => [period, formatMoney(amount)] as const);
  return pick(expected, new Map(texts), '0');
}

/** What is left in an allowance at the last event, in its own units with 12 decimals. */
function remainingIn(place: AllowancePlace, balances: readonly Balance[], translation: Translation): string {
  const { allowance, kind, tariff, id } = place;
  const { input, quantities } = translation;
  const last = lastTime(translation);
  if (allowance.validTo !== undefined && microsOf(allowance.validTo) <= last) return '0';
  const names = [`account-allowance:${tariff}/${id}`, `account-rollover:${tariff}/${id}`];
  const own = balances.filter(({ bucket }) => names.includes(bucket));
  const raw = own.reduce((left, { size, used }) => left + BigInt(Math.max(0, size - used)), 0n);
  if (own.length === 0 && (allowance.recurs === undefined || input.events.length === 0))
    return formatMoney(parseMoney(sizeOf(allowance)));
  // raw / 10^power / unitSize, to 12 decimals, half up.
  const [whole = '', fraction = ''] = (allowance.unitSize ?? '1').split('.');
  const unit = BigInt(whole + fraction);
  const dividend = raw * 10n ** BigInt(12 + fraction.length);
  const divisor = unit * 10n ** BigInt(quantities.power(kind));
  return formatMoney((dividend * 2n + divisor) / (divisor * 2n));
}

/** Time of the last event, suspended ones included. */
export function lastTime({ input }: Translation): number {
  return Math.max(0, ...input.events.map(({ at }) => microsOf(at)));
}

function sum(totals: readonly Total[]): Money {
  return totals.reduce((all, { amount }) => all + amount, 0n);
}

/** The values of these keys; a key that is not there has `otherwise`, or says so. */
function pick(
  keys: Readonly<Record<string, string>>,
  values: ReadonlyMap<string, string>,
  otherwise = 'absent',
): Record<string, string> {
  return Object.fromEntries(Object.keys(keys).map((key) => [key, values.get(key) ?? otherwise]));
}
