/**
 * Events as settlement folds them: all of a batch or some of it, each received when it happened, since the receipt plays no
 * part in a settled bill (the fold would else let keys of days go that are still to come).
 */
import type { GuidedEvents, Money } from '../contract.ts';

/** All events of a batch. */
export function allEvents(events: GuidedEvents): GuidedEvents {
  return { ...sharedParts(events), ...columnsOf(events), amount: events.amount };
}

/** The events of a batch at these indexes, in this order. */
export function selectedEvents(events: GuidedEvents, kept: Int32Array): GuidedEvents {
  const count = kept.length;
  const pick = (column: Float64Array): Float64Array => Float64Array.from(kept, (index) => column[index] as number);
  const pickInt = (column: Int32Array): Int32Array => Int32Array.from(kept, (index) => column[index] as number);
  const eventKey = new Uint32Array(count * 4);
  const payloadDigest = new Uint32Array(count * 2);
  const amount = new Map<number, Money>();
  kept.forEach((index, at) => {
    eventKey.set(events.eventKey.subarray(index * 4, index * 4 + 4), at * 4);
    payloadDigest.set(events.payloadDigest.subarray(index * 2, index * 2 + 2), at * 2);
    const value = events.amount.get(index);
    if (value !== undefined) amount.set(at, value);
  });
  const eventTime = pick(events.eventTime);
  const original = (event: number): number => kept[event] as number;
  return {
    ...sharedParts(events),
    count,
    eventKey,
    payloadDigest,
    eventTime,
    endTime: pick(events.endTime),
    receivedAt: eventTime,
    utcOffsetMinutes: pickInt(events.utcOffsetMinutes),
    profile: pickInt(events.profile),
    context: pickInt(events.context),
    bytesUp: pick(events.bytesUp),
    bytesDown: pick(events.bytesDown),
    seconds: pick(events.seconds),
    units: pick(events.units),
    amount,
    imei: (event) => events.imei(original(event)),
    session: (event) => events.session(original(event)),
    amountCurrency: (event) => events.amountCurrency(original(event)),
  };
}

function sharedParts(
  events: GuidedEvents,
): Pick<
  GuidedEvents,
  | 'profileCount'
  | 'contextCount'
  | 'profileAt'
  | 'contextAt'
  | 'profileDigest'
  | 'contextDigest'
  | 'imei'
  | 'session'
  | 'amountCurrency'
> {
  return {
    profileCount: events.profileCount,
    contextCount: events.contextCount,
    profileAt: (index) => events.profileAt(index),
    contextAt: (index) => events.contextAt(index),
    profileDigest: events.profileDigest,
    contextDigest: events.contextDigest,
    imei: (event) => events.imei(event),
    session: (event) => events.session(event),
    amountCurrency: (event) => events.amountCurrency(event),
  };
}

function columnsOf(events: GuidedEvents): Omit<GuidedEvents, 'amount' | keyof ReturnType<typeof sharedParts>> {
  const { count, eventKey, payloadDigest, eventTime, endTime, utcOffsetMinutes, profile, context } = events;
  const { bytesUp, bytesDown, seconds, units } = events;
  return {
    count,
    eventKey,
    payloadDigest,
    eventTime,
    endTime,
    receivedAt: eventTime,
    utcOffsetMinutes,
    profile,
    context,
    bytesUp,
    bytesDown,
    seconds,
    units,
  };
}
