/**
 * What guiding would refuse about an event's quantities, for events that do not come through it. The fold may rely on it:
 * quantities are integers from 0 to `USAGE_QUANTITY_MAX`, and an event does not end before it starts.
 */
import type { SuspenseCode } from '../contract.ts';
import type { OfflineEvent } from './event-table.ts';

/** Usage quantities above this (2^47: 140 terabytes, four million years) are taken for errors. */
export const USAGE_QUANTITY_MAX = 2 ** 47;

const QUANTITIES = ['bytesUp', 'bytesDown', 'seconds', 'units'] as const;

export type UsageQuantities = Pick<OfflineEvent, (typeof QUANTITIES)[number] | 'amount' | 'eventTime' | 'endTime'>;

/** The code and the detail in words, or undefined if there is nothing wrong. */
export function usageProblem(
  event: UsageQuantities,
): { readonly code: SuspenseCode; readonly detail: string } | undefined {
  const detail = detailOf(event);
  return detail === undefined ? undefined : { code: 'QUANTITY_INVALID', detail };
}

function detailOf(event: UsageQuantities): string | undefined {
  for (const field of QUANTITIES) {
    const value = event[field];
    if (!Number.isInteger(value)) return `${field} is ${value}, no integer`;
    if (value < 0) return `${field} is ${value}, below 0`;
    if (value > USAGE_QUANTITY_MAX) return `${field} is ${value}, above ${USAGE_QUANTITY_MAX}`;
  }
  if (event.bytesUp + event.bytesDown > USAGE_QUANTITY_MAX) return `bytesUp + bytesDown is above ${USAGE_QUANTITY_MAX}`;
  if (event.amount !== undefined && event.amount < 0n) return 'the amount is below 0';
  if (event.endTime < event.eventTime) return 'the end is before the start';
  return undefined;
}
