/**
 * A seeded workload under the demo book whose bill no order of arrival can change: pools with members that come and go,
 * bundles, use in and out of zone, over several months, with duplicates.
 */
import type { ReferenceFact } from '../../src/index.ts';
import type { Random } from './random.ts';
import type { ScenarioEvent } from './scenario.ts';

export interface WorkloadSubscription {
  readonly name: string;
  readonly plan: 'iot-stacked' | 'mobility-bundle';
  readonly account: string;
  /** Pool, and the days of 2026-10-01 + n at which the subscription joined and left it. */
  readonly pool: string;
  readonly joined: number;
  readonly left: number;
}

export interface Workload {
  readonly facts: readonly ReferenceFact[];
  readonly subscriptions: readonly WorkloadSubscription[];
  readonly events: readonly ScenarioEvent[];
}

const POOL_RULES: Readonly<Record<string, string>> = { P1: 'stacked', P2: 'simple', P3: 'fleet' };
const FIRST_DAY = Date.UTC(2026, 9, 1);
const DAYS = 92;

export function poolRule(pool: string): string {
  return POOL_RULES[pool] ?? '';
}

export function dayTime(day: number): string {
  return new Date(FIRST_DAY + day * 86_400_000).toISOString().replace('.000', '');
}

export function makeWorkload(random: Random, subscriptionCount: number, eventCount: number): Workload {
  const subscriptions = Array.from({ length: subscriptionCount }, (_, index) => makeSubscription(random, index));
  const accounts = ['ROOT', ...new Set(subscriptions.map(({ account }) => account))];
  const facts: ReferenceFact[] = [
    ...accounts.map((account): ReferenceFact => {
      const [parent, currency] = [account === 'ROOT' ? null : 'ROOT', account.endsWith('usd') ? 'USD' : 'EUR'];
      return {
        kind: 'account',
        id: `account/${account}`,
        account,
        parent,
        currency,
        timeZone: 'UTC',
        status: 'open',
        validFrom: dayTime(0),
      };
    }),
    ...Object.entries(POOL_RULES).map(([pool, rule]): ReferenceFact => {
      return { kind: 'pool', id: `pool/${pool}`, pool, account: 'ROOT', rule, validFrom: dayTime(0) };
    }),
    ...subscriptions.flatMap(subscriptionFacts),
  ];
  return {
    facts,
    subscriptions,
    events: Array.from({ length: eventCount }, (_, index) => makeEvent(random, subscriptions, index)),
  };
}

function makeSubscription(random: Random, index: number): WorkloadSubscription {
  const mobile = random.below(3) === 0;
  const joined = random.below(2) === 0 ? 0 : random.below(60);
  return {
    name: `S${index}`,
    plan: mobile ? 'mobility-bundle' : 'iot-stacked',
    account: mobile ? `A${random.below(3)}-usd` : `A${random.below(3)}`,
    pool: mobile ? '' : random.pick(Object.keys(POOL_RULES)),
    joined,
    left: random.below(2) === 0 ? DAYS : joined + random.below(DAYS - joined),
  };
}

function subscriptionFacts({ name, plan, account, pool, joined, left }: WorkloadSubscription): ReferenceFact[] {
  const base = { kind: 'subscription', subscription: name, account, plan, state: 'active' } as const;
  const facts: ReferenceFact[] = [{ ...base, id: `${name}/0`, pool: null, validFrom: '2026-01-01T00:00:00Z' }];
  if (pool === '') return facts;
  facts.push({ ...base, id: `${name}/1`, pool, validFrom: dayTime(joined) });
  if (left < DAYS) facts.push({ ...base, id: `${name}/2`, pool: null, validFrom: dayTime(left) });
  return facts;
}

function makeEvent(random: Random, subscriptions: readonly WorkloadSubscription[], index: number): ScenarioEvent {
  const subscription = random.pick(subscriptions);
  const { plan, account, pool, joined, left } = subscription;
  const day = random.below(DAYS);
  const seconds = random.below(86_400);
  const pooled = pool !== '' && day >= joined && day < left;
  const base = {
    id: `E${index}`,
    // One receipt time, so that no day's keys leave while three months are shuffled.
    receivedAt: '2026-11-20T00:00:00Z',
    at: new Date(FIRST_DAY + day * 86_400_000 + seconds * 1000).toISOString().replace('.000', ''),
    by: subscription.name,
    plan,
    account,
    currency: plan === 'iot-stacked' ? 'EUR' : 'USD',
    ...(pooled ? { pool, poolRule: poolRule(pool) } : {}),
  };
  const bytes = { up: random.magnitude(3e7), down: random.magnitude(3e7) };
  const plmn = random.pick(['26201', '26202', '20801', '310410']);
  const kind = random.below(10);
  if (plan === 'iot-stacked') {
    return kind === 0 ? { ...base, service: 'lifecycle', units: 1 } : { ...base, service: 'data', plmn, ...bytes };
  }
  if (kind < 3) return { ...base, service: 'message', units: random.below(40) };
  // Calls abroad only: at home the order would decide which call the bundle covers.
  if (kind < 5) return { ...base, service: 'voice', plmn: '20801', seconds: random.below(600) };
  return { ...base, service: 'data', plmn, up: bytes.up * 50, down: bytes.down * 50 };
}
