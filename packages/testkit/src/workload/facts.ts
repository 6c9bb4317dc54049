/**
 * The reference data of a workload as facts, in the order in which they refer to each other: price book, accounts
 * (parents first), pools, subscriptions, SIMs, top-ups. Generated as they are taken; nothing is kept.
 *
 * Some changes become known late, after part of the events: half of the moves of subscriptions and SIMs, and of top-ups.
 * None of them decides whether an event is rated, only what it costs.
 */
import type { FactBatch, FactJson, FactPart } from '../contract.ts';
import { exceptionalAccounts, exceptionalPools, exceptionalSims } from './exceptions.ts';
import { accountName, iccidOf, imsiOf, msisdnOf, poolName, subscriptionName } from './identities.ts';
import type { Population } from './population.ts';
import { isoSeconds, REFERENCE_START, WINDOW_DAYS, WINDOW_START_MS } from './scale.ts';

/** Facts of one message: about 200 KB. */
const BATCH_FACTS = 1_000;

export function* factBatches(population: Population, book: () => unknown, part: FactPart): Generator<FactBatch> {
  if (part !== 'later') {
    yield batchOf([{ kind: 'priceBook', id: 'priceBook/reference/1', book: book() }]);
    yield* batches(accountFacts(population));
    yield* batches(poolFacts(population));
    yield* batches(subscriptionFacts(population));
    yield* batches(simFacts(population));
    yield* batches(topUpFacts(population, false));
  }
  if (part !== 'first') yield* batches(laterFacts(population));
}

function* laterFacts(population: Population): Generator<FactJson> {
  for (let sim = 0; sim < population.options.sims; sim++) {
    if (!isLater(population, sim)) continue;
    const fate = population.fate(sim);
    if (fate === 'move') yield* subscriptionChange(population, sim);
    if (fate === 'sim-moved') yield* simChange(population, sim);
  }
  yield* topUpFacts(population, true);
}

/** Whether what happens to a subscription or its SIM becomes known late. */
function isLater(population: Population, sim: number): boolean {
  const fate = population.fate(sim);
  if (fate !== 'move' && fate !== 'sim-moved' && fate !== 'add-on') return false;
  return population.hash(sim, 18) % 2 === 0;
}

function* batches(facts: Iterable<FactJson>): Generator<FactBatch> {
  let batch: FactJson[] = [];
  for (const fact of facts) {
    if (batch.push(fact) < BATCH_FACTS) continue;
    yield batchOf(batch);
    batch = [];
  }
  if (batch.length > 0) yield batchOf(batch);
}

/** The text is made when it is asked for: the auditor never does. */
function batchOf(facts: readonly FactJson[]): FactBatch {
  return {
    facts,
    get json() {
      return JSON.stringify(facts);
    },
  };
}

function* accountFacts(population: Population): Generator<FactJson> {
  for (let index = 0; index < population.options.accounts; index++) {
    const account = accountName(index);
    const parent = population.parent(index);
    yield {
      kind: 'account',
      id: `account/${account}`,
      account,
      parent: parent === null ? null : accountName(parent),
      currency: population.currency(index),
      timeZone: population.timeZone(index),
      status: 'open',
      validFrom: REFERENCE_START,
    };
  }
  yield* exceptionalAccounts();
}

function* poolFacts(population: Population): Generator<FactJson> {
  for (const entry of population.pools) {
    const pool = poolName(entry.number);
    const account = accountName(entry.account);
    const rule = population.poolRule(entry);
    yield { kind: 'pool', id: `pool/${pool}`, pool, account, rule, validFrom: REFERENCE_START };
  }
  yield* exceptionalPools(population.catalog);
}

function* subscriptionFacts(population: Population): Generator<FactJson> {
  for (let sim = 0; sim < population.options.sims; sim++) {
    const subscription = subscriptionName(sim);
    const plan = population.planOfSim[sim] ?? 0;
    const pool = population.poolOfSim[sim] ?? -1;
    const first = subscriptionFact(population, sim, { plan, pool, state: 'active' });
    yield {
      kind: 'subscription',
      id: `subscription/${subscription}`,
      subscription,
      ...first,
      validFrom: REFERENCE_START,
    };
    if (!isLater(population, sim)) yield* subscriptionChange(population, sim);
  }
  for (const sim of exceptionalSims(population.catalog, population.options.sims)) {
    yield* sim.facts.filter((fact) => fact.kind === 'subscription');
  }
}

