/** Suspended usage in words, with an estimate of what it is worth. */
import type { Context, GuidedEvents, Money, Profile, SuspendedUsage, SuspenseCode } from '../contract.ts';
import { formatTimeMicros } from '../time.ts';
import { countedQuantity, rawQuantity } from './counted.ts';
import type { Route } from './route.ts';
import type { PartitionState } from './state.ts';

/** What a code means for one event, with the value that was wrong. */
function suspenseDetail(
  code: SuspenseCode,
  events: GuidedEvents,
  index: number,
  profile: Profile,
  context: Context,
  route: Route | undefined,
): string {
  const at = formatTimeMicros(events.eventTime[index] as number);
  const book = route === undefined ? '' : `price book ${route.offer.book.label}`;
  const use = `service '${context.service}' in zone '${route?.zone ?? ''}' at ${at}`;
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
      return `no price of plan '${profile.plan}' in ${book} fits ${use}, or not for all of the event`;
    case 'COST_NOT_FOUND':
      return `no wholesale price in ${book} fits ${use}, and the book requires one`;
    case 'CURRENCY_MISMATCH':
      return currencyDetail(events, index, profile, route);
    case 'POOL_NOT_FOUND':
      return `pool ${profile.pool} names rule '${profile.poolRule}', which is not in ${book}`;
    case 'QUANTITY_INVALID':
      return (
        `service '${context.service}' counts an amount of whole 10^-${route?.offer.service?.decimals ?? 0} currency units, and ` +
        'the event has none, a negative one, or one with more decimals'
      );
    case 'OVERFLOW':
      return (
        `the event of service '${context.service}' takes a sum past 2^53 - 1 or an amount past 38 digits, needs more lines ` +
        'than an event may have, or lasts longer than can be cut'
      );
    default:
      return `plan '${profile.plan}' is in no price book in force at ${at}`;
  }
}

function currencyDetail(events: GuidedEvents, index: number, profile: Profile, route: Route | undefined): string {
  const amountCurrency = events.amountCurrency(index);
  const ofPlan = route?.offer.plan.currency ?? '';
  return profile.currency !== ofPlan
    ? `account ${profile.usageAccount} is in ${profile.currency}, and plan '${profile.plan}' in ${ofPlan}`
    : `the event's amount is in ${amountCurrency}, and plan '${profile.plan}' in ${ofPlan}`;
}

/** The record of an event that was not rated. */
export function suspendedUsage(
  state: PartitionState,
  events: GuidedEvents,
  index: number,
  route: Route | undefined,
  code: SuspenseCode,
): SuspendedUsage {
  const profile = events.profileAt(events.profile[index] as number);
  const context = events.contextAt(events.context[index] as number);
  const priced = route?.offer.anyPrice === undefined ? lastPriced(state, profile, context) : route;
  const { unit, quantity } = counted(priced ?? route, events, index);
  return {
    event: index,
    code,
    detail: suspenseDetail(code, events, index, profile, context, route),
    unit,
    quantity,
    estimatedValue: priced === undefined ? 0n : estimate(priced, quantity),
    currency: priced?.offer.plan.currency ?? profile.currency,
  };
}

/** What a quantity would cost as the first use of a meter. */
function estimate(route: Route, quantity: number): Money {
  const price = route.offer.anyPrice?.item?.price;
  if (price === undefined || quantity > Number.MAX_SAFE_INTEGER) return 0n;
  const amount = price.perEvent
    ? price.perEventTotal(price.perEventNext(price.perEventStart(), quantity))
    : price.first(quantity);
  return amount ?? 0n;
}

/** The plan's price for the kind of use in the latest book that has the plan. */
function lastPriced(state: PartitionState, profile: Profile, context: Context): Route | undefined {
  const book = state.catalogue.latestWithPlan(profile.plan);
  const latest = book === undefined || book.to === Number.POSITIVE_INFINITY ? Number.MAX_SAFE_INTEGER : book.to - 1;
  return book?.plan(profile.plan)?.at(book.context(context), latest);
}

/** As the service counts it; of a service that is not known, or an amount that is none, whatever the event counts. */
function counted(route: Route | undefined, events: GuidedEvents, index: number): { unit: string; quantity: number } {
  const service = route?.offer.service;
  const quantity = service === undefined ? -1 : countedQuantity(service, events, index);
  return service === undefined || quantity < 0 ? rawQuantity(events, index) : { unit: service.unit, quantity };
}
