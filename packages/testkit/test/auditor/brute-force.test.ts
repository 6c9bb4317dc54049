/**
 * The auditor against a simulation that does what it never does: takes events one by one, draws buckets, and charges
 * differences of running meters, counting price functions unit by unit. Small random worlds of two kinds: those in which
 * no order of arrival shows, each in several orders; and those in which it does, in canonical order.
 */
import { expect, test } from 'vitest';
import type { FactJson } from '../../src/index.ts';
import { Random } from '../../src/random.ts';
import { account, auditOf, book, member, pool, topUp, totalsOf, usage } from '../support/scenario.ts';
import { testSeed } from '../support/seed.ts';

interface Tier {
  readonly upTo?: number;
  readonly unitPrice: string;
}

interface SimPrice {
  readonly model: 'graduated' | 'package';
  readonly tiers: readonly Tier[];
  readonly per: number;
  readonly increment: number;
  readonly minimum: number;
}

interface Sub {
  readonly name: string;
  readonly account: string;
  readonly plan: number;
  readonly pool: string | null;
  readonly addOn: number;
}

interface Use {
  readonly id: string;
  readonly sub: Sub;
  readonly day: number;
  readonly abroad: boolean;
  readonly quantity: number;
}

/** A price as the book writes it. */
function json(id: string, zones: readonly string[], price: SimPrice, owner: string, scope: string) {
  const { model, tiers, per, increment, minimum } = price;
  const common = { id, service: 'data', zones, increment, minimumQuantity: minimum, meter: { owner, scope } };
  if (model === 'package') return { ...common, model, packageSize: per, packagePrice: tiers[0]?.unitPrice };
  return { ...common, model, tiers, per };
}

function randomPrice(random: Random): SimPrice {
  const unit = () => `0.${String(random.below(10_000)).padStart(4, '0')}${random.below(1000)}`;
  const model = random.pick<SimPrice['model']>(['graduated', 'package']);
  const first = 1 + random.below(30);
  const tiers = [{ upTo: first, unitPrice: unit() }, { upTo: first + 20, unitPrice: unit() }, { unitPrice: unit() }];
  const steps = { increment: random.pick([1, 1, 7]), minimum: random.pick([0, 0, 10]) };
  return { model, tiers, per: random.pick([1, 3, 7, 60]), ...steps };
}

/** Counts of 1e-12, unit by unit. */
function cost({ model, tiers, per, increment, minimum }: SimPrice, quantity: number): bigint {
  let billed = quantity > 0 ? Math.max(quantity, minimum) : 0;
  while (billed % increment !== 0) billed++;
  const price = (text: string | undefined): bigint => BigInt(Math.round(Number(text) * 1e7)) * 100_000n;
  if (model === 'package') {
    let packages = 0n;
    for (let paid = 0; paid < billed; paid += per) packages++;
    return packages * price(tiers[0]?.unitPrice);
  }
  let sum = 0n;
  for (let unit = 1; unit <= billed; unit++) {
    sum += price(tiers.find((tier) => tier.upTo === undefined || unit <= tier.upTo)?.unitPrice);
  }
  const [whole, rest] = [sum / BigInt(per), sum % BigInt(per)];
  return 2n * rest >= BigInt(per) ? whole + 1n : whole;
}

const PLANS = 3;
const ADD_ON = { quantity: 25, from: 10, to: 20 };
const FIXED = 60;

interface World {
  readonly facts: readonly FactJson[];
  readonly home: readonly SimPrice[];
  readonly abroad: readonly SimPrice[];
  readonly uses: readonly Use[];
  /** Whether prices abroad are metered by event. */
  readonly byEvent: boolean;
  /** Whether the order decides: a bucket for everywhere, and prices at home by event or from the middle of the month. */
  readonly ordered: boolean;
  /** Of prices at home, from the 16th on. */
  readonly later: readonly SimPrice[];
  /** Sizes of pools in November, which has 30 days. */
  readonly pools: ReadonlyMap<string, { readonly account: string; readonly size: number }>;
}

const contribution = [20, 0, 0];
const own = [0, 0, 30];
const EVERYWHERE = 25;
const LATER_DAY = 16;

