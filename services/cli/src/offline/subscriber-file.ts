/**
 * A file of subscribers: reference facts as JSON lines (docs/reference-facts.md), or CSV with a line for each SIM:
 *
 *   subscription, account, plan, pool, pool_rule, iccid, imsi, msisdn, device, state, currency, time_zone, valid_from
 *
 * A SIM identity is all that a line needs. What it leaves empty is: the SIM's first identity (subscription), `default`
 * (account), the book's only plan, no pool, active, the plan's currency, UTC, and from ever. A later line of the same
 * subscription with another `valid_from` is its next state; one with another SIM is one more SIM.
 */
import { createReadStream } from 'node:fs';
import { messageOf } from '@headrace/platform';
import { parseFact, type ReferenceFact } from '@headrace/rating';
import { nearestName } from '@headrace/rating/price-book/nearest';
import { UsageError } from '../command.ts';
import { CsvReader, type CsvRecord } from '../usage/csv.ts';
import { type Line, readLines } from '../usage/lines.ts';
import { accountFact, type Defaults, FROM_EVER, poolFact } from './defaults.ts';

export interface PlacedFact {
  /** `subscribers.csv:17`. */
  readonly place: string;
  readonly fact: ReferenceFact;
}

const COLUMNS = [
  'subscription',
  'account',
  'plan',
  'pool',
  'pool_rule',
  'iccid',
  'imsi',
  'msisdn',
  'device',
  'state',
  'currency',
  'time_zone',
  'valid_from',
] as const;
type Column = (typeof COLUMNS)[number];
/** Kinds that say who subscribers are. */
const KINDS = new Set<ReferenceFact['kind']>(['account', 'pool', 'subscription', 'sim', 'topUp']);

/** The facts in batches; what is wrong is added to the problems. */
export async function* readSubscriberFile(
  path: string,
  defaults: Defaults,
  problems: string[],
): AsyncGenerator<readonly PlacedFact[], void> {
  const csv = /\.(csv|tsv|txt)$/i.test(path) ? new CsvSubscribers(path, defaults, problems) : null;
  for await (const lines of readLines(bytesOf(path))) {
    yield csv === null ? lines.flatMap((line) => jsonFact(path, line, problems)) : csv.push(lines);
  }
  if (csv !== null) yield csv.finish();
}

