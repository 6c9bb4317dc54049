/** Suspended usage in words, with an estimate of what it is worth. */
import type { Context, GuidedEvents, Profile, SuspendedUsage, SuspenseCode } from '../contract.ts';
import type { Counts, ServiceDefinition } from '../price-book/price-book.ts';
import { formatTimeMicros } from '../time.ts';
import type { Route } from './plan-routes.ts';
import type { PartitionState } from './state.ts';

/** An event's quantity as a service counts it. */
export function countedQuantity(counts: Counts, events: GuidedEvents, index: number): number {
  switch (counts) {
    case 'up':
      return events.bytesUp[index] as number;
    case 'down':
      return events.bytesDown[index] as number;
    case 'both':
      return (events.bytesUp[index] as number) + (events.bytesDown[index] as number);
    case 'greater':
      return Math.max(events.bytesUp[index] as number, events.bytesDown[index] as number);
    case 'seconds':
      return events.seconds[index] as number;
    case 'units':
      return events.units[index] as number;
    default:
      return counts satisfies never;
  }
}

/** What a code means for one event, with the value that was wrong. */
export function suspenseDetail(
  code: SuspenseCode,
  time: number,
  profile: Profile,
  context: Context,
  route: Route | undefined,
): string {
  const at = formatTimeMicros(time);
  const book = route === undefined ? '' : `price book ${route.book.label}`;
  switch (code) {
    case 'DUPLICATE_CONFLICT':
      return 'an event with this key was rated with another payload; someone has to decide which holds';
    case 'TIME_TOO_OLD':
      return `the keys of ${at.slice(0, 10)} are no longer kept, so a duplicate could not be told`;
    case 'SERVICE_UNRESOLVED':
      return `service '${context.service}' is not in ${book}`;
    case 'ZONE_UNRESOLVED':
      return context.plmn === ''
        ? `the event names no network, and every price of plan '${profile.plan}' for '${context.service}' names zones`
        : `network ${context.plmn} is in no zone of ${book}`;
    case 'PRICE_NOT_FOUND':
      return `no price of plan '${profile.plan}' in ${book} fits service '${context.service}' in zone '${route?.zone ?? ''}' at ${at}`;
    case 'CURRENCY_MISMATCH':
      return `account ${profile.usageAccount} is in ${profile.currency}, and plan '${profile.plan}' in ${route?.plan.currency ?? ''}`;
    case 'POOL_NOT_FOUND':
      return `pool ${profile.pool} names rule '${profile.poolRule}', which is not in ${book}`;
    case 'OVERFLOW':
      return `the event of service '${context.service}' takes a sum past 2^53 - 1, or draws on more buckets than it may have lines`;
    default:
      return `plan '${profile.plan}' is in no price book in force at ${at}`;
  }
}

/** The record of an event that was not rated. */
export function suspendedUsage(
  state: PartitionState,
  events: GuidedEvents,
  index: number,
  profile: Profile,
  context: Context,
  route: Route | undefined,
  code: SuspenseCode,
): SuspendedUsage {
  const time = events.eventTime[index] as number;
  const priced = route?.price === undefined ? lastPriced(state, profile, context) : route;
  const service = priced?.service ?? route?.service;
  const { unit, quantity } = service === undefined ? rawQuantity(events, index) : counted(service, events, index);
  return {
    event: index,
    code,
    detail: suspenseDetail(code, time, profile, context, route),
    unit,
    quantity,
    estimatedValue: priced?.price?.price.difference(0, quantity) ?? 0n,
    currency: priced?.plan.currency ?? profile.currency,
  };
}

/** The plan's price for the service and zone in the latest book that has the plan. */
function lastPriced(state: PartitionState, profile: Profile, context: Context): Route | undefined {
  const book = state.catalogue.latestWithPlan(profile.plan);
  const latest = book === undefined || book.to === Number.POSITIVE_INFINITY ? Number.MAX_SAFE_INTEGER : book.to - 1;
  return book?.plan(profile.plan)?.at(book.context(context.service, context.plmn), latest);
}

function counted(service: ServiceDefinition, events: GuidedEvents, index: number): { unit: string; quantity: number } {
  return { unit: service.unit, quantity: countedQuantity(service.counts, events, index) };
}

/** Of a service that is not known: whatever the event counts. */
function rawQuantity(events: GuidedEvents, index: number): { unit: string; quantity: number } {
  const bytes = countedQuantity('both', events, index);
  if (bytes > 0) return { unit: 'bytes', quantity: bytes };
  const seconds = events.seconds[index] as number;
  return seconds > 0
    ? { unit: 'seconds', quantity: seconds }
    : { unit: 'messages', quantity: events.units[index] as number };
}
