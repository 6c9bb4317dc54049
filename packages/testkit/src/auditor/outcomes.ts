/**
 * What becomes of an event before it is priced, decided from its contents and the reference data alone. The order of
 * checks is that of the flow: the record itself, its time, its quantities, whose it is, its price.
 */

import { partsOf } from './amounts.ts';
import type { AuditorBook, Kind, Plan, ServiceRule } from './book.ts';
import type { Calendar } from './calendar.ts';
import type { AuditedEvent, Failure } from './events.ts';
import { priceParts } from './price-parts.ts';
import type { AccountState, PoolState, Reference, SubscriptionState } from './reference.ts';

const DAY = 86_400_000_000;
const HOUR = 3_600_000_000;
/** As docs/codes.md has it. */
const QUANTITY_MAX = 2 ** 47;

/** Whose an event is, as of its time. */
export interface Guided {
  readonly subscription: SubscriptionState;
  readonly account: AccountState;
  readonly pool: PoolState | null;
  readonly book: AuditorBook;
  readonly plan: Plan;
  readonly kind: Kind;
  /** Raw units. */
  readonly quantity: number;
  /** Its quantity is how long it lasted, in seconds. */
  readonly lasting: boolean;
}

export function isFailure(result: object | Failure): result is Failure {
  return typeof result === 'string';
}

export function guide(
  event: AuditedEvent,
  receivedAtMs: number,
  horizonDays: number,
  reference: Reference,
  calendar: Calendar,
): Guided | Failure {
  const failure = checkRecord(event) ?? checkTime(event, receivedAtMs, horizonDays) ?? checkQuantities(event);
  if (failure !== null) return failure;
  const time = event.startTime;
  const sim = reference.sim(event.iccid, event.imsi, event.msisdn, time);
  if (sim === undefined) return 'suspended:SIM_UNKNOWN';
  if (sim.state === 'retired') return 'suspended:SIM_NOT_ACTIVE';
  const subscription = reference.subscriptions.get(sim.subscription)?.at(time);
  if (subscription === undefined) return 'suspended:SUBSCRIPTION_NOT_FOUND';
  const who = whoPays(subscription, time, reference);
  if (isFailure(who)) return who;
  return choosePrice(event, who, calendar);
}

type Payers = Pick<Guided, 'subscription' | 'account' | 'pool' | 'book'>;

/** Also asked again when an event is settled. */
export function whoPays(subscription: SubscriptionState, time: number, reference: Reference): Payers | Failure {
  const account = reference.accounts.get(subscription.account)?.at(time);
  if (account === undefined || !account.open) return 'suspended:ACCOUNT_BLOCKED';
  const pool = subscription.pool === null ? null : reference.pools.get(subscription.pool)?.at(time);
  if (pool === undefined) return 'suspended:POOL_NOT_FOUND';
  const book = reference.bookAt(time);
  if (book === undefined) return 'suspended:PLAN_NOT_EFFECTIVE';
  return { subscription, account, pool, book };
}

function choosePrice(event: AuditedEvent, who: Payers, calendar: Calendar): Guided | Failure {
  const { book, account, subscription } = who;
  const service = book.services.get(event.service);
  if (service === undefined) return 'suspended:SERVICE_UNRESOLVED';
  const plan = book.plans.get(subscription.plan);
  if (plan === undefined) return 'suspended:PLAN_NOT_EFFECTIVE';
  if (plan.currency !== account.currency) return 'suspended:CURRENCY_MISMATCH';
  const foreign = event.currency !== null && event.currency !== account.currency;
  if (service.counts === 'amount' && foreign) return 'suspended:CURRENCY_MISMATCH';
  const kind = { service: event.service, zone: book.zoneOf(event.plmn) ?? '', rat: event.rat ?? '' };
  const quantity = countOf(event, service);
  const lasting = service.counts === 'seconds';
  const use = { kind, time: event.startTime, timeZone: account.timeZone, quantity, lasting };
  if (priceParts(plan.prices, use, 0, calendar) === null) {
    const zoned = plan.prices.some(({ services }) => services === null || services.includes(event.service));
    return kind.zone === '' && zoned ? 'suspended:ZONE_UNRESOLVED' : 'suspended:PRICE_NOT_FOUND';
  }
  return { ...who, plan, kind, quantity, lasting };
}

function checkRecord(event: AuditedEvent): Failure | null {
  const anonymous = event.iccid === null && event.imsi === null && event.msisdn === null;
  if (event.source === '' || event.service === '' || anonymous || event.key === null) return 'rejected:FIELD_MISSING';
  return null;
}

function checkTime(event: AuditedEvent, receivedAtMs: number, horizonDays: number): Failure | null {
  const received = receivedAtMs * 1000;
  if (event.startTime < received - horizonDays * DAY) return 'rejected:TIME_TOO_OLD';
  return event.startTime > received + HOUR ? 'suspended:TIME_IN_FUTURE' : null;
}

function checkQuantities(event: AuditedEvent): Failure | null {
  const { bytesUp, bytesDown, seconds, units } = event;
  const wrong = [bytesUp, bytesDown, seconds, units].some((quantity) => quantity < 0 || quantity > QUANTITY_MAX);
  const backwards = event.endTime !== null && event.endTime < event.startTime;
  return wrong || backwards || bytesUp + bytesDown > QUANTITY_MAX ? 'suspended:QUANTITY_INVALID' : null;
}

function countOf(event: AuditedEvent, { counts, decimals }: ServiceRule): number {
  switch (counts) {
    case 'up':
      return event.bytesUp;
    case 'down':
      return event.bytesDown;
    case 'both':
      return event.bytesUp + event.bytesDown;
    case 'greater':
      return Math.max(event.bytesUp, event.bytesDown);
    case 'units':
      return event.units;
    case 'seconds':
      return event.seconds;
    case 'amount':
      return partsOf(event.amount ?? '0', decimals);
    default:
      return counts satisfies never;
  }
}