/** Plan 0 is for the stacked pool, 1 for the fixed one, 2 has a bucket of its own. */
function randomWorld(random: Random, ordered: boolean): World {
  const later = Array.from({ length: PLANS }, () => randomPrice(random));
  const home = Array.from({ length: PLANS }, () => randomPrice(random));
  const abroad = Array.from({ length: PLANS }, () => randomPrice(random));
  const scope = random.pick(['event', 'cycle']);
  const plans = Object.fromEntries(
    home.map((price, plan) => [
      `plan${plan}`,
      {
        ...(plan === 0 ? { contributes: { stacked: contribution[0] } } : {}),
        allowances: [
          ...(plan === 2 ? [{ id: 'own', service: 'data', zones: ['home'], quantity: own[2], priority: 10 }] : []),
          ...(ordered ? [{ id: 'any', service: 'data', quantity: EVERYWHERE, priority: 30 }] : []),
        ],
        prices: [
          json(`h${plan}`, ['home'], price, plan < 2 ? 'pool' : 'subscription', 'cycle'),
          ...(ordered
            ? [
                {
                  ...json(`h${plan}`, ['home'], later[plan] ?? price, 'subscription', 'event'),
                  effectiveFrom: `2026-11-${LATER_DAY}T00:00:00Z`,
                },
              ]
            : []),
          json(`a${plan}`, ['abroad'], abroad[plan] ?? price, 'subscription', scope),
        ],
      },
    ]),
  );
  const rule = { service: 'data', zones: ['home'], priority: 20 };
  const facts: FactJson[] = [
    book({
      plans,
      pools: {
        stacked: { kind: 'stacked', proration: 'second', ...rule },
        fixed: { kind: 'fixed', quantity: FIXED, ...rule },
      },
      addOns: { extra: { service: 'data', zones: ['home'], quantity: ADD_ON.quantity, priority: 5 } },
    }),
    account('root'),
    account('child', { parent: 'root' }),
    pool('stacked', 'root', 'stacked'),
    pool('fixed', 'child', 'fixed'),
  ];
  let size = 0;
  const subs: Sub[] = [];
  for (let index = 0; index < 6; index++) {
    const plan = random.below(PLANS);
    const sub: Sub = {
      name: `s${index}`,
      account: random.pick(['root', 'child']),
      plan,
      pool: ['stacked', 'fixed', null][plan] ?? null,
      addOn: random.below(2),
    };
    subs.push(sub);
    const state = { account: sub.account, plan: `plan${plan}`, pool: sub.pool };
    // A member that ends in mid-month contributes for its days alone, and its use still counts.
    const days = random.pick([30, 15, 3]);
    const ended = {
      ...state,
      state: 'terminated',
      validFrom: `2026-11-${String(days + 1).padStart(2, '0')}T00:00:00Z`,
    };
    facts.push(...(days === 30 ? member(sub.name, state) : member(sub.name, state, ended)));
    if (plan === 0) size += Math.round(((contribution[0] ?? 0) * days) / 30);
    if (sub.addOn === 1)
      facts.push(topUp(`g${index}`, sub.name, 'extra', '2026-11-10T00:00:00Z', '2026-11-20T00:00:00Z'));
  }
  const uses = Array.from({ length: 40 }, (_, index) => ({
    id: `u${index}`,
    sub: random.pick(subs as [Sub, ...Sub[]]),
    day: 1 + random.below(30),
    abroad: random.below(4) === 0,
    quantity: 1 + random.below(20),
  }));
  const pools = new Map([
    ['stacked', { account: 'root', size }],
    ['fixed', { account: 'child', size: FIXED }],
  ]);
  return { facts, home, abroad, uses, byEvent: scope === 'event', ordered, later, pools };
}