async function* bytesOf(path: string): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`);
  }
}

function jsonFact(path: string, line: Line, problems: string[]): PlacedFact[] {
  const place = `${path}:${line.number}`;
  if (line.problem === null && line.text.trim() === '') return [];
  const parsed = line.problem === null ? parseLine(line.text) : { problem: line.problem };
  if ('problem' in parsed) {
    problems.push(`${place}: ${parsed.problem}`);
    return [];
  }
  if (!KINDS.has(parsed.fact.kind)) {
    problems.push(`${place}: a fact of kind ${parsed.fact.kind} says nothing of a subscriber; leave it out here`);
    return [];
  }
  return [{ place, fact: parsed.fact }];
}

function parseLine(text: string): { readonly fact: ReferenceFact } | { readonly problem: string } {
  try {
    return parseFact(JSON.parse(text));
  } catch (error) {
    return { problem: `not JSON (${messageOf(error)}); write one whole fact a line` };
  }
}

class CsvSubscribers {
  readonly #path: string;
  readonly #defaults: Defaults;
  readonly #problems: string[];
  readonly #reader = new CsvReader();
  #columns: readonly Column[] | null = null;
  /** Ids of facts that were made already. */
  readonly #made = new Set<string>();

  constructor(path: string, defaults: Defaults, problems: string[]) {
    this.#path = path;
    this.#defaults = defaults;
    this.#problems = problems;
  }

  push(lines: readonly Line[]): PlacedFact[] {
    return this.#reader.push(lines).flatMap((record) => this.#record(record));
  }

  finish(): PlacedFact[] {
    return this.#reader.finish().flatMap((record) => this.#record(record));
  }

  #record(record: CsvRecord): PlacedFact[] {
    const place = `${this.#path}:${record.number}`;
    if (record.problem !== null) this.#problems.push(`${place}: ${record.problem}`);
    if (this.#columns === null) {
      this.#columns = record.fields.map((name) => this.#column(place, name));
      return [];
    }
    if (record.problem !== null) return [];
    if (record.fields.length !== this.#columns.length) {
      this.#problems.push(`${place}: ${record.fields.length} fields, the header has ${this.#columns.length}`);
      return [];
    }
    const row = new Map(this.#columns.map((column, index) => [column, record.fields[index]?.trim() ?? '']));
    const facts = this.#facts(place, (column) => row.get(column) ?? '');
    // A line counts as a whole: what lacks its account would only be refused for that.
    const before = this.#problems.length;
    const checked = facts.flatMap((fact) => this.#checked(place, fact));
    return this.#problems.length > before ? [] : checked;
  }

  #column(place: string, name: string): Column {
    const snake = name.trim().replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const column = COLUMNS.find((candidate) => candidate === snake);
    if (column !== undefined) return column;
    const nearest = nearestName(snake, COLUMNS);
    const cure = nearest === undefined ? `the columns are ${COLUMNS.join(', ')}` : `did you mean '${nearest}'?`;
    throw new UsageError(`${place}: there is no column '${name}'; ${cure}`);
  }

  /** Accounts before pools, pools before subscriptions, those before SIMs. */
  #facts(place: string, of: (column: Column) => string): ReferenceFact[] {
    const name = of('iccid') || of('imsi') || of('msisdn');
    const problem = this.#problemOf(name, of);
    if (problem !== null) {
      this.#problems.push(`${place}: ${problem}`);
      return [];
    }
    const subscription = of('subscription') || name;
    const account = of('account') || 'default';
    const plan = of('plan') || this.#defaults.required();
    const pool = of('pool') || null;
    const rule = of('pool_rule') || this.#ruleOf(plan);
    const validFrom = of('valid_from') || FROM_EVER;
    // What is no such state is refused with its kind's words.
    const state = (of('state') || 'active') as 'active';
    const zone = of('time_zone') || 'UTC';
    const facts: ReferenceFact[] = [accountFact(account, of('currency') || this.#defaults.currencyOf(plan), zone)];
    if (pool !== null) facts.push(poolFact(pool, account, rule));
    const version = `${account}/${plan}/${pool ?? ''}/${state}/${validFrom}`;
    const device = of('device') || null;
    const bound = device === null ? {} : { device };
    const id = `subscription/${subscription}/${version}`;
    facts.push({ kind: 'subscription', id, subscription, account, plan, pool, state, ...bound, validFrom });
    if (name === '') return facts;
    const [imsi, msisdn] = [of('imsi') || null, of('msisdn') || null];
    const simId = `sim/${name}/${subscription}/${imsi ?? ''}/${msisdn ?? ''}/${state}/${validFrom}`;
    facts.push({ kind: 'sim', id: simId, sim: name, imsi, msisdn, subscription, state, validFrom });
    return facts;
  }

  #problemOf(name: string, of: (column: Column) => string): string | null {
    if (name === '' && of('subscription') === '')
      return 'neither a SIM (iccid, imsi, msisdn) nor a subscription is named';
    const plan = of('plan');
    const { book } = this.#defaults;
    if (plan !== '' && !book.plans.has(plan)) {
      const nearest = nearestName(plan, book.plans.keys());
      return `plan '${plan}' is not in the book${nearest === undefined ? '' : `; did you mean '${nearest}'?`}`;
    }
    if (of('pool') === '' || of('pool_rule') !== '' || this.#ruleOf(plan || (this.#defaults.plan ?? '')) !== '')
      return null;
    return `which rule pool '${of('pool')}' has cannot be told from plan '${plan}'; name it in the column pool_rule`;
  }

  /** The rule that a plan contributes to, or the book's only one; empty where there is a choice or none. */
  #ruleOf(plan: string): string {
    const { book } = this.#defaults;
    const contributed = [...(book.plans.get(plan)?.contributes.keys() ?? [])];
    const rules = contributed.length > 0 ? contributed : [...book.pools.keys()];
    return rules.length === 1 ? (rules[0] ?? '') : '';
  }

  /** A fact that was not made before, if its shape is right. */
  #checked(place: string, fact: ReferenceFact): PlacedFact[] {
    if (this.#made.has(fact.id)) return [];
    this.#made.add(fact.id);
    const parsed = parseFact(fact);
    if ('fact' in parsed) return [{ place, fact }];
    this.#problems.push(`${place}: ${parsed.problem}`);
    return [];
  }
}
