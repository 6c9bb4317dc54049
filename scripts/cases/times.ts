/** Times of cases, ISO 8601 with an offset, as microseconds since 1970. */

/** Finer than a microsecond only zeros. */
export const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,6})0*)?)?(Z|[+-]\d{2}:\d{2})$/;

/** A case's events lie between them. */
const EARLIEST = 0;
const LATEST = Date.parse('2200-01-01T00:00:00Z') * 1000;

export function microsOf(text: string): number {
  const match = TIME.exec(text);
  if (match === null) throw new RangeError(`'${text}' is no time with an offset`);
  const [, minute, second = '00', fraction = '', offset] = match;
  return Date.parse(`${minute}:${second}${offset}`) * 1000 + Number(fraction.padEnd(6, '0'));
}

export function isInTime(micros: number): boolean {
  return micros >= EARLIEST && micros < LATEST;
}

/** A bound of validity: years such as 1 and 9999 stand for ever, and need no exact microseconds. */
export function boundOf(text: string): number {
  return Math.min(LATEST, Math.max(EARLIEST, microsOf(text)));
}
