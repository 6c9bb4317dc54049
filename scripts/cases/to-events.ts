/** A case's events as the engine takes them, and what it has to know of their subscriptions. */
import { quantityProblem } from '@headrace/codec';
import {
  type Context,
  formatMoney,
  type GuidedFact,
  MONEY_DECIMALS,
  type OfflineEvent,
  offlineEvent,
  type Profile,
  type ReferenceFact,
} from '@headrace/rating';
import type { Case, CaseEvent } from './case.ts';
import { DEFAULT_NAME, isLasting, type Kind, type Kinds } from './kinds.ts';
import type { Quantities } from './quantities.ts';
import { isInTime, microsOf } from './times.ts';
import { CURRENCY, type TranslatedBook } from './to-book.ts';
import { Unsupported } from './unsupported.ts';

const ACCOUNT = 'account';
const EVER = '1970-01-01T00:00:00Z';
const MICROS_PER_SECOND = 1_000_000;

/** An event of the case on its way in. Parts of a cut event stand for the same one. */
export interface Entering {
  /** Id in the case. */
  readonly caseId: string;
  readonly run: number;
  readonly kind: Kind;
  /** In raw units. */
  readonly quantity: bigint;
  readonly event: OfflineEvent;
}

export interface TranslatedEvents {
  /** In the order of the file. */
  readonly entering: readonly Entering[];
  /** What is refused at the door, as guiding would: id to code. */
  readonly refused: ReadonlyMap<string, string>;
}

export function toEvents(input: Case, kinds: Kinds, quantities: Quantities, book: TranslatedBook): TranslatedEvents {
  const profiles = profilesOf(input, book);
  const contexts = new Map([...kinds.engineServices.keys()].map((service) => [service, contextOf(service)]));
  const entering: Entering[] = [];
  const refused = new Map<string, string>();
  for (const event of input.events) {
    const kind = kinds.kindOf(event);
    const quantity = quantities.raw(kind, quantityOf(event));
    // What the engine cannot count is no fault of the event's.
    if (quantity > BigInt(Number.MAX_SAFE_INTEGER))
      throw new Unsupported(`event '${event.id}' has ${quantity} raw units`);
    const counts = countsOf(kind, quantity, kind === 'time' && isLasting(event), quantities);
    const eventTime = microsOf(event.at);
    if (!isInTime(eventTime)) throw new Unsupported(`event '${event.id}' is not of the years 1970 to 2199`);
    const endTime = eventTime + Number(event.duration ?? 0) * MICROS_PER_SECOND;
    const amount = counts.amount === undefined ? null : formatMoney(counts.amount);
    // Scaled quantities may pass what usage plausibly is; only a sign is looked at.
    const problem = quantity < 0n ? quantityProblem(usageOf(counts, amount, eventTime, endTime)) : null;
    if (problem !== null) {
      refused.set(event.id, problem.code);
      continue;
    }
    const { subscription = DEFAULT_NAME, session, run = 1, id } = event;
    const profile = profiles.get(subscription);
    const context = contexts.get(kinds.serviceOf(event));
    if (profile === undefined || context === undefined) throw new RangeError(`event '${id}' is of nobody or nothing`);
    const made = offlineEvent({
      id,
      profile,
      context,
      eventTime,
      endTime,
      ...counts,
      ...(counts.amount === undefined ? {} : { amountCurrency: CURRENCY }),
      session: session === undefined ? '' : `session ${session}`,
    });
    entering.push({ caseId: id, run, kind, quantity, event: made });
  }
  return { entering, refused };
}

/** The same event with another id and quantity: a part of it. What lasts is not cut so. */
export function partOf(whole: Entering, part: number, quantity: bigint, quantities: Quantities): Entering {
  const { event, kind } = whole;
  // The lowest character keeps the parts where the whole would stand.
  const id = `${event.id}\u0000${String(part).padStart(4, '0')}`;
  const { profile, context, eventTime, endTime, session, amountCurrency } = event;
  const counts = countsOf(kind, quantity, false, quantities);
  const made = offlineEvent({ id, profile, context, eventTime, endTime, session, amountCurrency, ...counts });
  return { ...whole, quantity, event: made };
}

/** Facts of one account with all its subscriptions, and the book. */
export function factsOf(input: Case, book: TranslatedBook): GuidedFact[] {
  const facts: ReferenceFact[] = [
    { kind: 'priceBook', id: 'book', book: book.document },
    {
      kind: 'account',
      id: ACCOUNT,
      account: ACCOUNT,
      parent: null,
      currency: CURRENCY,
      timeZone: input.timezone ?? 'UTC',
      status: 'open',
      validFrom: EVER,
    },
    ...[...book.plans].map(
      ([subscription, plan]): ReferenceFact => ({
        kind: 'subscription',
        id: subscriptionName(subscription),
        subscription: subscriptionName(subscription),
        account: ACCOUNT,
        plan,
        pool: null,
        state: 'active',
        validFrom: EVER,
      }),
    ),
  ];
  return facts.map((fact, position) => ({ position, receivedAt: 0, kind: fact.kind, fact: JSON.stringify(fact) }));
}

function quantityOf({ quantity, amount, duration }: CaseEvent): string {
  return quantity ?? amount ?? String(duration ?? 0);
}

function countsOf(
  kind: Kind,
  quantity: bigint,
  lasting: boolean,
  quantities: Quantities,
): { readonly units: number; readonly seconds: number; readonly amount?: bigint } {
  if (kind === 'money')
    return { units: 0, seconds: 0, amount: quantity * 10n ** BigInt(MONEY_DECIMALS - quantities.power('money')) };
  const count = Number(quantity);
  return lasting ? { units: 0, seconds: count } : { units: count, seconds: 0 };
}

function usageOf(
  { units, seconds }: { readonly units: number; readonly seconds: number },
  amount: string | null,
  startTime: number,
  endTime: number,
): Parameters<typeof quantityProblem>[0] {
  return { bytesUp: 0, bytesDown: 0, units, seconds, amount, startTime, endTime };
}

function profilesOf(input: Case, { plans }: TranslatedBook): Map<string, Profile> {
  const profiles = new Map<string, Profile>();
  for (const [subscription, plan] of plans) {
    const name = subscriptionName(subscription);
    profiles.set(subscription, {
      usageAccount: ACCOUNT,
      subscription: name,
      sim: name,
      plan,
      pool: '',
      poolAccount: '',
      poolRule: '',
      ratingKey: ACCOUNT,
      currency: CURRENCY,
      timeZone: input.timezone ?? 'UTC',
      simState: 'active',
    });
  }
  return profiles;
}

function contextOf(service: string): Context {
  return { source: 'cases', service, plmn: '', rat: '', apn: '', ratingGroup: -1, rawEncoding: 'message' };
}

/** Ids of facts are never empty. */
function subscriptionName(subscription: string): string {
  return `subscription ${subscription}`;
}
