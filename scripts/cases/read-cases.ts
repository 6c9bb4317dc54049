/**
 * Reads files of cases strictly: a field that the grammar does not have, or a value of the wrong kind, is an error that
 * names the file, the case and the field. Whether a case makes sense is not looked at here.
 */
import { readFileSync } from 'node:fs';
import type { Case } from './case.ts';
import { TIME } from './times.ts';

/** What is wrong with a file; the message says where. */
export class CaseFileError extends Error {
  override readonly name = 'CaseFileError';
}

type Check = (value: unknown) => string | undefined;
type Fields = Readonly<Record<string, Check>>;

const DECIMAL = /^-?\d+(\.\d+)?$/;

const text: Check = (value) => (typeof value === 'string' ? undefined : 'must be a text');
const decimal: Check = (value) =>
  typeof value === 'string' && DECIMAL.test(value) ? undefined : 'must be a decimal string such as "0.25"';
const integer: Check = (value) => (Number.isSafeInteger(value) ? undefined : 'must be an integer');
const boolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const time: Check = (value) =>
  typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value))
    ? undefined
    : 'must be a time with an offset such as 2026-01-01T00:00:00Z';
const clock: Check = (value) =>
  typeof value === 'string' && /^\d{2}:\d{2}(:\d{2})?$/.test(value)
    ? undefined
    : 'must be a time of day such as 18:00:00';
const date: Check = (value) =>
  typeof value === 'string' && /^(\d{4}-)?\d{2}-\d{2}$/.test(value) ? undefined : 'must be MM-DD or YYYY-MM-DD';
const weekday: Check = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 7
    ? undefined
    : 'must be a week day from 1 (Monday) to 7';
const wholeSeconds: Check = (value) =>
  /^-?\d+$/.test(String(value)) && (typeof value === 'string' || Number.isSafeInteger(value))
    ? undefined
    : 'must be a number of whole seconds';

const oneOf =
  (...names: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && names.includes(value) ? undefined : `must be one of ${names.join(', ')}`;

const decimalOrNull: Check = (value) => (value === null ? undefined : decimal(value));

/** A list; a problem says which element. */
const listOf =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    for (const [at, element] of value.entries()) {
      const problem = check(element);
      if (problem !== undefined) return `[${at}]${joined(problem)}`;
    }
    return undefined;
  };

const mapOf =
  (check: Check): Check =>
  (value) => {
    if (!isRecord(value)) return 'must be an object';
    for (const [name, element] of Object.entries(value)) {
      const problem = check(element);
      if (problem !== undefined) return `.${name}${joined(problem)}`;
    }
    return undefined;
  };

const object =
  (required: Fields, optional: Fields = {}): Check =>
  (value) => {
    if (!isRecord(value)) return 'must be an object';
    for (const [name, element] of Object.entries(value)) {
      const check =
        (Object.hasOwn(required, name) ? required[name] : undefined) ??
        (Object.hasOwn(optional, name) ? optional[name] : undefined);
      if (check === undefined) return `.${name} is no field of the format`;
      const problem = check(element);
      if (problem !== undefined) return `.${name}${joined(problem)}`;
    }
    const missing = Object.keys(required).find((name) => !Object.hasOwn(value, name));
    return missing === undefined ? undefined : `.${missing} is missing`;
  };

/** Problems of inner fields begin with their path; others are words. */
function joined(problem: string): string {
  return problem.startsWith('.') || problem.startsWith('[') ? problem : ` ${problem}`;
}

const roundingMode = oneOf('up', 'down', 'half_up', 'half_even');
const rounding = object({ digits: integer, mode: roundingMode });
const band = object({}, { days: listOf(weekday), dates: listOf(date), from: clock, to: clock });
const tier = object(
  { upTo: decimalOrNull },
  { unitPrice: decimal, flatPrice: decimal, ratePercent: decimal, increment: decimal, unitSize: decimal },
);

