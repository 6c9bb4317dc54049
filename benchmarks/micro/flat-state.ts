/**
 * Bytes of state a subscription: what the fold's statistics count, and what the heap grew by. The heap also has what is no
 * state and can be made again: parties by profile, digests of facts' ids, names.
 *
 * Every subscription has one fact, an allowance that is used up, and two meters (data over it, and messages).
 */
import { createRater, EventTable, OUTCOME_RATED, type Rater } from '@headrace/rating';
import { hashText, Random } from '@headrace/testkit/random';
import { type FlatUser, subscriptionFact, userOf } from './flat-case.ts';
import { BY_CYCLE } from './flat-prices.ts';
import type { CollectGarbage } from './flat-run.ts';

export interface StateRow {
  readonly subscriptions: number;
  /** Bytes a subscription by `statistics().stateBytes`. */
  readonly counted: number;
  /** Bytes a subscription by which heap and typed arrays grew, duplicate keys apart. */
  readonly grown: number;
  readonly bytesPerDuplicateKey: number;
}

const BLOCK_EVENTS = 4_096;
const DAY = Date.UTC(2026, 10, 2) * 1000;
const ALLOWANCE = 1_000_000;

const BOOK = {
  format: 1,
  name: 'state',
  version: 1,
  currency: 'EUR',
  effectiveFrom: '2026-01-01T00:00:00Z',
  author: 'pricing@example.net',
  approver: 'finance@example.net',
  services: { data: { unit: 'bytes', counts: 'both' }, message: { unit: 'messages', counts: 'units' } },
  plans: {
    plan: {
      allowances: [{ id: 'data', service: 'data', quantity: ALLOWANCE, priority: 1 }],
      prices: [
        { id: 'data', service: 'data', model: 'per-unit', unitPrice: '0.01', per: 1000, meter: BY_CYCLE },
        { id: 'message', service: 'message', model: 'per-unit', unitPrice: '0.01', meter: BY_CYCLE },
      ],
    },
  },
};

export function measureState(subscriptions: number, seed: string, collectGarbage: CollectGarbage): StateRow {
  const random = new Random(hashText(`${seed}/state`), subscriptions);
  // What the first use of everything leaves behind is not the subscriptions'.
  fill(createRater(), 1, random);
  collectGarbage('major');
  const before = heapBytes();
  const rater = createRater();
  fill(rater, subscriptions, random);
  collectGarbage('major');
  const after = heapBytes();
  const { stateBytes, duplicateKeyBytes, duplicateKeys, meters, buckets } = rater.statistics();
  if (meters !== 2 * subscriptions || buckets !== subscriptions || duplicateKeys !== 2 * subscriptions) {
    throw new Error(`${subscriptions} subscriptions have ${meters} meters, ${buckets} buckets, ${duplicateKeys} keys`);
  }
  return {
    subscriptions,
    counted: stateBytes / subscriptions,
    grown: (after - before - duplicateKeyBytes) / subscriptions,
    bytesPerDuplicateKey: duplicateKeyBytes / duplicateKeys,
  };
}

function fill(rater: Rater, subscriptions: number, random: Random): void {
  rater.applyFacts([{ position: 0, receivedAt: 0, kind: 'priceBook', fact: JSON.stringify(bookFact()) }]);
  const events = new EventTable();
  for (let from = 0; from < subscriptions; from += BLOCK_EVENTS / 2) {
    const users = Array.from({ length: Math.min(BLOCK_EVENTS / 2, subscriptions - from) }, (_, index) =>
      userOf(from + index, 'plan', ALLOWANCE),
    );
    const facts = users.map(({ profile }) => subscriptionFact(profile.subscription, 'plan'));
    rater.applyFacts(
      facts.map((fact) => ({ position: 0, receivedAt: 0, kind: fact.kind, fact: JSON.stringify(fact) })),
    );
    events.clear();
    for (const user of users) addUse(events, user, random);
    const { outcomes } = rater.rate(events);
    if (outcomes.some((outcome) => outcome !== OUTCOME_RATED)) throw new Error('an event was not rated');
  }
}

function bookFact(): object {
  return { kind: 'priceBook', id: 'book', book: BOOK };
}

/** More data than the allowance, and a message. */
function addUse(events: EventTable, { profile, context }: FlatUser, random: Random): void {
  const key = (): [number, number, number, number] => [random.next(), random.next(), random.next(), random.next()];
  const time = { eventTime: DAY, endTime: DAY, receivedAt: DAY, utcOffsetMinutes: 0 };
  const use = { bytesUp: 0, bytesDown: 0, seconds: 0, units: 0, amount: undefined, amountCurrency: '' };
  const event = { id: '', payload: [1, 1], profile, context, ...time, ...use, imei: '', session: '' } as const;
  events.add({ ...event, key: key(), bytesDown: 2 * ALLOWANCE });
  events.add({ ...event, key: key(), context: messageContext(context), units: 1 });
}

let message: FlatUser['context'] | undefined;

function messageContext(context: FlatUser['context']): FlatUser['context'] {
  message ??= { ...context, service: 'message' };
  return message;
}

function heapBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
