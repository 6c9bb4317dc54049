/**
 * SIMs whose reference data is at fault, one fault each, so that the codes of guiding and rating that come from
 * reference data occur in every workload of some size. They stand apart from the population.
 */
import type { FactJson } from '../contract.ts';
import { iccidOf } from './identities.ts';
import type { PlanCatalog } from './plans.ts';
import { isoSeconds, REFERENCE_START, WINDOW_END_MS } from './scale.ts';

export interface ExceptionalSim {
  /** Index beyond the population's. */
  readonly sim: number;
  readonly code: string;
  readonly service: string;
  readonly facts: readonly FactJson[];
}

const accounts = {
  open: { account: 'acct-x-open', status: 'open', currency: 'EUR' },
  blocked: { account: 'acct-x-blocked', status: 'blocked', currency: 'EUR' },
  pounds: { account: 'acct-x-pounds', status: 'open', currency: 'GBP' },
} as const;

const latePool = 'pool-x-later';

/** Facts that the exceptional SIMs share: to be published before any subscription. */
export function exceptionalAccounts(): readonly FactJson[] {
  return Object.values(accounts).map((entry) => ({
    kind: 'account',
    id: `account/${entry.account}`,
    parent: null,
    timeZone: 'UTC',
    validFrom: REFERENCE_START,
    ...entry,
  }));
}

/** A pool that does not hold yet when it is used. */
export function exceptionalPools(catalog: PlanCatalog): readonly FactJson[] {
  const validFrom = isoSeconds(WINDOW_END_MS + 365 * 86_400_000);
  const rule = catalog.poolRule(0, 0);
  return [{ kind: 'pool', id: `pool/${latePool}`, pool: latePool, account: accounts.open.account, rule, validFrom }];
}

/** @param firstSim index of the first, behind those of the population */
export function exceptionalSims(catalog: PlanCatalog, firstSim: number): readonly ExceptionalSim[] {
  const iot = catalog.name(catalog.choose(8, 'EUR', 0));
  const stacked = catalog.name(0);
  const open = accounts.open.account;
  const rows: readonly [string, string, Partial<Record<'account' | 'plan' | 'pool' | 'simState' | 'none', string>>][] =
    [
      ['SIM_NOT_ACTIVE', 'data', { simState: 'retired' }],
      ['SUBSCRIPTION_NOT_FOUND', 'data', { none: 'yes' }],
      ['ACCOUNT_BLOCKED', 'data', { account: accounts.blocked.account }],
      ['POOL_NOT_FOUND', 'data', { plan: stacked, pool: latePool }],
      ['PLAN_NOT_EFFECTIVE', 'data', { plan: 'plan-never' }],
      ['CURRENCY_MISMATCH', 'data', { account: accounts.pounds.account }],
      ['PRICE_NOT_FOUND', 'voice', {}],
      ['SERVICE_UNRESOLVED', 'satellite', {}],
    ];
  return rows.map(([code, service, row], index) => {
    const sim = firstSim + index;
    const subscription = `sub-x-${code.toLowerCase()}`;
    const common = { validFrom: REFERENCE_START };
    const facts: FactJson[] = [];
    if (row.none === undefined) {
      const { account = open, plan = iot, pool = null } = row;
      const id = `subscription/${subscription}`;
      facts.push({ kind: 'subscription', id, subscription, account, plan, pool, state: 'active', ...common });
    }
    const state = row.simState ?? 'active';
    const iccid = iccidOf(sim);
    facts.push({
      kind: 'sim',
      id: `sim/${iccid}`,
      sim: iccid,
      imsi: null,
      msisdn: null,
      subscription,
      state,
      ...common,
    });
    return { sim, code, service, facts };
  });
}
