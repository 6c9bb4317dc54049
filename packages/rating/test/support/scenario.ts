/**
 * A rater with facts and events in short form, for tests that read like tables. Times of events are given as
 * `2026-11-05T12:00:00Z`; a key is made from the event's `id`.
 */
import {
  type Context,
  createRater,
  formatMoney,
  type GuidedEvents,
  type Profile,
  parseTimeMicros,
  type RatedLine,
  type RatedOutcome,
  type Rater,
  type ReferenceFact,
} from '../../src/index.ts';
import type { BookDocument } from './book.ts';

export const MB = 1024 * 1024;
export const KB = 1024;

export interface ScenarioEvent {
  id: string;
  at: string;
  /** Name of a subscription of the scenario. */
  by?: string;
  plan?: string;
  pool?: string;
  poolRule?: string;
  service?: string;
  plmn?: string;
  up?: number;
  down?: number;
  seconds?: number;
  units?: number;
  currency?: string;
  account?: string;
  timeZone?: string;
  receivedAt?: string;
  /** Tells payloads with one key apart. */
  payload?: number;
}

/** Mixes a text to four words, well enough for keys that must be spread. */
export function keyWords(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
  for (let at = 0; at < text.length; at += 1) {
    for (let word = 0; word < 4; word += 1) {
      const mixed = Math.imul((words[word] as number) ^ text.charCodeAt(at), 0x01000193 + word * 2);
      words[word] = (mixed ^ (mixed >>> (13 + word))) >>> 0;
    }
  }
  return words.map((word) => Math.imul(word ^ (word >>> 16), 0x2c1b3c6d) >>> 0) as [number, number, number, number];
}

/** Events as a guided block: dictionaries and columns. */
export function guidedEvents(events: readonly ScenarioEvent[]): GuidedEvents {
  const profiles: Profile[] = [];
  const contexts: Context[] = [];
  const indexes = new Map<string, number>();
  const indexOf = <T>(list: T[], entry: T): number => {
    const key = JSON.stringify(entry);
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, list.length);
    list.push(entry);
    return list.length - 1;
  };
  const count = events.length;
  const column = (value: (event: ScenarioEvent) => number): Float64Array => Float64Array.from(events, value);
  const eventKey = new Uint32Array(count * 4);
  const payloadDigest = new Uint32Array(count * 2);
  const profile = new Int32Array(count);
  const context = new Int32Array(count);
  events.forEach((event, index) => {
    eventKey.set(keyWords(event.id), index * 4);
    payloadDigest.set([event.payload ?? 1, 7], index * 2);
    profile[index] = indexOf(profiles, profileOf(event));
    context[index] = indexOf(contexts, contextOf(event));
  });
  return {
    count,
    profiles,
    contexts,
    eventKey,
    payloadDigest,
    eventTime: column((event) => parseTimeMicros(event.at)),
    endTime: column((event) => parseTimeMicros(event.at)),
    receivedAt: column((event) => parseTimeMicros(event.receivedAt ?? event.at)),
    utcOffsetMinutes: new Int32Array(count),
    profile,
    context,
    bytesUp: column((event) => event.up ?? 0),
    bytesDown: column((event) => event.down ?? 0),
    seconds: column((event) => event.seconds ?? 0),
    units: column((event) => event.units ?? 0),
    amount: new Map(),
    imei: () => '',
    session: () => '',
  };
}

function profileOf(event: ScenarioEvent): Profile {
  const pool = event.pool ?? '';
  return {
    usageAccount: event.account ?? 'ACC',
    subscription: event.by ?? 'A',
    sim: `sim-${event.by ?? 'A'}`,
    plan: event.plan ?? 'plan',
    pool,
    poolAccount: pool === '' ? '' : 'ROOT',
    poolRule: pool === '' ? '' : (event.poolRule ?? 'stacked'),
    ratingKey: 'ROOT',
    currency: event.currency ?? 'EUR',
    timeZone: event.timeZone ?? 'UTC',
    simState: 'active',
  };
}

function contextOf(event: ScenarioEvent): Context {
  const { service = 'data', plmn = '' } = event;
  return { source: 'test', service, plmn, rat: '', apn: '', ratingGroup: -1, rawEncoding: 'message' };
}

/** Facts of any kind, guided as the log would. */
export function guidedFacts(facts: readonly ReferenceFact[]): Parameters<Rater['applyFacts']>[0] {
  return facts.map((fact, position) => ({ position, receivedAt: 0, kind: fact.kind, fact: JSON.stringify(fact) }));
}

export function bookFact(book: BookDocument): ReferenceFact {
  return { kind: 'priceBook', id: `book/${book.name}/${book.version}`, book };
}

/** A rater that knows these books and facts; a refused fact is an error. */
export function raterWith(books: readonly BookDocument[], facts: readonly ReferenceFact[] = []): Rater {
  const rater = createRater();
  const { refused } = rater.applyFacts(guidedFacts([...books.map(bookFact), ...facts]));
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
  return rater;
}

export function subscriptionFact(
  subscription: string,
  validFrom: string,
  more: { pool?: string | null; plan?: string; state?: 'active' | 'suspended' | 'terminated' } = {},
): ReferenceFact {
  const { pool = null, plan = 'plan', state = 'active' } = more;
  const id = `subscription/${subscription}/${validFrom}/${plan}/${pool}/${state}`;
  return { kind: 'subscription', id, subscription, account: 'ACC', plan, pool, state, validFrom };
}

export function topUpFact(
  grant: string,
  validFrom: string,
  validTo: string,
  subscription = 'A',
  addOn = 'data-100',
): ReferenceFact {
  return { kind: 'topUp', id: `top-up/${grant}`, grant, subscription, addOn, validFrom, validTo };
}

/** A line in one row: tag, quantity, amount, bucket or meter with use before and after. */
export function row(line: RatedLine): string {
  const counter = line.bucket === '' ? line.meter : line.bucket;
  return `${line.rule.tag} ${line.quantity} ${formatMoney(line.amount)} ${counter} ${line.before}..${line.after}`;
}

/** Shorter: tag, quantity and amount. */
export function brief(line: RatedLine): string {
  return `${line.rule.tag} ${line.quantity} ${formatMoney(line.amount)}`;
}

export function total(lines: readonly RatedLine[]): string {
  return formatMoney(lines.reduce((sum, line) => sum + line.amount, 0n));
}

export function rate(rater: Rater, events: readonly ScenarioEvent[]): RatedOutcome {
  return rater.rate(guidedEvents(events));
}

export function snapshotBytes(rater: Rater): Uint8Array[] {
  return [...rater.snapshot()].map((piece) => piece.slice());
}
