/**
 * Times as the fold counts them: microseconds since 1970-01-01T00:00:00Z in a `number`, always a safe integer, so every
 * comparison and difference is exact. The written form is ISO 8601 in UTC with at most six decimals of a second.
 */

export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;

/** Last year that fits a safe integer of microseconds as a whole. */
const YEAR_MAX = 2254;

//                    date                       time                           fraction       zone
const ISO_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?Z$/;

// Facts come in long rows with one and the same time; the last answer is kept.
let lastText = '';
let lastMicros: number | undefined;

/** Microseconds since 1970 of an ISO 8601 time in UTC, or undefined if the text is none between 1970 and 2254. */
export function timeMicrosOf(text: string): number | undefined {
  if (text !== lastText) {
    lastMicros = readMicros(text);
    lastText = text;
  }
  return lastMicros;
}

function readMicros(text: string): number | undefined {
  const match = ISO_TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const fields = [Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second)] as const;
  if (fields[0] < 1970 || fields[0] > YEAR_MAX || fields[3] > 23 || fields[4] > 59 || fields[5] > 59) return undefined;
  const milliseconds = Date.UTC(fields[0], fields[1] - 1, fields[2], fields[3], fields[4], fields[5]);
  // Date.UTC rolls 31 February over into March; a date that rolled is not a date.
  const date = new Date(milliseconds);
  if (date.getUTCMonth() !== fields[1] - 1 || date.getUTCDate() !== fields[2]) return undefined;
  return milliseconds * 1000 + Number(fraction.padEnd(6, '0'));
}

/**
 * Microseconds since 1970 of an ISO 8601 time in UTC such as 2026-11-01T00:00:00Z.
 * @throws RangeError if the text is not such a time between 1970 and 2254.
 */
export function parseTimeMicros(text: string): number {
  const micros = timeMicrosOf(text);
  if (micros === undefined) {
    throw new RangeError(
      `'${text}' is not a time between 1970 and ${YEAR_MAX} in UTC; write it as 2026-11-01T00:00:00Z`,
    );
  }
  return micros;
}

/** The ISO 8601 form of a time, without a fraction where it is zero. The inverse of `parseTimeMicros`. */
export function formatTimeMicros(micros: number): string {
  const seconds = Math.floor(micros / MICROS_PER_SECOND);
  const fraction = micros - seconds * MICROS_PER_SECOND;
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return fraction === 0 ? `${whole}Z` : `${whole}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}Z`;
}

const zonesKnown = new Map<string, boolean>();

/** True if the text is an IANA time zone that this runtime knows. */
export function isTimeZone(name: string): boolean {
  let known = zonesKnown.get(name);
  if (known === undefined) {
    known = tryTimeZone(name);
    // The cache is bounded: names come from reference data that anyone may have mistyped.
    if (zonesKnown.size < 1000) zonesKnown.set(name, known);
  }
  return known;
}

function tryTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
