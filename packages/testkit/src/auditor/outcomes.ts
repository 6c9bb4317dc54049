/**
 * What becomes of an event before it is priced, decided from its contents and the reference data alone. The order of
 * checks is that of the flow: the record itself, its time, its quantities, whose it is, its price.
 */

import { type AuditorBook, findPrice, type Plan, type Price } from './book.ts';
import type { AuditedEvent, Failure } from './events.ts';
import type { AccountState, PoolState, Reference, SubscriptionState } from './reference.ts';

const DAY = 86_400_000_000;
const HOUR = 3_600_000_000;
/** As docs/codes.md has it. */
const QUANTITY_MAX = 2 ** 47;

/** Who pays for an event, and by which price. */
export interface Guided {
  readonly subscription: SubscriptionState;
  readonly account: AccountState;
  readonly pool: PoolState | null;
  readonly book: AuditorBook;
  readonly plan: Plan;
  readonly price: Price;
  /** Empty where the network is in none. */
  readonly zone: string;
  readonly quantity: bigint;
}

export function isFailure(result: Guided | Failure): result is Failure {
  return typeof result === 'string';
}

export function guide(
  event: AuditedEvent,
  receivedAtMs: number,
  horizonDays: number,
  reference: Reference,
): Guided | Failure {
  const failure = checkRecord(event) ?? checkTime(event, receivedAtMs, horizonDays) ?? checkQuantities(event);
  if (failure !== null) return failure;
  const time = event.startTime;
  const sim = reference.sim(event.iccid, event.imsi, event.msisdn, time);
  if (sim === undefined) return 'suspended:SIM_UNKNOWN';
  if (sim.state === 'retired') return 'suspended:SIM_NOT_ACTIVE';
  const subscription = reference.subscriptions.get(sim.subscription)?.at(time);
  if (subscription === undefined) return 'suspended:SUBSCRIPTION_NOT_FOUND';
  const account = reference.accounts.get(subscription.account)?.at(time);
  if (account === undefined || !account.open) return 'suspended:ACCOUNT_BLOCKED';
  const pool = subscription.pool === null ? null : reference.pools.get(subscription.pool)?.at(time);
  if (pool === undefined) return 'suspended:POOL_NOT_FOUND';
  const book = reference.bookAt(time);
  if (book === undefined) return 'suspended:PLAN_NOT_EFFECTIVE';
  return choosePrice(event, book, { subscription, account, pool });
}

function choosePrice(
  event: AuditedEvent,
  book: AuditorBook,
  who: Pick<Guided, 'subscription' | 'account' | 'pool'>,
): Guided | Failure {
  const rule = book.services.get(event.service);
  if (rule === undefined) return 'suspended:SERVICE_UNRESOLVED';
  const plan = book.plans.get(who.subscription.plan);
  if (plan === undefined) return 'suspended:PLAN_NOT_EFFECTIVE';
  if (plan.currency !== who.account.currency) return 'suspended:CURRENCY_MISMATCH';
  const zone = book.zoneOf(event.plmn) ?? '';
  const price = findPrice(plan, event.service, zone, event.startTime);
  if (price === null) {
    const zoned = plan.prices.some((other) => other.service === event.service);
    return zone === '' && zoned ? 'suspended:ZONE_UNRESOLVED' : 'suspended:PRICE_NOT_FOUND';
  }
  return { ...who, book, plan, price, zone, quantity: BigInt(countOf(event, rule.counts)) };
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

function countOf(event: AuditedEvent, counts: string): number {
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
    default:
      throw new Error(`The auditor cannot count ${counts}.`);
  }
}
