/**
 * A case as a price book's document: the public way into the engine.
 *
 * - All subscriptions belong to one account. What is for all of them is in one tariff that every plan uses, so the
 *   account's meters and buckets are one; what is for some is in a tariff of its own, for the plans of those.
 * - Names are made anew, in the order of the case's own where order means something.
 * - The engine has one leg beside retail; a case with more is translated once for each.
 */
import { compareCodePoints, formatTimeMicros } from '@headrace/rating';
import type { Case, CaseAllowance, CasePrice } from './case.ts';
import { sumOf } from './decimal.ts';
import { DEFAULT_NAME, type Kind, type Kinds, nothingOf } from './kinds.ts';
import type { Quantities } from './quantities.ts';
import { boundOf } from './times.ts';
import { type Entry, given, isZero, priceEntry } from './to-price.ts';

export const CURRENCY = 'EUR';
const SHARED = 'all';

/** Where an allowance of the case is in the book. */
export interface AllowancePlace {
  readonly allowance: CaseAllowance;
  readonly kind: Kind;
  readonly tariff: string;
  readonly id: string;
}

export interface TranslatedBook {
  readonly document: Entry;
  readonly allowances: readonly AllowancePlace[];
  /** Subscription of the case to its plan. */
  readonly plans: ReadonlyMap<string, string>;
}

export interface BookChoice {
  /** Allowances that are known in a later run are left out. */
  readonly run: number;
  /** The leg that is the wholesale one; undefined: none. */
  readonly leg: string | undefined;
  /**
   * Every price has a rank of its own, by priority and then by date. Two prices that tie where no event meets them are a
   * valid case, and no valid book.
   */
  readonly ranked: boolean;
}

interface TariffEntries {
  readonly allowances: Entry[];
  readonly prices: Entry[];
}

export function toBook(input: Case, kinds: Kinds, quantities: Quantities, choice: BookChoice): TranslatedBook {
  const tariffs = new Map<string, TariffEntries>();
  /** Tariffs for some subscriptions, by their names. */
  const users = new Map<string, readonly string[]>();
  const tariffFor = (subscriptions: readonly string[] | undefined): string => {
    const some = subscriptions === undefined ? undefined : [...new Set(subscriptions)].sort();
    const known = [...users].find(([, names]) => JSON.stringify(names) === JSON.stringify(some));
    const name = some === undefined ? SHARED : (known?.[0] ?? `some-${users.size}`);
    if (some !== undefined) users.set(name, some);
    if (!tariffs.has(name)) tariffs.set(name, { allowances: [], prices: [] });
    return name;
  };
  const priceRank = choice.ranked ? rankOfEach(input.prices) : rankByPriority(input.prices);
  input.prices.forEach((price, index) => {
    const leg = (price.leg ?? 'retail') === 'retail' ? 'retail' : 'wholesale';
    // Tariffs and plans are the same for all runs and legs; only what is in them differs.
    const tariff = tariffs.get(tariffFor(price.subscriptions));
    if (leg === 'wholesale' && price.leg !== choice.leg) return;
    const names = { id: numbered('price', index), priority: priceRank(price), leg } as const;
    tariff?.prices.push(priceEntry(price, names, kinds, quantities));
  });
  const allowances = placeAllowances(input, kinds, choice, tariffFor);
  const allowanceRanks = ranks((input.allowances ?? []).map(({ priority = 0 }) => priority));
  for (const place of allowances)
    tariffs.get(place.tariff)?.allowances.push(allowanceEntry(place, allowanceRanks, kinds, quantities));
  const { plans, planEntries } = planAll(input, tariffs, users);
  const document = {
    format: 1,
    name: 'case',
    version: 1,
    currency: CURRENCY,
    effectiveFrom: '1970-01-01T00:00:00Z',
    author: 'cases',
    approver: 'cases',
    completeness: 'optional',
    cycle: input.cycle ?? 'all',
    services: serviceEntries(kinds, quantities),
    tariffs: Object.fromEntries(tariffs),
    plans: planEntries,
  };
  return { document, allowances, plans };
}

/** In the order of their ids, which decides between equals. */
function placeAllowances(
  input: Case,
  kinds: Kinds,
  { run }: BookChoice,
  tariffFor: (subscriptions: readonly string[] | undefined) => string,
): AllowancePlace[] {
  const sorted = [...(input.allowances ?? [])].sort((a, b) => compareCodePoints(a.id, b.id));
  const places = sorted.map((allowance, index) => ({
    allowance,
    kind: kinds.servicesOfAllowance(allowance).kind,
    tariff: tariffFor(allowance.subscriptions),
    id: numbered('allowance', index),
  }));
  return places.filter(({ allowance }) => (allowance.run ?? 1) <= run);
}

