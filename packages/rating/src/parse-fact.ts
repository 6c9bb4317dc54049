/**
 * Reference facts at the boundary: anything that came out of JSON becomes a `ReferenceFact`, or one sentence that says
 * what is wrong with it and where.
 *
 * 1. Strict: a field that the kind does not have is a problem, since a mistyped optional field would else be nothing.
 * 2. Shape only: whether an account exists, or a plan is in the book, is for whoever holds the other facts.
 * 3. A price book's document is checked by `validatePriceBook`, not here.
 */
import type { LifecycleState, ReferenceFact } from './facts.ts';
import { isTimeZone, timeMicrosOf } from './time.ts';

const TEXT_LENGTH_MAX = 256;

/** Returns what is wrong with a value, in words that follow the field's name, or undefined. */
type Check = (value: unknown) => string | undefined;

const LIFECYCLE_STATES: readonly LifecycleState[] = [
  'test-ready',
  'activation-ready',
  'active',
  'suspended',
  'terminated',
  'retired',
];

const text: Check = (value) => {
  if (typeof value !== 'string' || value.length === 0) return 'must be a text that is not empty';
  if (value.length > TEXT_LENGTH_MAX) return `must have at most ${TEXT_LENGTH_MAX} characters, and has ${value.length}`;
  return undefined;
};

const textOrNull: Check = (value) =>
  value === null || text(value) === undefined ? undefined : 'must be a text or null';

const time: Check = (value) =>
  typeof value === 'string' && timeMicrosOf(value) !== undefined
    ? undefined
    : `must be a time in UTC such as 2026-11-01T00:00:00Z, not ${shown(value)}`;

const currency: Check = (value) =>
  typeof value === 'string' && /^[A-Z]{3}$/.test(value)
    ? undefined
    : `must be an ISO 4217 code such as EUR, not ${shown(value)}`;

const timeZone: Check = (value) =>
  typeof value === 'string' && isTimeZone(value)
    ? undefined
    : `must be an IANA time zone such as Europe/Berlin, not ${shown(value)}`;

const period: Check = (value) =>
  typeof value === 'string' && /^\d{4}-(0[1-9]|1[0-2])$/.test(value)
    ? undefined
    : `must be a month such as 2026-11, not ${shown(value)}`;

const document: Check = (value) => (isRecord(value) ? undefined : 'must be the document of a price book');

const oneOf =
  (names: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && names.includes(value)
      ? undefined
      : `must be one of ${names.join(', ')}, not ${shown(value)}`;

const integer =
  (minimum: number, maximum: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum
      ? undefined
      : `must be an integer from ${minimum} to ${maximum}, not ${shown(value)}`;

const optionalTextOrNull: Check = (value) => (value === undefined ? undefined : textOrNull(value));

/** Every kind with every field of it (beside `kind` and `id`). */
const KINDS: { readonly [Kind in ReferenceFact['kind']]: Readonly<Record<string, Check>> } = {
  account: {
    account: text,
    parent: textOrNull,
    currency,
    timeZone,
    status: oneOf(['open', 'blocked']),
    validFrom: time,
  },
  pool: { pool: text, account: text, rule: text, validFrom: time },
  subscription: {
    subscription: text,
    account: text,
    plan: text,
    pool: textOrNull,
    state: oneOf(LIFECYCLE_STATES),
    device: optionalTextOrNull,
    validFrom: time,
  },
  sim: {
    sim: text,
    imsi: textOrNull,
    msisdn: textOrNull,
    subscription: text,
    state: oneOf(LIFECYCLE_STATES),
    validFrom: time,
  },
  topUp: { grant: text, subscription: text, addOn: text, validFrom: time, validTo: time },
  priceBook: { book: document },
  schema: {
    schemaId: integer(0, 0x7fff_ffff),
    schema: (value) => (typeof value === 'string' ? undefined : 'must be a text'),
  },
  rawPartition: { partition: integer(0, 0x7fff_ffff) },
  guidedPartitions: { generation: integer(1, 0x7fff_ffff), count: integer(1, 65_536) },
  foldVersion: { version: integer(1, 0x7fff_ffff) },
  periodClosed: { period },
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKind(value: unknown): value is ReferenceFact['kind'] {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'absent';
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}

/** Checks the shape of a value and gives it as a fact, or the first problem in words. */
export function parseFact(value: unknown): { fact: ReferenceFact } | { problem: string } {
  if (!isRecord(value)) return { problem: `a fact must be an object, not ${shown(value)}` };
  const { kind, id } = value;
  if (!isKind(kind)) {
    return { problem: `kind must be one of ${Object.keys(KINDS).join(', ')}, not ${shown(kind)}` };
  }
  const idProblem = text(id);
  if (idProblem !== undefined) return { problem: `the id of a fact of kind ${kind} ${idProblem}` };
  const problem = fieldProblem(value, KINDS[kind]);
  if (problem !== undefined) return { problem: `${kind} fact '${String(id)}': ${problem}` };
  // The checks above are the proof of this type: every field of the kind was looked at, and there is no other.
  return { fact: value as unknown as ReferenceFact };
}

function fieldProblem(value: Record<string, unknown>, checks: Readonly<Record<string, Check>>): string | undefined {
  for (const [field, check] of Object.entries(checks)) {
    const problem = check(value[field]);
    if (problem !== undefined) return `${field} ${problem}`;
  }
  for (const field of Object.keys(value)) {
    if (field !== 'kind' && field !== 'id' && !Object.hasOwn(checks, field)) return `there is no field '${field}'`;
  }
  const { validFrom, validTo } = value;
  if (typeof validFrom === 'string' && typeof validTo === 'string') {
    const from = timeMicrosOf(validFrom);
    const to = timeMicrosOf(validTo);
    if (from !== undefined && to !== undefined && to <= from) return 'validTo must be later than validFrom';
  }
  return undefined;
}
