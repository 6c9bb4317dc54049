/**
 * A workload of some dozen events over a few accounts: small enough for thousands of schedules, with everything in it that
 * crosses stages. Its totals do not depend on the order of arrival.
 */
import { ByteSink } from '@headrace/testkit/avro/encoder';
import { USAGE_EVENT_SCHEMA_ID, usageEventSchemaText } from '@headrace/testkit/avro/schema';
import { Random } from '@headrace/testkit/random';
import { encodeEvent } from '@headrace/testkit/workload/files';
import { UsageEvent } from '@headrace/testkit/workload/usage-event';
import { WORLD_START_MS } from '../world/world.ts';
import { priceBook } from './price-book.ts';

export type Fate = 'rated' | 'suspended' | 'rejected';

export interface PublishedMessage {
  /** Milliseconds after the begin of the world. */
  readonly atMs: number;
  readonly partition: number;
  readonly value: Buffer;
  readonly id: string;
  readonly fate: Fate;
}

export interface SmallWorkload {
  readonly rawPartitions: number;
  readonly guidedPartitions: number;
  /** Messages of reference.log: time after the begin, and facts. */
  readonly facts: readonly { readonly atMs: number; readonly facts: readonly object[] }[];
  readonly messages: readonly PublishedMessage[];
  /** Published once all of these have come to their place. */
  readonly later: readonly PublishedMessage[];
}

const START = '2026-01-01T00:00:00Z';
const ACCOUNTS = 6;
const SIMS_OF_ACCOUNT = 2;
const LATER = 8;
const PUBLISH_MS = 12_000;
const BURST_MS = 700;
const BURST_SPREAD_MS = 25;
const DAY_MS = 86_400_000;

/** There are few workloads and many schedules, so that the undisturbed result of each need be found only once. */
export const WORKLOADS = 8;

export function makeWorkload(number: number): SmallWorkload {
  const random = new Random(number, 3);
  const rawPartitions = 2;
  const guidedPartitions = 2 + random.below(2);
  const messages = messagesOf(random, rawPartitions);
  const later = messages.splice(-LATER);
  return {
    rawPartitions,
    guidedPartitions,
    facts: [
      { atMs: 0, facts: deploymentFacts(guidedPartitions) },
      { atMs: 0, facts: partyFacts() },
      // Facts that change nothing for the events, so that X rises while they flow.
      ...Array.from({ length: 3 }, (_, index) => ({
        atMs: 1_000 + random.below(PUBLISH_MS),
        facts: [account(`late-${index}`, null)],
      })),
    ],
    messages,
    later,
  };
}

function deploymentFacts(count: number): object[] {
  return [
    { kind: 'guidedPartitions', id: 'guided', generation: 1, count },
    { kind: 'schema', id: 'schema/usage', schemaId: USAGE_EVENT_SCHEMA_ID, schema: usageEventSchemaText },
    { kind: 'priceBook', id: 'book', book: priceBook() },
  ];
}

function account(name: string, parent: string | null): object {
  const shape = { currency: 'EUR', timeZone: 'Europe/Berlin', status: 'open', validFrom: START };
  return { kind: 'account', id: `account/${name}`, account: name, parent, ...shape };
}

/** Even accounts share a pool, odd ones have bundles; the last is a child of the first. */
function partyFacts(): object[] {
  const facts: object[] = [];
  for (let n = 0; n < ACCOUNTS; n += 1) {
    const name = `a${n}`;
    facts.push(account(name, n === ACCOUNTS - 1 ? 'a0' : null));
    const pooled = n % 2 === 0;
    const pool = pooled ? `pool-${n}` : null;
    if (pooled) facts.push({ kind: 'pool', id: `pool/${n}`, pool, account: name, rule: 'shared', validFrom: START });
    for (let s = 0; s < SIMS_OF_ACCOUNT; s += 1) {
      const subscription = `${name}-s${s}`;
      const plan = pooled ? 'pooled' : 'bundle';
      facts.push(
        {
          kind: 'subscription',
          id: `sub/${subscription}`,
          subscription,
          account: name,
          plan,
          pool,
          state: 'active',
          validFrom: START,
        },
        {
          kind: 'sim',
          id: `sim/${subscription}`,
          sim: `sim-${subscription}`,
          imsi: null,
          msisdn: null,
          subscription,
          state: 'active',
          validFrom: START,
        },
      );
    }
  }
  return facts;
}

function messagesOf(random: Random, rawPartitions: number): PublishedMessage[] {
  const messages: PublishedMessage[] = [];
  const events = 40 + random.below(60);
  for (let n = 0; n < events; n += 1) {
    const odd = random.below(20);
    const fault = odd < FAULTS.length ? FAULTS[odd] : 'none';
    const fate = FATES[fault];
    const value = eventMessage(random, `e${n}`, fault);
    const copies = fault === 'none' && random.below(10) === 0 ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      // In bursts, so that plans hold more than one message, and two readers may see different parts of one.
      const atMs = Math.floor(random.below(PUBLISH_MS) / BURST_MS) * BURST_MS + random.below(BURST_SPREAD_MS);
      messages.push({ atMs, partition: random.below(rawPartitions), value, id: `e${n}`, fate });
    }
  }
  return messages;
}

/** What is wrong with an event, for one event in 20 each: nobody has the SIM, it is too old, its network has no price. */
const FAULTS = ['unknown-sim', 'too-old', 'unknown-network'] as const;
const FATES = {
  'unknown-sim': 'suspended',
  'too-old': 'rejected',
  'unknown-network': 'suspended',
  none: 'rated',
} as const;

function eventMessage(random: Random, id: string, fault: keyof typeof FATES): Buffer {
  const event = new UsageEvent();
  event.source = 'laboratory';
  event.event_id = id;
  event.service = 'data';
  const sim = `sim-a${random.below(ACCOUNTS)}-s${random.below(SIMS_OF_ACCOUNT)}`;
  event.iccid = fault === 'unknown-sim' ? 'sim-nobody' : sim;
  const ageMs = fault === 'too-old' ? 60 * DAY_MS : random.below(6 * 3_600_000);
  event.start_time = (WORLD_START_MS - ageMs) * 1000;
  event.bytes_up = random.below(400_000);
  event.bytes_down = random.below(900_000);
  event.plmn = fault === 'unknown-network' ? '99999' : '26201';
  const sink = new ByteSink(512);
  encodeEvent(sink, event);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(USAGE_EVENT_SCHEMA_ID, 1);
  return Buffer.concat([head, sink.bytes.subarray(0, sink.length)]);
}