const price = object(
  {
    model: oneOf(
      'per_unit',
      'flat',
      'graduated',
      'volume',
      'stairstep',
      'package',
      'percentage',
      'graduated_percentage',
    ),
  },
  {
    leg: text,
    services: listOf(text),
    subscriptions: listOf(text),
    effectiveFrom: time,
    when: listOf(band),
    priority: integer,
    scope: oneOf('event', 'session', 'day', 'cycle'),
    per: oneOf('account', 'subscription'),
    minimumQuantity: decimal,
    increment: decimal,
    incrementRounding: roundingMode,
    unitSize: decimal,
    freeUnits: decimal,
    unitPrice: decimal,
    flatPrice: decimal,
    tiers: listOf(tier),
    packageSize: decimal,
    packagePrice: decimal,
    packageRounding: roundingMode,
    ratePercent: decimal,
    freeEvents: integer,
    fixedPerEvent: decimal,
    perEventMinimum: decimal,
    perEventMaximum: decimal,
    connectFee: decimal,
    discountPercent: decimal,
    maximum: decimal,
    minimum: decimal,
    rounding,
    feesWhenCovered: boolean,
  },
);

const allowance = object(
  { id: text },
  {
    quantity: decimal,
    contributions: listOf(object({ subscription: text, quantity: decimal })),
    unitSize: decimal,
    services: listOf(text),
    subscriptions: listOf(text),
    priority: integer,
    validFrom: time,
    validTo: time,
    recurs: oneOf('cycle'),
    rollover: object({}, { maximum: decimal, maximumPercent: decimal }),
    limitPerSubscription: decimal,
    step: decimal,
    run: integer,
  },
);

const event = object(
  { id: text, at: time },
  {
    subscription: text,
    session: text,
    service: text,
    quantity: decimal,
    amount: decimal,
    duration: wholeSeconds,
    run: integer,
  },
);

const expected = object(
  {},
  {
    total: decimal,
    trueUp: decimal,
    due: decimal,
    rounded: decimal,
    perEvent: listOf(object({ id: text }, { inBundle: decimal, overage: decimal, amount: decimal })),
    inBundle: decimal,
    overage: decimal,
    remaining: mapOf(decimal),
    legs: mapOf(decimal),
    perCycle: mapOf(decimal),
    perRun: listOf(decimal),
    suspended: mapOf(text),
  },
);

const anything: Check = () => undefined;
const caseFields = object(
  { id: text, prices: listOf(price), events: listOf(event), expected },
  {
    peer: text,
    family: text,
    source: text,
    title: text,
    note: text,
    timezone: text,
    cycle: oneOf('all', 'month'),
    allowances: listOf(allowance),
    credits: listOf(object({ id: text, amount: decimal }, { priority: integer })),
    invoiceRounding: rounding,
    peerValue: anything,
  },
);

/** @throws CaseFileError that names the file, the case and the field */
export function readCases(path: string): Case[] {
  const file = readJson(path);
  if (!isRecord(file) || file.format !== 1 || !Array.isArray(file.cases)) {
    throw new CaseFileError(`${path}: must be {"format": 1, "cases": [...]}`);
  }
  const stranger = Object.keys(file).find((name) => name !== 'format' && name !== 'cases');
  if (stranger !== undefined) throw new CaseFileError(`${path}: '${stranger}' is no field of the format`);
  return file.cases.map((value: unknown, at) => checkedCase(path, value, at));
}

function checkedCase(path: string, value: unknown, at: number): Case {
  const name = isRecord(value) && typeof value.id === 'string' ? `case '${value.id}'` : `case ${at + 1}`;
  const problem = caseFields(value);
  if (problem !== undefined) throw new CaseFileError(`${path}: ${name}: ${problem.replace(/^\./, '')}`);
  // The checks above are the proof of this type.
  return value as Case;
}

function readJson(path: string): unknown {
  let content: string;
  try {
    content = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new CaseFileError(`${path}: cannot be read`, { cause: error });
  }
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new CaseFileError(`${path}: is no JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
