/**
 * Times as people and machines write them: ISO 8601 with an offset (Z or +01:00) and up to microseconds, or a count of
 * microseconds since 1970.
 */
import { formatTimeMicros } from '@headrace/rating';
import { timeMicrosOf } from '@headrace/rating/time';

export interface Instant {
  /** Microseconds since 1970, UTC. */
  readonly micros: number;
  /** What the text says that local time is ahead of UTC; 0 for a count. */
  readonly offsetMinutes: number;
}

export interface InstantProblem {
  readonly problem: string;
}

//              date       T or space  time, maybe without seconds, maybe a fraction       offset
const ISO_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s?(Z|[+-]\d{2}:?\d{2})$/;
/** 1973. A count below is of milliseconds or seconds, not of microseconds. */
const MICROS_MIN = 1e14;
const MICROS_PER_MINUTE = 60_000_000;
export const TIME_CURE = 'write it as 2026-11-01T12:00:00+01:00, or as microseconds since 1970';

export function readInstant(value: string | number): Instant | InstantProblem {
  if (typeof value === 'number' || /^-?\d+$/.test(value)) return readCount(Number(value));
  const match = ISO_TIME.exec(value.trim());
  if (match === null) {
    const cure = /^\d{4}-\d{2}-\d{2}[T ][\d:.]+$/.test(value) ? 'say the offset from UTC: add Z or +01:00' : TIME_CURE;
    return { problem: cure };
  }
  const [, date = '', minute = '', second = '00', fraction = '', zone = 'Z'] = match;
  const local = timeMicrosOf(`${date}T${minute}:${second}${fraction === '' ? '' : `.${fraction}`}Z`);
  const offsetMinutes = zone === 'Z' ? 0 : offsetOf(zone);
  if (local === undefined || offsetMinutes === null) return { problem: TIME_CURE };
  return { micros: local - offsetMinutes * MICROS_PER_MINUTE, offsetMinutes };
}

function readCount(count: number): Instant | InstantProblem {
  if (!Number.isSafeInteger(count)) return { problem: TIME_CURE };
  if (count >= 0 && count < MICROS_MIN) {
    const meant = `as microseconds it is ${formatTimeMicros(count)}`;
    return {
      problem: `write it in microseconds since 1970 (${meant}; milliseconds times 1000, seconds times 1000000)`,
    };
  }
  return { micros: count, offsetMinutes: 0 };
}

function offsetOf(zone: string): number | null {
  const digits = zone.replace(':', '');
  const [hours, minutes] = [Number(digits.slice(1, 3)), Number(digits.slice(3))];
  if (hours > 23 || minutes > 59) return null;
  return (digits.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