/** Events one by one, as they are given. */
function simulate(world: World, uses: readonly Use[]): Record<string, string> {
  const left = new Map<string, number>();
  const meters = new Map<string, number>();
  const totals = new Map<string, { quantity: bigint; amount: bigint }>();
  const line = (payer: string, quantity: number, amount: bigint): void => {
    const total = totals.get(payer) ?? { quantity: 0n, amount: 0n };
    totals.set(payer, { quantity: total.quantity + BigInt(quantity), amount: total.amount + amount });
  };
  for (const { sub, day, abroad, quantity } of uses) {
    let rest = quantity;
    const draw = (bucket: string, size: number, payer: string): void => {
      const covered = Math.min(rest, left.get(bucket) ?? size);
      left.set(bucket, (left.get(bucket) ?? size) - covered);
      rest -= covered;
      if (covered > 0) line(payer, covered, 0n);
    };
    if (!abroad && sub.addOn === 1 && day >= ADD_ON.from && day < ADD_ON.to)
      draw(`g${sub.name}`, ADD_ON.quantity, sub.account);
    if (!abroad && sub.plan === 2) draw(`o${sub.name}`, own[2] ?? 0, sub.account);
    const shared = sub.pool === null || abroad ? undefined : world.pools.get(sub.pool);
    if (shared !== undefined && sub.pool !== null) draw(`p${sub.pool}`, shared.size, shared.account);
    if (world.ordered) draw(`e${sub.name}`, EVERYWHERE, sub.account);
    if (rest === 0) continue;
    const changed = world.ordered && !abroad && day >= LATER_DAY;
    const price = (abroad ? world.abroad : changed ? world.later : world.home)[sub.plan];
    if (price === undefined) throw new Error('no price');
    const poolPays = shared !== undefined && !changed;
    // Members of one plan share the pool's meter of it; no two plans share a pool here.
    const meter = poolPays ? `${sub.pool}` : `${sub.name} ${abroad}`;
    const before = changed || (abroad && world.byEvent) ? 0 : (meters.get(meter) ?? 0);
    if (!changed) meters.set(meter, before + rest);
    line(poolPays ? shared.account : sub.account, rest, cost(price, before + rest) - cost(price, before));
  }
  const decimal = (amount: bigint): string => {
    const [whole, decimals = ''] = [amount / 10n ** 12n, (amount % 10n ** 12n).toString().padStart(12, '0')];
    return `${whole}.${decimals}`.replace(/\.?0+$/, '');
  };
  const named = [...totals].map(([payer, { quantity, amount }]) => [
    `${payer} 2026-11 data`,
    `${quantity} @ ${amount === 0n ? '0' : decimal(amount)}`,
  ]);
  return Object.fromEntries(named);
}

function messagesOf({ uses }: World) {
  return uses.map(({ id, sub, day, abroad, quantity }) => {
    const at = `2026-11-${String(day).padStart(2, '0')}T06:00:00Z`;
    return usage(id, sub.name, at, { bytes_up: quantity, plmn: abroad ? '20801' : '26201' });
  });
}

const seed = testSeed();
test(`the auditor agrees with a simulation, event by event, in any order (seed ${seed})`, async () => {
  const random = new Random(Number.parseInt(seed, 16));
  for (let trial = 0; trial < 60; trial++) {
    const world = randomWorld(random, false);
    const messages = messagesOf(world);
    const audited = totalsOf(await auditOf(world.facts, random.shuffle(messages)));
    for (let order = 0; order < 4; order++) {
      expect(simulate(world, random.shuffle([...world.uses])), `trial ${trial}`).toEqual(audited);
    }
  }
});

test(`where the order decides, the auditor agrees with it in canonical order (seed ${seed})`, async () => {
  const random = new Random(Number.parseInt(seed, 16), 1);
  let decided = 0;
  for (let trial = 0; trial < 60; trial++) {
    const world = randomWorld(random, true);
    const audited = totalsOf(await auditOf(world.facts, random.shuffle(messagesOf(world))));
    // Events of a day are at one instant, so their ids decide.
    const canonical = world.uses.toSorted((a, b) => a.day - b.day || (a.id < b.id ? -1 : 1));
    expect(simulate(world, canonical), `trial ${trial}`).toEqual(audited);
    if (JSON.stringify(simulate(world, canonical.toReversed())) !== JSON.stringify(audited)) decided++;
  }
  expect(decided).toBeGreaterThan(30);
});
