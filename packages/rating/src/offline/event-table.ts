/**
 * Usage events for the fold without Kafka: a file's or a query's rows become the columns of a guided block.
 *
 * 1. Columns grow and stay when the table is cleared, so a long stream needs the memory of its largest batch.
 * 2. What guiding would refuse (quantities that are none) is not for this table: whoever reads usage checks it first.
 */
import type { Context, GuidedEvents, Money, Profile } from '../contract.ts';
import { Dictionary } from './dictionary.ts';

/** An event, its subscription resolved as of its time. */
export interface OfflineEvent {
  /** The event key in words; with the event's time it gives the canonical order. */
  readonly id: string;
  /** 128 bits that stand for the key; equal keys are one event. */
  readonly key: readonly [number, number, number, number];
  /** 64 bits that stand for the fields that affect identity, guiding or charge. */
  readonly payload: readonly [number, number];
  /** Hand in the same object for the same contents where you can; it saves time. */
  readonly profile: Profile;
  readonly context: Context;
  /** Microseconds since 1970, UTC. */
  readonly eventTime: number;
  readonly endTime: number;
  readonly receivedAt: number;
  readonly utcOffsetMinutes: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly seconds: number;
  readonly units: number;
  readonly amount: Money | undefined;
  /** Empty if the event names none. */
  readonly amountCurrency: string;
  readonly imei: string;
  readonly session: string;
}

/** Guided events that also know their ids in words. */
export interface IdentifiedEvents extends GuidedEvents {
  eventId(event: number): string;
}

const PROFILE_FIELDS: readonly (keyof Profile)[] = [
  'usageAccount',
  'subscription',
  'sim',
  'plan',
  'pool',
  'poolAccount',
  'poolRule',
  'ratingKey',
  'currency',
  'timeZone',
  'simState',
];
const CONTEXT_FIELDS: readonly (keyof Context)[] = [
  'source',
  'service',
  'plmn',
  'rat',
  'apn',
  'ratingGroup',
  'rawEncoding',
];
const CAPACITY_MIN = 64;

export class EventTable implements IdentifiedEvents {
  count = 0;
  eventKey = new Uint32Array(CAPACITY_MIN * 4);
  payloadDigest = new Uint32Array(CAPACITY_MIN * 2);
  eventTime = new Float64Array(CAPACITY_MIN);
  endTime = new Float64Array(CAPACITY_MIN);
  receivedAt = new Float64Array(CAPACITY_MIN);
  utcOffsetMinutes = new Int32Array(CAPACITY_MIN);
  profile = new Int32Array(CAPACITY_MIN);
  context = new Int32Array(CAPACITY_MIN);
  bytesUp = new Float64Array(CAPACITY_MIN);
  bytesDown = new Float64Array(CAPACITY_MIN);
  seconds = new Float64Array(CAPACITY_MIN);
  units = new Float64Array(CAPACITY_MIN);
  readonly amount = new Map<number, Money>();
  readonly #ids: string[] = [];
  readonly #imeis: string[] = [];
  readonly #sessions: string[] = [];
  readonly #currencies: string[] = [];
  readonly #profiles = new Dictionary<Profile>(PROFILE_FIELDS);
  readonly #contexts = new Dictionary<Context>(CONTEXT_FIELDS);

  get profileCount(): number {
    return this.#profiles.count;
  }

  get contextCount(): number {
    return this.#contexts.count;
  }

  get profileDigest(): Uint32Array {
    return this.#profiles.digest;
  }

  get contextDigest(): Uint32Array {
    return this.#contexts.digest;
  }

  profileAt(index: number): Profile {
    return this.#profiles.at(index);
  }

  contextAt(index: number): Context {
    return this.#contexts.at(index);
  }

  imei(event: number): string {
    return this.#imeis[event] ?? '';
  }

  session(event: number): string {
    return this.#sessions[event] ?? '';
  }

  amountCurrency(event: number): string {
    return this.#currencies[event] ?? '';
  }

  eventId(event: number): string {
    return this.#ids[event] ?? '';
  }

  add(event: OfflineEvent): void {
    const at = this.count;
    if (at === this.eventTime.length) this.#grow();
    this.eventKey.set(event.key, at * 4);
    this.payloadDigest.set(event.payload, at * 2);
    this.eventTime[at] = event.eventTime;
    this.endTime[at] = event.endTime;
    this.receivedAt[at] = event.receivedAt;
    this.utcOffsetMinutes[at] = event.utcOffsetMinutes;
    this.profile[at] = this.#profiles.indexOf(event.profile);
    this.context[at] = this.#contexts.indexOf(event.context);
    this.bytesUp[at] = event.bytesUp;
    this.bytesDown[at] = event.bytesDown;
    this.seconds[at] = event.seconds;
    this.units[at] = event.units;
    if (event.amount !== undefined) this.amount.set(at, event.amount);
    this.#ids.push(event.id);
    this.#imeis.push(event.imei);
    this.#sessions.push(event.session);
    this.#currencies.push(event.amountCurrency);
    this.count = at + 1;
  }

  /** Forgets all events; the columns stay. */
  clear(): void {
    this.count = 0;
    this.amount.clear();
    for (const list of [this.#ids, this.#imeis, this.#sessions, this.#currencies]) list.length = 0;
    this.#profiles.clear();
    this.#contexts.clear();
  }

  #grow(): void {
    this.eventKey = larger(this.eventKey, new Uint32Array(this.eventKey.length * 2));
    this.payloadDigest = larger(this.payloadDigest, new Uint32Array(this.payloadDigest.length * 2));
    const capacity = this.eventTime.length * 2;
    this.eventTime = larger(this.eventTime, new Float64Array(capacity));
    this.endTime = larger(this.endTime, new Float64Array(capacity));
    this.receivedAt = larger(this.receivedAt, new Float64Array(capacity));
    this.utcOffsetMinutes = larger(this.utcOffsetMinutes, new Int32Array(capacity));
    this.profile = larger(this.profile, new Int32Array(capacity));
    this.context = larger(this.context, new Int32Array(capacity));
    this.bytesUp = larger(this.bytesUp, new Float64Array(capacity));
    this.bytesDown = larger(this.bytesDown, new Float64Array(capacity));
    this.seconds = larger(this.seconds, new Float64Array(capacity));
    this.units = larger(this.units, new Float64Array(capacity));
  }
}

function larger<Column extends Uint32Array | Int32Array | Float64Array>(old: Column, grown: Column): Column {
  grown.set(old);
  return grown;
}
