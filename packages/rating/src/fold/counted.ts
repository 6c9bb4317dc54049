/** What is counted of an event. */
import type { GuidedEvents } from '../contract.ts';
import { MONEY_DECIMALS } from '../money.ts';
import type { ServiceDefinition } from '../price-book/price-book.ts';

/** Stands for an amount that is missing, negative or no whole number of the service's parts. */
export const NOT_COUNTED = -1;
/** Stands for an amount that passes 2^53 - 1 parts. */
export const TOO_LARGE = -2;

/** An event's quantity as a service counts it, or one of the two above. */
export function countedQuantity(service: ServiceDefinition, events: GuidedEvents, index: number): number {
  const { counts } = service;
  switch (counts) {
    case 'both':
      return (events.bytesUp[index] as number) + (events.bytesDown[index] as number);
    case 'up':
      return events.bytesUp[index] as number;
    case 'down':
      return events.bytesDown[index] as number;
    case 'greater':
      return Math.max(events.bytesUp[index] as number, events.bytesDown[index] as number);
    case 'seconds':
      return events.seconds[index] as number;
    case 'units':
      return events.units[index] as number;
    case 'amount':
      return amountParts(service.decimals, events, index);
    default:
      return counts satisfies never;
  }
}

/** A third party's charge in parts of 10^-decimals currency units. */
function amountParts(decimals: number, events: GuidedEvents, index: number): number {
  const amount = events.amount.get(index);
  const part = 10n ** BigInt(MONEY_DECIMALS - decimals);
  if (amount === undefined || amount < 0n || amount % part !== 0n) return NOT_COUNTED;
  const parts = amount / part;
  return parts > BigInt(Number.MAX_SAFE_INTEGER) ? TOO_LARGE : Number(parts);
}

/** The greatest quantity that any service could count of the event, for one whose service is not known. */
export function rawQuantity(events: GuidedEvents, index: number): { unit: string; quantity: number } {
  const bytes = (events.bytesUp[index] as number) + (events.bytesDown[index] as number);
  if (bytes > 0) return { unit: 'bytes', quantity: bytes };
  const seconds = events.seconds[index] as number;
  return seconds > 0
    ? { unit: 'seconds', quantity: seconds }
    : { unit: 'messages', quantity: events.units[index] as number };
}
