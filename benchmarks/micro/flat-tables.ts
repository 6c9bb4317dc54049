/**
 * The tables of the flatness benchmark. In each one size grows over four orders of magnitude; the events (their number, who
 * they are of, their quantities) and the subscriptions that are used stay the same.
 */
import {
  type FlatCase,
  type FlatTable,
  type FlatUse,
  type FlatUser,
  factsOf,
  grantFact,
  subscriptionFact,
  userOf,
} from './flat-case.ts';
import {
  BY_CYCLE,
  BY_EVENT,
  BY_POOL,
  bookOf,
  evenTiers,
  graduatedAmount,
  type PriceTier,
  tieredPrice,
  volumeAmount,
} from './flat-prices.ts';

export interface TableScale {
  /** Orders of magnitude from the smallest to the largest case. */
  readonly orders: number;
  /** Events that a user has over all rounds, about. */
  readonly eventsPerUser: number;
}

/** Subscriptions that are used. */
const USERS = 2_000;
/** Those that have many grants of their own. */
const GRANT_USERS = 100;
/** Pools of which one member is used. */
const IDLE_POOLS = 10;
const MEGABYTE = 1_000_000;
const PLAIN: readonly PriceTier[] = [
  { upTo: MEGABYTE, price: 4000 },
  { upTo: 1000 * MEGABYTE, price: 3000 },
  { upTo: undefined, price: 2000 },
];
const NEVER_EMPTY = 2 ** 50;

export function flatTables(scale: TableScale): FlatTable[] {
  const { orders } = scale;
  const sizes = (from: number, most: number): number[] =>
    Array.from({ length: Math.min(orders, most) + 1 }, (_, order) => from * 10 ** order);
  const table = (
    name: FlatTable['name'],
    title: string,
    of: readonly number[],
    make: (size: number) => FlatCase,
  ): FlatTable => ({
    name,
    title,
    cases: of.map((size) => ({ size, label: size.toLocaleString('en'), make: () => make(size) })),
  });
  const fromNone = [0, ...sizes(1, 4)];
  return [
    table('control', 'Control: nothing differs from case to case', [1, 2, 3, 4], () => plain()),
    table(
      'eventSize',
      'Octets of an event; half of them covered, half priced in blocks of 1 kB',
      sizes(1000, 7),
      eventSize,
    ),
    table('tiersPassed', 'Tiers that every event passes (graduated, of an event)', sizes(1, 4), tiersPassed),
    table('tiersGraduated', 'Tiers of the price (graduated, of a cycle)', sizes(1, 4), (size) =>
      tiersOfCycle('graduated', size, scale),
    ),
    table('tiersVolume', 'Tiers of the price (volume, of a cycle)', sizes(1, 4), (size) =>
      tiersOfCycle('volume', size, scale),
    ),
    table(
      'poolMembers',
      `Members of a pool; ${USERS} users in ${USERS} pools of one to 2 pools of all; half never end, half are over`,
      sizes(1, 5),
      poolMembers,
    ),
    table('poolIdleMembers', `Members of a pool of which one uses (${IDLE_POOLS} pools)`, sizes(1, 4), poolIdleMembers),
    table('bookSize', 'Plans of the book, 10 prices each; one plan is used', sizes(1, 4), (size) => bookSize(size, 1)),
    table('bookSpread', `Plans of the book, 10 prices each; up to ${USERS} are used`, sizes(1, 4), (size) =>
      bookSize(size, size),
    ),
    table('bucketsOfPlan', "Allowances of the user's plan for other zones", fromNone, bucketsOfPlan),
    table('grantsOfOthers', 'Top-ups of other subscriptions', [0, ...sizes(1, 5)], grantsOfOthers),
    table(
      'grantsOfOwn',
      `Top-ups of the subscription itself for another zone (${GRANT_USERS} users)`,
      [0, ...sizes(1, 3)],
      grantsOfOwn,
    ),
  ];
}

function usersOf(count: number, user: (number: number) => FlatUser): FlatUser[] {
  return Array.from({ length: count }, (_, number) => user(number));
}

/** What each user owes by itself, added up. */
function sumOf(use: readonly FlatUse[], amount: (quantity: number, user: number) => bigint): bigint {
  return use.reduce((sum, { quantity }, user) => sum + amount(quantity, user), 0n);
}

