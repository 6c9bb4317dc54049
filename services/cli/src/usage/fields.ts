/**
 * What the fields of a usage event look like in JSON lines and CSV: names in camel case (as in the domain) or in snake
 * case (as in Avro), and values as text, since JSON numbers are doubles and lose digits of long identities.
 *
 * 1. A value is read exactly or refused with the code that guiding would give; nothing is rounded or guessed.
 * 2. An unknown name is refused, with the nearest known one: a mistyped optional field would else be nothing.
 */
import { type Refusal, STRING_BYTES_MAX, type UsageEvent } from '@headrace/codec';
import { nearestName } from '@headrace/rating/price-book/nearest';
import { readInstant, TIME_CURE } from './instant.ts';

type Kind = 'text' | 'decimal' | 'long' | 'int' | 'time' | 'flag';

/** Every field with its kind. */
const KINDS = {
  source: 'text',
  eventId: 'text',
  service: 'text',
  iccid: 'text',
  imsi: 'text',
  msisdn: 'text',
  imei: 'text',
  startTime: 'time',
  endTime: 'time',
  utcOffsetMinutes: 'int',
  bytesUp: 'long',
  bytesDown: 'long',
  seconds: 'long',
  units: 'long',
  amount: 'decimal',
  currency: 'text',
  plmn: 'text',
  rat: 'text',
  apn: 'text',
  ratingGroup: 'int',
  otherParty: 'text',
  recordType: 'text',
  node: 'text',
  chargingId: 'long',
  recordSequence: 'long',
  openingTime: 'time',
  containerIndex: 'int',
  localSequence: 'long',
  recordingFunction: 'text',
  chargingSession: 'text',
  sessionSequence: 'long',
  containerSequence: 'long',
  reference: 'text',
  causeForClosing: 'int',
  retransmission: 'flag',
} as const satisfies Record<keyof UsageEvent, Kind>;

export type FieldName = keyof UsageEvent;

const NAMES = Object.keys(KINDS) as FieldName[];
const BY_NAME = new Map<string, FieldName>(
  NAMES.flatMap((name) => [[name, name] as const, [snakeCase(name), name] as const]),
);
const INT_MAX = 2 ** 31 - 1;
const SHOWN_MAX = 60;

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The field that a column or key names, or in words why there is none. */
export function fieldNamed(name: string): { readonly field: FieldName } | { readonly problem: string } {
  const field = BY_NAME.get(name.trim());
  if (field !== undefined) return { field };
  const nearest = nearestName(name.trim(), BY_NAME.keys());
  const cure = nearest === undefined ? `the fields are ${NAMES.join(', ')}` : `did you mean '${nearest}'?`;
  return { problem: `there is no field '${shown(name)}'; ${cure}` };
}

/** An event in the making: the kinds above say what each field may hold. */
type Draft = Record<FieldName, unknown>;

/** A usage event from the values of its fields; `undefined`, null and '' are absent. */
export function eventOf(
  values: Iterable<readonly [FieldName, unknown]>,
  source: string,
): { readonly event: UsageEvent } | { readonly refused: Refusal } {
  const draft = emptyEvent(source);
  let offset: unknown;
  for (const [field, value] of values) {
    if (value === undefined || value === null || value === '') continue;
    const refused = setField(draft, field, value);
    if (refused !== null) return { refused };
    if (field === 'utcOffsetMinutes') offset = draft.utcOffsetMinutes;
  }
  // The offset of the start's text holds unless the event says another.
  if (offset !== undefined) draft.utcOffsetMinutes = offset;
  return { event: draft as unknown as UsageEvent };
}

function emptyEvent(source: string): Draft {
  return {
    source,
    eventId: null,
    service: '',
    iccid: null,
    imsi: null,
    msisdn: null,
    imei: null,
    startTime: 0,
    endTime: null,
    utcOffsetMinutes: 0,
    bytesUp: 0,
    bytesDown: 0,
    seconds: 0,
    units: 0,
    amount: null,
    currency: null,
    plmn: null,
    rat: null,
    apn: null,
    ratingGroup: null,
    otherParty: null,
    recordType: null,
    node: null,
    chargingId: null,
    recordSequence: null,
    openingTime: null,
    containerIndex: null,
    localSequence: null,
    recordingFunction: null,
    chargingSession: null,
    sessionSequence: null,
    containerSequence: null,
    reference: null,
    causeForClosing: null,
    retransmission: false,
  };
}

/** Reads a value that is there. @returns why it cannot be, or null */
function setField(draft: Draft, field: FieldName, value: unknown): Refusal | null {
  const kind: Kind = KINDS[field];
  switch (kind) {
    case 'text':
    case 'decimal':
      return setText(draft, field, value, kind);
    case 'long':
    case 'int':
      return setWhole(draft, field, value, kind);
    case 'time':
      return setTime(draft, field, value);
    case 'flag':
      return setFlag(draft, field, value);
    default:
      return kind satisfies never;
  }
}

function setText(draft: Draft, field: FieldName, value: unknown, kind: 'text' | 'decimal'): Refusal | null {
  if (typeof value !== 'string') {
    const why =
      kind === 'decimal'
        ? 'write a decimal in quotes, such as "12.50"'
        : 'write a text in quotes: a number loses digits';
    return unreadable(field, value, why);
  }
  if (Buffer.byteLength(value) > STRING_BYTES_MAX) {
    return refusal('MESSAGE_TOO_LARGE', 'suspended', `${field} is longer than ${STRING_BYTES_MAX} bytes`);
  }
  draft[field] = value;
  return null;
}

function setWhole(draft: Draft, field: FieldName, value: unknown, kind: 'long' | 'int'): Refusal | null {
  const digits = typeof value === 'string' ? value.trim() : value;
  const number = typeof digits === 'string' ? (/^-?\d+$/.test(digits) ? Number(digits) : Number.NaN) : digits;
  if (typeof number !== 'number' || !Number.isInteger(number)) {
    return unreadable(field, value, 'write a whole number of the smallest unit (bytes, seconds, pieces)');
  }
  if (!Number.isSafeInteger(number)) {
    const detail = `${field} is past 2^53 - 1, the largest whole number that is exact here`;
    return refusal('OVERFLOW', 'suspended', detail);
  }
  if (kind === 'int' && Math.abs(number) > INT_MAX)
    return unreadable(field, value, `write a number from -${INT_MAX} to ${INT_MAX}`);
  draft[field] = number;
  return null;
}

function setTime(draft: Draft, field: FieldName, value: unknown): Refusal | null {
  const instant = typeof value === 'string' || typeof value === 'number' ? readInstant(value) : { problem: TIME_CURE };
  if ('problem' in instant) return unreadable(field, value, instant.problem);
  draft[field] = instant.micros;
  if (field === 'startTime') draft.utcOffsetMinutes = instant.offsetMinutes;
  return null;
}

function setFlag(draft: Draft, field: FieldName, value: unknown): Refusal | null {
  const text = String(value).toLowerCase();
  if (text !== 'true' && text !== 'false') return unreadable(field, value, 'write true or false');
  draft[field] = text === 'true';
  return null;
}

function unreadable(field: FieldName, value: unknown, cure: string): Refusal {
  return refusal('SCHEMA_INVALID', 'rejected', `${field} is ${shown(value)}; ${cure}`);
}

function refusal(code: Refusal['code'], outcome: Refusal['outcome'], detail: string): Refusal {
  return { code, outcome, detail };
}

/** A value in an error message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
