/** Whether an event's quantities can be: what guiding and the command line refuse alike as QUANTITY_INVALID. */

import type { UsageEvent } from './usage-event.ts';

/** Usage quantities above this (2^47: 140 terabytes, four million years) are taken for errors. */
export const QUANTITY_MAX = 2 ** 47;

/** What is wrong with the quantities or the end, in words; null if nothing is. */
export function quantityProblem(
  event: Pick<UsageEvent, 'bytesUp' | 'bytesDown' | 'seconds' | 'units' | 'amount' | 'startTime' | 'endTime'>,
): { readonly code: 'QUANTITY_INVALID'; readonly detail: string } | null {
  const wrong = (detail: string) => ({ code: 'QUANTITY_INVALID', detail }) as const;
  for (const field of ['bytesUp', 'bytesDown', 'seconds', 'units'] as const) {
    const value = event[field];
    if (value < 0) return wrong(`${field} is ${value}, below 0`);
    if (value > QUANTITY_MAX) return wrong(`${field} is ${value}, above ${QUANTITY_MAX}`);
  }
  if (event.bytesUp + event.bytesDown > QUANTITY_MAX) return wrong(`bytesUp + bytesDown is above ${QUANTITY_MAX}`);
  if (event.amount?.startsWith('-')) return wrong(`amount is ${event.amount}, below 0`);
  if (event.endTime !== null && event.endTime < event.startTime) {
    return wrong(`end_time ${isoTime(event.endTime)} is before start_time ${isoTime(event.startTime)}`);
  }
  return null;
}

/** A time for people; one that no calendar has is shown as its number. */
export function isoTime(micros: number): string {
  const date = new Date(micros / 1000);
  return Number.isNaN(date.getTime()) ? `${micros} µs` : date.toISOString();
}
