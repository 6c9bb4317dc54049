/** Makes an offline event out of what its file says; key and payload follow from it. */
import type { Context, Money, Profile } from '../contract.ts';
import { digest128 } from '../digest.ts';
import type { OfflineEvent } from './event-table.ts';

/** What has to be said of an event; the rest is nothing unless given. */
export interface UsageInput {
  /** Unique within its source. */
  readonly id: string;
  readonly profile: Profile;
  readonly context: Context;
  /** Microseconds since 1970, UTC. */
  readonly eventTime: number;
  /** As `eventTime` unless given. */
  readonly endTime?: number;
  /** As `endTime` unless given. */
  readonly receivedAt?: number;
  readonly utcOffsetMinutes?: number;
  readonly bytesUp?: number;
  readonly bytesDown?: number;
  readonly seconds?: number;
  readonly units?: number;
  readonly amount?: Money;
  readonly amountCurrency?: string;
  readonly imei?: string;
  readonly session?: string;
}

/**
 * The key stands for the source and the id; the payload for whose use it was, of what, when and how much. The receipt and
 * what guiding found out are no part of either.
 */
export function offlineEvent(input: UsageInput): OfflineEvent {
  const { id, profile, context, eventTime, endTime = eventTime, receivedAt = endTime, utcOffsetMinutes = 0 } = input;
  const { bytesUp = 0, bytesDown = 0, seconds = 0, units = 0, amount, amountCurrency = '' } = input;
  const { imei = '', session = '' } = input;
  const { source, service, plmn, rat, apn, ratingGroup } = context;
  const payload = digest128(
    JSON.stringify([
      [profile.sim, service, plmn, rat, apn, ratingGroup, imei, session],
      [eventTime, endTime, utcOffsetMinutes, bytesUp, bytesDown, seconds, units, String(amount), amountCurrency],
    ]),
  );
  return {
    id,
    key: digest128(JSON.stringify([source, id])),
    payload: [payload[0], payload[1]],
    profile,
    context,
    eventTime,
    endTime,
    receivedAt,
    utcOffsetMinutes,
    bytesUp,
    bytesDown,
    seconds,
    units,
    amount,
    amountCurrency,
    imei,
    session,
  };
}