function* subscriptionChange(population: Population, sim: number): Generator<FactJson> {
  const plan = population.planOfSim[sim] ?? 0;
  const pool = population.poolOfSim[sim] ?? -1;
  const next = nextSubscriptionState(population, sim, plan, pool);
  if (next === null) return;
  const subscription = subscriptionName(sim);
  const validFrom = isoSeconds(fateTime(population, sim));
  const state = subscriptionFact(population, sim, next);
  yield { kind: 'subscription', id: `subscription/${subscription}/2`, subscription, ...state, validFrom };
}

interface SubscriptionState {
  readonly plan: number;
  readonly pool: number;
  readonly state: string;
}

function subscriptionFact(population: Population, sim: number, { plan, pool, state }: SubscriptionState) {
  return {
    account: accountName(population.accountOfSim[sim] ?? 0),
    plan: population.catalog.name(plan),
    pool: pool < 0 ? null : poolName(pool),
    state,
  };
}

function nextSubscriptionState(
  population: Population,
  sim: number,
  plan: number,
  pool: number,
): SubscriptionState | null {
  const fate = population.fate(sim);
  if (fate === 'suspended' || fate === 'terminated') return { plan, pool, state: fate };
  const target = fate === 'move' ? population.moveTarget(sim) : null;
  return target === null ? null : { ...target, state: 'active' };
}

/** A whole second inside the window. */
function fateTime(population: Population, sim: number): number {
  return WINDOW_START_MS + (population.hash(sim, 15) % (WINDOW_DAYS * 86_400)) * 1000;
}

function* simFacts(population: Population): Generator<FactJson> {
  for (let sim = 0; sim < population.options.sims; sim++) {
    const iccid = iccidOf(sim);
    const subscription = subscriptionName(sim);
    const first = { ...identitiesOf(sim), subscription, state: 'active', validFrom: REFERENCE_START };
    yield { kind: 'sim', id: `sim/${iccid}`, ...first };
    if (!isLater(population, sim)) yield* simChange(population, sim);
  }
  for (const sim of exceptionalSims(population.catalog, population.options.sims)) {
    yield* sim.facts.filter((fact) => fact.kind === 'sim');
  }
}

function* simChange(population: Population, sim: number): Generator<FactJson> {
  const fate = population.fate(sim);
  const target = fate === 'sim-moved' ? population.simMoveTarget(sim) : null;
  const validFrom = isoSeconds(fateTime(population, sim));
  const id = `sim/${iccidOf(sim)}/2`;
  const common = identitiesOf(sim);
  if (target !== null) {
    yield { kind: 'sim', id, ...common, subscription: subscriptionName(target), state: 'active', validFrom };
  } else if (fate === 'suspended' || fate === 'terminated') {
    yield { kind: 'sim', id, ...common, subscription: subscriptionName(sim), state: fate, validFrom };
  }
}

function identitiesOf(sim: number) {
  return { sim: iccidOf(sim), imsi: imsiOf(sim), msisdn: msisdnOf(sim) };
}

/** Validity lies inside one cycle in any time zone of the workload. */
const validities = [
  ['2026-10-22T00:00:00Z', '2026-10-30T00:00:00Z'],
  ['2026-11-03T00:00:00Z', '2026-11-17T12:00:00Z'],
  ['2026-11-06T06:30:00Z', '2026-11-12T00:00:00Z'],
] as const;

function* topUpFacts(population: Population, later: boolean): Generator<FactJson> {
  for (let sim = 0; sim < population.options.sims; sim++) {
    if (population.fate(sim) !== 'add-on' || isLater(population, sim) !== later) continue;
    const hash = population.hash(sim, 16);
    const [validFrom, validTo] = validities[hash % validities.length] ?? validities[0];
    const footprint = population.catalog.footprint(population.planOfSim[sim] ?? 0);
    const addOn = `extra-${footprint}-${(hash >>> 8) % 2 === 0 ? 'small' : 'large'}`;
    const grant = `grant-${String(sim).padStart(7, '0')}`;
    yield {
      kind: 'topUp',
      id: `topUp/${grant}`,
      grant,
      subscription: subscriptionName(sim),
      addOn,
      validFrom,
      validTo,
    };
  }
}
