/** Reading of book and facts. A field that the auditor does not know is an error: it must not audit half of a rule. */
export type Json = Readonly<Record<string, unknown>>;

export function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('An object is missing.');
  return value as Json;
}

export function entries(value: unknown): [string, Json][] {
  return value === undefined ? [] : Object.entries(object(value)).map(([name, entry]) => [name, object(entry)]);
}

export function list(value: unknown): Json[] {
  if (!Array.isArray(value)) throw new Error('A list is missing.');
  return value.map(object);
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} is no text.`);
  return value;
}

export function optionalTexts(value: unknown): readonly string[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw new Error('A list of names is missing.');
  return value.map(text);
}

export function knownFields(value: Json, known: readonly string[]): void {
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) throw new Error(`The auditor does not know the field "${field}".`);
  }
}

const powers = ['KB', 'MB', 'GB', 'TB'];

/** A whole number, or text such as "10 MB" with the kilobyte of the book. */
export function quantity(value: unknown, kilobyte: bigint): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  const match = /^(\d+)(?: ?(KB|MB|GB|TB|B))?$/.exec(text(value));
  if (match === null) throw new Error(`"${String(value)}" is no quantity.`);
  return BigInt(match[1] ?? '0') * kilobyte ** BigInt(powers.indexOf(match[2] ?? '') + 1);
}

export function optionalQuantity(value: unknown, kilobyte: bigint, otherwise: bigint): bigint {
  return value === undefined ? otherwise : quantity(value, kilobyte);
}

/** ISO 8601 in UTC with up to six decimals of a second. @returns microseconds since 1970 */
export function micros(value: unknown): number {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(text(value));
  if (match === null) throw new Error(`"${String(value)}" is no time in UTC.`);
  return Date.parse(`${match[1]}Z`) * 1000 + Number((match[2] ?? '').padEnd(6, '0'));
}
