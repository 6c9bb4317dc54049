/**
 * The bill of a workload worked out the slow way: all events as a set, bucket by bucket, with the oracle's prices. Shares
 * nothing with the fold; the figures of the demo book are written down here once more.
 */
import { type OraclePrice, oracleCost } from './oracle.ts';
import type { ScenarioEvent } from './scenario.ts';
import { dayTime, poolRule, type Workload, type WorkloadSubscription } from './workload.ts';

const MB = 1024n * 1024n;

const IOT_HOME: OraclePrice = { model: 'per-unit', unitPrice: '0.10', per: Number(MB) };
const IOT_WORLD: OraclePrice = { model: 'package', packageSize: Number(MB), packagePrice: '0.50' };
const MOBILE_DATA: OraclePrice = {
  model: 'graduated',
  per: Number(MB),
  tiers: [{ upTo: Number(1024n * MB), unitPrice: '0.0040' }, { unitPrice: '0.0020' }],
};
const MOBILE_WORLD: OraclePrice = { model: 'per-unit', unitPrice: '3.00', per: Number(MB), increment: 102_400 };
const MESSAGE: OraclePrice = { model: 'per-unit', unitPrice: '0.09' };
const VOICE: OraclePrice = { model: 'per-unit', unitPrice: '0.09', per: 60, minimumQuantity: 30, increment: 60 };
const VOICE_DECEMBER: OraclePrice = { model: 'per-unit', unitPrice: '0.10', per: 60, increment: 60 };

/** Account, period, service and tag, joined by a bar, to quantity and amount. */
export type Bill = Map<string, { quantity: bigint; amount: bigint }>;

export function addTo(
  bill: Bill,
  account: string,
  period: string,
  service: string,
  tag: string,
  quantity: bigint,
  amount: bigint,
): void {
  const key = `${account}|${period}|${service}|${tag}`;
  const entry = bill.get(key) ?? { quantity: 0n, amount: 0n };
  bill.set(key, { quantity: entry.quantity + quantity, amount: entry.amount + amount });
}

export function slowBill({ subscriptions, events }: Workload): Bill {
  const bill: Bill = new Map();
  for (const period of ['2026-10', '2026-11', '2026-12']) {
    const ofPeriod = events.filter((event) => event.at.startsWith(period));
    for (const pool of ['P1', 'P2', 'P3']) {
      const used = sum(
        ofPeriod.filter((event) => event.pool === pool && event.service === 'data' && event.plmn !== '310410'),
      );
      // The pool's overage meter is the pool's account's.
      addCovered(bill, 'ROOT', period, 'data', used, poolSize(pool, period, subscriptions), IOT_HOME);
    }
    for (const subscription of subscriptions) addSubscription(bill, subscription, period, ofPeriod);
  }
  return new Map([...bill].filter(([, { quantity, amount }]) => quantity !== 0n || amount !== 0n));
}

function addSubscription(
  bill: Bill,
  subscription: WorkloadSubscription,
  period: string,
  events: readonly ScenarioEvent[],
): void {
  const { name, account, plan } = subscription;
  const own = events.filter((event) => event.by === name);
  const data = own.filter((event) => event.service === 'data');
  const world = data.filter((event) => event.plmn === '310410');
  const near = data.filter((event) => event.plmn !== '310410' && event.pool === undefined);
  if (plan === 'iot-stacked') {
    // Without a pool nothing covers it, and the meter of the price that names the pool is the subscription's.
    addTo(bill, account, period, 'data', 'pay-per-use', sum(near), oracleCost(IOT_HOME, sum(near)));
    addTo(bill, account, period, 'data', 'pay-per-use', sum(world), oracleCost(IOT_WORLD, sum(world)));
    addTo(
      bill,
      account,
      period,
      'lifecycle',
      'zero-rated',
      sum(own.filter((event) => event.service === 'lifecycle')),
      0n,
    );
    return;
  }
  addCovered(bill, account, period, 'data', sum(near), 2048n * MB, MOBILE_DATA);
  addCovered(bill, account, period, 'message', sum(own.filter((event) => event.service === 'message')), 100n, MESSAGE);
  for (const event of world)
    addTo(bill, account, period, 'data', 'pay-per-use', sum([event]), oracleCost(MOBILE_WORLD, sum([event])));
  for (const event of own.filter(({ service }) => service === 'voice')) {
    const price = event.at < '2026-12-01T00:00:00Z' ? VOICE : VOICE_DECEMBER;
    addTo(bill, account, period, 'voice', 'pay-per-use', sum([event]), oracleCost(price, sum([event])));
  }
}

function addCovered(
  bill: Bill,
  account: string,
  period: string,
  service: string,
  used: bigint,
  size: bigint,
  price: OraclePrice,
): void {
  const covered = used < size ? used : size;
  addTo(bill, account, period, service, 'in-bundle', covered, 0n);
  addTo(bill, account, period, service, 'overage', used - covered, oracleCost(price, used - covered));
}

/** 10 MB for each member: for its part of the month by the second (P1), or whole (P2); P3 has 500 MB. */
function poolSize(pool: string, period: string, subscriptions: readonly WorkloadSubscription[]): bigint {
  const rule = poolRule(pool);
  if (rule === 'fleet') return 500n * MB;
  const begin = BigInt(Date.parse(`${period}-01T00:00:00Z`)) / 1000n;
  const [year = 0, month = 0] = period.split('-').map(Number);
  const end = BigInt(Date.UTC(year, month, 1)) / 1000n;
  let size = 0n;
  for (const member of subscriptions.filter((subscription) => subscription.pool === pool)) {
    const from = max(begin, seconds(dayTime(member.joined)));
    // Whoever did not leave in these three months is still there.
    const to = member.left === 92 ? end : min(end, seconds(dayTime(member.left)));
    if (to <= from) continue;
    const exact = 10n * MB * (to - from) * 2n + (end - begin);
    size += rule === 'simple' ? 10n * MB : exact / (2n * (end - begin));
  }
  return size;
}

function seconds(time: string): bigint {
  return BigInt(Date.parse(time)) / 1000n;
}

function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function min(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

function sum(events: readonly ScenarioEvent[]): bigint {
  return events.reduce(
    (total, { up = 0, down = 0, seconds: duration = 0, units = 0 }) =>
      total + BigInt(up) + BigInt(down) + BigInt(duration) + BigInt(units),
    0n,
  );
}
