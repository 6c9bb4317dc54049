/** What every usage event must have, whatever it is guided to. */

import { parseAmount } from '../bytes/amount.ts';
import { STRING_BYTES_MAX } from '../limits.ts';
import { hasEventKey } from './identity.ts';
import type { Notes } from './read-event.ts';
import type { Refusal, UsageEvent } from './usage-event.ts';

/** Null if nothing is missing and every number fits. */
export function refusalOf(event: UsageEvent, notes: Readonly<Notes>): Refusal | null {
  if (notes.overflow !== '') {
    return suspend('OVERFLOW', `${notes.overflow} is past 2^53 - 1, the largest whole number that is exact here.`);
  }
  if (notes.oversized !== '') {
    return suspend('MESSAGE_TOO_LARGE', `${notes.oversized} is longer than ${STRING_BYTES_MAX} bytes.`);
  }
  if (event.source === '') return missing('source is empty.');
  if (event.service === '') return missing('service is empty.');
  if (event.iccid === null && event.imsi === null && event.msisdn === null) {
    return missing('None of iccid, imsi and msisdn is there.');
  }
  if (event.startTime <= 0) return missing(`start_time is ${event.startTime}.`);
  if (!hasEventKey(event)) return missing('No set of fields of the event key is complete.');
  if (event.amount !== null && parseAmount(event.amount) === null) {
    return suspend(
      'QUANTITY_INVALID',
      `amount is "${event.amount.slice(0, 60)}", no decimal with at most 12 decimals.`,
    );
  }
  return null;
}

function missing(detail: string): Refusal {
  return { code: 'FIELD_MISSING', outcome: 'rejected', detail };
}

function suspend(code: Refusal['code'], detail: string): Refusal {
  return { code, outcome: 'suspended', detail };
}