function plain(): FlatCase {
  const users = usersOf(USERS, (number) => userOf(number, 'plain', MEGABYTE));
  const book = bookOf({ plain: { prices: [tieredPrice('graduated', PLAIN, BY_CYCLE)] } });
  return { book, facts: factsOf(users), users, owed: (use) => sumOf(use, (used) => graduatedAmount(PLAIN, used)) };
}

function eventSize(octets: number): FlatCase {
  const users = usersOf(USERS, (number) => userOf(number, isOdd(number) ? 'priced' : 'covered', octets));
  const prices = [tieredPrice('graduated', PLAIN, BY_CYCLE, { increment: 1000 })];
  const allowances = [{ id: 'all', service: 'data', quantity: NEVER_EMPTY, step: 1000, priority: 1 }];
  const book = bookOf({ priced: { prices }, covered: { allowances, prices } });
  const billed = (used: number): number => Math.ceil(used / 1000) * 1000;
  const owed = (used: number, user: number): bigint => (isOdd(user) ? graduatedAmount(PLAIN, billed(used)) : 0n);
  return { book, facts: factsOf(users), users, owed: (use) => sumOf(use, owed) };
}

function tiersPassed(count: number): FlatCase {
  const users = usersOf(USERS, (number) => userOf(number, 'plan', MEGABYTE));
  // All bounds lie below the smallest event, so each event is all tiers but the last, and what is left in the last.
  const tiers = evenTiers(count, MEGABYTE);
  const bound = tiers.at(-2)?.upTo ?? 0;
  const passed = graduatedAmount(tiers, bound);
  const last = BigInt(tiers.at(-1)?.price ?? 0);
  const owed = (use: readonly FlatUse[]): bigint =>
    use.reduce(
      (sum, { events, quantity }) => sum + BigInt(events) * passed + BigInt(quantity - events * bound) * last,
      0n,
    );
  const book = bookOf({ plan: { prices: [tieredPrice('graduated', tiers, BY_EVENT)] } });
  return { book, facts: factsOf(users), users, owed };
}

function tiersOfCycle(model: 'graduated' | 'volume', count: number, { eventsPerUser }: TableScale): FlatCase {
  // Users of many speeds, so that their meters are in different tiers.
  const users = usersOf(USERS, (number) => userOf(number, 'plan', MEGABYTE * (1 + (number % 16) / 8)));
  const tiers = evenTiers(count, 2 * eventsPerUser * MEGABYTE);
  const owed = model === 'graduated' ? graduatedAmount : volumeAmount;
  const book = bookOf({ plan: { prices: [tieredPrice(model, tiers, BY_CYCLE)] } });
  return { book, facts: factsOf(users), users, owed: (use) => sumOf(use, (used) => owed(tiers, used)) };
}

/** Octets of a pool that never ends, however many members share in it. */
const POOL_NEVER_EMPTY = 2 ** 43;

/** Users and idle members are in the pools by turns; every second pool is soon over. */
function poolCase(users: readonly FlatUser[], pools: number, idle: number): FlatCase {
  const rule = { kind: 'stacked', service: 'data', priority: 1 };
  const facts = factsOf(users);
  for (let number = 0; number < idle; number += 1) {
    facts.push(subscriptionFact(`idle-${number}`, planOfPool(number % pools), `pool-${number % pools}`));
  }
  // Every member of a pool that is soon over adds one octet to it.
  const size = (users.length + idle) / pools;
  const prices = [tieredPrice('graduated', PLAIN, BY_POOL)];
  const full = { contributes: { full: Math.floor(POOL_NEVER_EMPTY / size) }, prices };
  const over = { contributes: { over: 1 }, prices };
  const owed = (use: readonly FlatUse[]): bigint => {
    const used = new Map<string, number>();
    users.forEach(({ profile: { pool, plan } }, user) => {
      if (plan === 'over') used.set(pool, (used.get(pool) ?? 0) + (use[user]?.quantity ?? 0));
    });
    let amount = 0n;
    for (const quantity of used.values()) amount += graduatedAmount(PLAIN, Math.max(0, quantity - size));
    return amount;
  };
  return { book: bookOf({ full, over }, { pools: { full: rule, over: rule } }), facts, users, owed };
}

function planOfPool(pool: number): 'over' | 'full' {
  return isOdd(pool) ? 'over' : 'full';
}

function pooledUser(number: number, pool: number): FlatUser {
  const plan = planOfPool(pool);
  return userOf(number, plan, MEGABYTE, { pool: `pool-${pool}`, poolRule: plan });
}