function allowanceEntry(
  { allowance, kind, id }: AllowancePlace,
  rank: (priority: number) => number,
  kinds: Kinds,
  quantities: Quantities,
): Entry {
  const { unitSize = '1', validFrom, validTo, recurs, rollover, limitPerSubscription, step } = allowance;
  const size = (quantity: string) => quantities.of(kind, quantity, unitSize);
  const quantity = sizeOf(allowance);
  const { names } = kinds.servicesOfAllowance(allowance);
  const from = validFrom === undefined ? undefined : boundOf(validFrom);
  const to = validTo === undefined ? undefined : boundOf(validTo);
  const isValid = from === undefined || to === undefined || from < to;
  const limited = limitPerSubscription !== undefined && !isZero(limitPerSubscription);
  const canDraw = isValid && names.length > 0 && (limitPerSubscription === undefined || limited);
  if (rollover?.maximumPercent !== undefined)
    quantities.note(kind, quantity, unitSize, rollover.maximumPercent, '0.01');
  return given({
    id,
    services: canDraw ? names : [nothingOf(kind)],
    owner: 'account',
    quantity: size(quantity),
    priority: rank(allowance.priority ?? 0),
    recurs: recurs ?? 'once',
    validFrom: from === undefined ? undefined : formatTimeMicros(from),
    validTo: to === undefined || !isValid ? undefined : formatTimeMicros(to),
    rollover: rollover === undefined ? undefined : rolloverEntry(rollover, size),
    limitPerSubscription: limited ? size(limitPerSubscription) : undefined,
    step: step === undefined ? undefined : quantities.of(kind, step),
  });
}

/** A book's maximum is above 0, and its per cent at most 100, which is all that can be unused. */
function rolloverEntry(
  { maximum, maximumPercent }: NonNullable<CaseAllowance['rollover']>,
  size: (quantity: string) => number | string,
): Entry {
  if (isZero(maximum ?? '1')) return { maximumPercent: '0' };
  return given({
    maximum: maximum === undefined ? undefined : size(maximum),
    maximumPercent: Number(maximumPercent ?? 0) > 100 ? '100' : maximumPercent,
  });
}

/** What an allowance holds when it is full, in its own units. */
export function sizeOf({ quantity = '0', contributions }: CaseAllowance): string {
  return contributions === undefined ? quantity : sumOf(contributions.map((one) => one.quantity));
}

function serviceEntries(kinds: Kinds, quantities: Quantities): Entry {
  const units = {
    quantity: { unit: 'messages', counts: 'units' },
    time: { unit: 'seconds', counts: 'units' },
    money: { unit: 'money', counts: 'amount', decimals: quantities.power('money') },
  };
  return Object.fromEntries(
    [...kinds.engineServices].map(([name, { kind, lasting }]) => [
      name,
      lasting ? { unit: 'seconds', counts: 'seconds' } : units[kind],
    ]),
  );
}

function planAll(
  input: Case,
  tariffs: ReadonlyMap<string, TariffEntries>,
  users: ReadonlyMap<string, readonly string[]>,
): { readonly plans: Map<string, string>; readonly planEntries: Entry } {
  const subscriptions = new Set([
    ...input.events.map(({ subscription = DEFAULT_NAME }) => subscription),
    ...[...users.values()].flat(),
    DEFAULT_NAME,
  ]);
  const byTariffs = new Map<string, string>();
  const plans = new Map<string, string>();
  const planEntries: Entry = {};
  for (const subscription of subscriptions) {
    const used = [...tariffs.keys()].filter((name) => users.get(name)?.includes(subscription) ?? name === SHARED);
    const key = used.join(' ');
    const plan = byTariffs.get(key) ?? `plan-${byTariffs.size}`;
    byTariffs.set(key, plan);
    plans.set(subscription, plan);
    planEntries[plan] = used.length === 0 ? { prices: [] } : { tariffs: used };
  }
  return { plans, planEntries };
}

function rankByPriority(prices: readonly CasePrice[]): (price: CasePrice) => number {
  const rank = ranks(prices.map(({ priority = 0 }) => priority));
  return ({ priority = 0 }) => rank(priority);
}

function rankOfEach(prices: readonly CasePrice[]): (price: CasePrice) => number {
  const begins = ({ effectiveFrom }: CasePrice): number => (effectiveFrom === undefined ? -1 : boundOf(effectiveFrom));
  const sorted = [...prices].sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0) || begins(b) - begins(a));
  return (price) => sorted.indexOf(price);
}

/** Priorities as small numbers in the same order. */
function ranks(priorities: readonly number[]): (priority: number) => number {
  const sorted = [...new Set(priorities)].sort((a, b) => a - b);
  return (priority) => sorted.indexOf(priority);
}

/** Numbers of one length, so that names sort like them. */
function numbered(name: string, index: number): string {
  return `${name}-${String(index).padStart(4, '0')}`;
}
