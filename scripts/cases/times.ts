/** Times of cases, ISO 8601 with an offset, as microseconds since 1970. */

const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:\d{2})$/;

export function microsOf(text: string): number {
  const match = TIME.exec(text);
  if (match === null) throw new RangeError(`'${text}' is no time with an offset`);
  const [, minute, second = '00', fraction = '', offset] = match;
  return Date.parse(`${minute}:${second}${offset}`) * 1000 + Number(fraction.padEnd(6, '0'));
}
