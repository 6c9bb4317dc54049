/**
 * The reference data of a workload as facts, in the order in which they refer to each other: price book, accounts
 * (parents first), pools, subscriptions, SIMs, top-ups. Generated as they are taken; nothing is kept.
 */
import type { FactBatch, FactJson } from '../contract.ts';
import { exceptionalAccounts, exceptionalPools, exceptionalSims } from './exceptions.ts';
import { accountName, iccidOf, imsiOf, msisdnOf, poolName, subscriptionName } from './identities.ts';
import type { Population } from './population.ts';
import { isoSeconds, REFERENCE_START, WINDOW_DAYS, WINDOW_START_MS } from './scale.ts';

/** Facts of one message: about 200 KB. */
const BATCH_FACTS = 1_000;

export function* factBatches(population: Population, book: unknown): Generator<FactBatch> {
  yield batchOf([{ kind: 'priceBook', id: 'priceBook/reference/1', book }]);
  yield* batches(accountFacts(population));
  yield* batches(poolFacts(population));
  yield* batches(subscriptionFacts(population));
  yield* batches(simFacts(population));
  yield* batches(topUpFacts(population));
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
    const next = nextSubscriptionState(population, sim, plan, pool);
    if (next === null) continue;
    const validFrom = isoSeconds(fateTime(population, sim));
    const later = subscriptionFact(population, sim, next);
    yield { kind: 'subscription', id: `subscription/${subscription}/2`, subscription, ...later, validFrom };
  }
  for (const sim of exceptionalSims(population.catalog, population.options.sims)) {
    yield* sim.facts.filter((fact) => fact.kind === 'subscription');
  }
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
    const common = { sim: iccid, imsi: imsiOf(sim), msisdn: msisdnOf(sim) };
    const subscription = subscriptionName(sim);
    yield { kind: 'sim', id: `sim/${iccid}`, ...common, subscription, state: 'active', validFrom: REFERENCE_START };
    const fate = population.fate(sim);
    const target = fate === 'sim-moved' ? population.simMoveTarget(sim) : null;
    const validFrom = isoSeconds(fateTime(population, sim));
    const id = `sim/${iccid}/2`;
    if (target !== null) {
      yield { kind: 'sim', id, ...common, subscription: subscriptionName(target), state: 'active', validFrom };
    } else if (fate === 'suspended' || fate === 'terminated') {
      yield { kind: 'sim', id, ...common, subscription, state: fate, validFrom };
    }
  }
  for (const sim of exceptionalSims(population.catalog, population.options.sims)) {
    yield* sim.facts.filter((fact) => fact.kind === 'sim');
  }
}

/** Validity lies inside one cycle in any time zone of the workload. */
const validities = [
  ['2026-10-22T00:00:00Z', '2026-10-30T00:00:00Z'],
  ['2026-11-03T00:00:00Z', '2026-11-17T12:00:00Z'],
  ['2026-11-06T06:30:00Z', '2026-11-12T00:00:00Z'],
] as const;

function* topUpFacts(population: Population): Generator<FactJson> {
  for (let sim = 0; sim < population.options.sims; sim++) {
    if (population.fate(sim) !== 'add-on') continue;
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
