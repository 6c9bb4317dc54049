/**
 * A rater with facts and events in short form, for tests that read like tables. Times of events are given as
 * `2026-11-05T12:00:00Z`; a key is made from the event's `id`.
 */
import {
  type Context,
  createRater,
  formatMoney,
  type GuidedEvents,
  type LifecycleState,
  type LineCause,
  type LineRule,
  type Money,
  PAYER_CAUSE,
  PAYER_POOL_ACCOUNT,
  type Profile,
  parseMoney,
  parseTimeMicros,
  type RatedLines,
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
  rat?: string;
  apn?: string;
  ratingGroup?: number;
  up?: number;
  down?: number;
  seconds?: number;
  units?: number;
  currency?: string;
  account?: string;
  timeZone?: string;
  receivedAt?: string;
  /** Of the end; the begin if absent. */
  until?: string;
  /** A third party's charge. */
  amount?: string;
  amountCurrency?: string;
  session?: string;
  imei?: string;
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
  const at = (event: number): ScenarioEvent => events[event] as ScenarioEvent;
  return {
    count,
    profileCount: profiles.length,
    contextCount: contexts.length,
    profileAt: (index) => profiles[index] as Profile,
    contextAt: (index) => contexts[index] as Context,
    profileDigest: digests(profiles),
    contextDigest: digests(contexts),
    eventKey,
    payloadDigest,
    eventTime: column((event) => parseTimeMicros(event.at)),
    endTime: column((event) => parseTimeMicros(event.until ?? event.at)),
    receivedAt: column((event) => parseTimeMicros(event.receivedAt ?? event.at)),
    utcOffsetMinutes: new Int32Array(count),
    profile,
    context,
    bytesUp: column((event) => event.up ?? 0),
    bytesDown: column((event) => event.down ?? 0),
    seconds: column((event) => event.seconds ?? 0),
    units: column((event) => event.units ?? 0),
    amount: new Map(
      events.flatMap(({ amount }, index): [number, Money][] =>
        amount === undefined ? [] : [[index, parseMoney(amount)]],
      ),
    ),
    imei: (event) => at(event).imei ?? '',
    session: (event) => at(event).session ?? '',
    amountCurrency: (event) => at(event).amountCurrency ?? '',
  };
}

function digests(entries: readonly unknown[]): Uint32Array {
  return Uint32Array.from(entries.flatMap((entry) => keyWords(JSON.stringify(entry))));
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
  const { service = 'data', plmn = '', rat = '', apn = '', ratingGroup = -1 } = event;
  return { source: 'test', service, plmn, rat, apn, ratingGroup, rawEncoding: 'message' };
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
  more: { pool?: string | null; plan?: string; state?: LifecycleState; device?: string; account?: string } = {},
): ReferenceFact {
  const { pool = null, plan = 'plan', state = 'active', device = null, account = 'ACC' } = more;
  const id = `subscription/${subscription}/${validFrom}/${plan}/${pool}/${state}/${device}/${account}`;
  return { kind: 'subscription', id, subscription, account, plan, pool, state, device, validFrom };
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

/** One line as an object, with the names that its columns stand for. */
export interface Line {
  readonly event: number;
  readonly part: number;
  readonly rule: LineRule;
  readonly quantity: number;
  readonly eventQuantity: number;
  readonly amount: Money;
  readonly before: number;
  readonly after: number;
  readonly bucketSize: number;
  readonly threshold: number;
  /** Who pays. */
  readonly account: string;
  /** Who owns the bucket or meter. */
  readonly owner: string;
  readonly cause: LineCause | undefined;
}

/** The lines as objects, which outlive the next call of the rater. @param events those that they are about */
export function linesOf(lines: RatedLines, events?: GuidedEvents): Line[] {
  return Array.from({ length: lines.count }, (_, index) => {
    const event = lines.event[index] as number;
    const rule = lines.rules[index] as LineRule;
    const profile = event < 0 ? undefined : events?.profileAt(events.profile[event] as number);
    const cause = lines.causes.get(index);
    return {
      event,
      part: lines.part[index] as number,
      rule,
      quantity: lines.quantity[index] as number,
      eventQuantity: lines.eventQuantity[index] as number,
      amount: lines.amountOf(index),
      before: lines.before[index] as number,
      after: lines.after[index] as number,
      bucketSize: lines.bucketSize[index] as number,
      threshold: lines.threshold[index] as number,
      account: payerOf(lines.payer[index] as number, profile, cause),
      owner: ownerOf(rule, profile, cause),
      cause,
    };
  });
}

function payerOf(payer: number, profile: Profile | undefined, cause: LineCause | undefined): string {
  if (payer === PAYER_CAUSE) return cause?.account ?? '';
  return (payer === PAYER_POOL_ACCOUNT ? profile?.poolAccount : profile?.usageAccount) ?? '';
}

function ownerOf({ bucket, meter }: LineRule, profile: Profile | undefined, cause: LineCause | undefined): string {
  const counter = bucket === '' ? meter : bucket;
  if (counter.startsWith('pool:')) return profile?.pool ?? cause?.pool ?? '';
  if (counter.startsWith('account')) return profile?.usageAccount ?? cause?.account ?? '';
  return profile?.subscription ?? cause?.subscription ?? '';
}

/** A line in one row: tag, quantity, amount, bucket or price and meter with owner and period, use before and after. */
export function row(line: Line): string {
  const { bucket, price, meter, period } = line.rule;
  const counter = bucket === '' ? `${price} ${meter}` : bucket;
  return `${brief(line)} ${counter} of ${line.owner} in ${period} ${line.before}..${line.after}`;
}

/** Shorter: tag, quantity and amount. */
export function brief(line: Line): string {
  return `${line.rule.tag} ${line.quantity} ${formatMoney(line.amount)}`;
}

export function total(lines: readonly Line[]): string {
  return formatMoney(lines.reduce((sum, line) => sum + line.amount, 0n));
}

export interface Outcome extends Omit<RatedOutcome, 'lines'> {
  readonly lines: Line[];
}

export function rate(rater: Rater, events: readonly ScenarioEvent[]): Outcome {
  const block = guidedEvents(events);
  const outcome = rater.rate(block);
  return { ...outcome, lines: linesOf(outcome.lines, block) };
}

/** Lines that facts cause, and those that are refused. */
export function apply(
  rater: Rater,
  facts: readonly ReferenceFact[],
): { lines: Line[]; refused: readonly { readonly id: string; readonly reason: string }[] } {
  const { lines, refused } = rater.applyFacts(guidedFacts(facts));
  return { lines: linesOf(lines), refused };
}

export function snapshotBytes(rater: Rater): Uint8Array[] {
  return [...rater.snapshot()].map((piece) => piece.slice());
}