/** The users fill as many pools as they can, at least two; idle members fill the rest. */
function poolMembers(size: number): FlatCase {
  const count = Math.max(2, USERS / size);
  const users = usersOf(USERS, (number) => pooledUser(number, number % count));
  return poolCase(users, count, Math.max(0, size * count - USERS));
}

function poolIdleMembers(size: number): FlatCase {
  const users = usersOf(IDLE_POOLS, (number) => pooledUser(number, number));
  return poolCase(users, IDLE_POOLS, (size - 1) * IDLE_POOLS);
}

const ZONES = 10;

function bookSize(plans: number, usedPlans: number): FlatCase {
  const zones: Record<string, object> = {};
  for (let zone = 0; zone < ZONES; zone += 1) zones[`zone-${zone}`] = { networks: [networkOf(zone)] };
  const book: Record<string, object> = {};
  for (let plan = 0; plan < plans; plan += 1) {
    book[`plan-${plan}`] = {
      prices: Object.keys(zones).map((zone, index) =>
        tieredPrice('graduated', zonePrice(plan, index), BY_CYCLE, { id: zone, zones: [zone] }),
      ),
    };
  }
  // Where one plan is used it is the one in the middle.
  const planOf = (user: number): number => (usedPlans === 1 ? plans >> 1 : user % usedPlans);
  const users = usersOf(USERS, (number) =>
    userOf(number, `plan-${planOf(number)}`, MEGABYTE, { plmn: networkOf(number % ZONES) }),
  );
  const owed = (used: number, user: number): bigint => graduatedAmount(zonePrice(planOf(user), user % ZONES), used);
  // `home` would be a zone without a price.
  return { book: { ...bookOf(book), zones }, facts: factsOf(users), users, owed: (use) => sumOf(use, owed) };
}

function networkOf(zone: number): string {
  return `2620${zone}`;
}

function zonePrice(plan: number, zone: number): PriceTier[] {
  const price = 1000 + ((plan * 13 + zone) % 100);
  return [
    { upTo: 100 * MEGABYTE, price: price + 100 },
    { upTo: undefined, price },
  ];
}

function bucketsOfPlan(count: number): FlatCase {
  const zones: Record<string, object> = {};
  const others: object[] = [];
  for (let number = 0; number < count; number += 1) {
    zones[`abroad-${number}`] = { networks: [String(300_000 + number)] };
    others.push({ id: `abroad-${number}`, service: 'data', zones: [`abroad-${number}`], quantity: 1000, priority: 1 });
  }
  const home = { id: 'home', service: 'data', zones: ['home'], quantity: NEVER_EMPTY, priority: 1 };
  const prices = [tieredPrice('graduated', PLAIN, BY_CYCLE)];
  const book = bookOf(
    { covered: { allowances: [...others, home], prices }, priced: { allowances: others, prices } },
    { zones },
  );
  const users = usersOf(USERS, (number) => userOf(number, isOdd(number) ? 'priced' : 'covered', MEGABYTE));
  const owed = (used: number, user: number): bigint => (isOdd(user) ? graduatedAmount(PLAIN, used) : 0n);
  return { book, facts: factsOf(users), users, owed: (use) => sumOf(use, owed) };
}

/** Add-on `abroad`, which covers nothing at home. */
function topUpBook(): object {
  const addOns = { abroad: { service: 'data', zones: ['abroad'], quantity: 1000, priority: 1 } };
  const zones = { abroad: { networks: ['20801'] } };
  return bookOf({ plan: { prices: [tieredPrice('graduated', PLAIN, BY_CYCLE)] } }, { zones, addOns });
}

function grantsOfOthers(count: number): FlatCase {
  const users = usersOf(USERS, (number) => userOf(number, 'plan', MEGABYTE));
  const facts = factsOf(users);
  for (let number = 0; number < count; number += 1) facts.push(grantFact(number, `other-${number}`));
  return { book: topUpBook(), facts, users, owed: (use) => sumOf(use, (used) => graduatedAmount(PLAIN, used)) };
}

function grantsOfOwn(count: number): FlatCase {
  const users = usersOf(GRANT_USERS, (number) => userOf(number, 'plan', MEGABYTE));
  const facts = factsOf(users);
  for (let number = 0; number < count * GRANT_USERS; number += 1) {
    facts.push(grantFact(number, users[number % GRANT_USERS]?.profile.subscription ?? ''));
  }
  return { book: topUpBook(), facts, users, owed: (use) => sumOf(use, (used) => graduatedAmount(PLAIN, used)) };
}

function isOdd(number: number): boolean {
  return number % 2 === 1;
}
