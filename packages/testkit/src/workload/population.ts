/**
 * Who uses the network: accounts, pools, subscriptions and SIMs, in a few bytes each. What does not fit in an array is a
 * function of the seed and the number of the SIM, so a million SIMs take some megabytes.
 *
 * 1. Subscription n belongs to SIM n, until a SIM is moved. SIMs of an account are adjacent.
 * 2. All accounts of a hierarchy share currency and time zone; pools are shared only inside a hierarchy.
 * 3. A subscription has at most one history of its own (`fate`): an add-on and a move exclude each other.
 */
import { hashNumbers } from '../random.ts';
import type { PlanCatalog } from './plans.ts';
import { fixedSizeFor } from './price-book.ts';

/** Digits of plans: see PlanCatalog. */
const PLAN_SINGLE = 5;
const PLAN_IOT_USE = 8;
const PLAN_MOBILITY_USE = 9;

const timeZones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Sydney', 'America/Los_Angeles'];
const POOL_MEMBERS_MAX = 2_500;

export interface Pool {
  readonly number: number;
  readonly account: number;
  readonly plan: number;
  members: number;
}

export type Fate = 'none' | 'move' | 'suspended' | 'terminated' | 'sim-moved' | 'add-on';

export interface PopulationOptions {
  readonly seed: number;
  readonly sims: number;
  readonly accounts: number;
  readonly giant: boolean;
}

export class Population {
  readonly options: PopulationOptions;
  readonly catalog: PlanCatalog;
  /** First SIM of each account, and one more. */
  readonly firstSim: Int32Array;
  readonly accountOfSim: Int32Array;
  readonly planOfSim: Int16Array;
  /** -1: none. */
  readonly poolOfSim: Int32Array;
  readonly pools: Pool[] = [];
  readonly #poolsOfAccount: number[][] = [];

  constructor(options: PopulationOptions, catalog: PlanCatalog) {
    this.options = options;
    this.catalog = catalog;
    this.firstSim = zipfStarts(options.sims, options.accounts);
    this.accountOfSim = new Int32Array(options.sims);
    this.planOfSim = new Int16Array(options.sims);
    this.poolOfSim = new Int32Array(options.sims).fill(-1);
    for (let account = 0; account < options.accounts; account++) this.#fillAccount(account);
  }

  /** SIMs of the giant pool are 0 to this - 1. */
  get giantPoolSims(): number {
    return this.pools[0]?.members ?? 1;
  }

  /** Of every ten accounts the last three are below the seventh: two children, one grandchild. */
  parent(account: number): number | null {
    const digit = account % 10;
    if (account < 10 || digit < 7) return null;
    return digit === 9 ? account - 1 : account - (digit - 6);
  }

  root(account: number): number {
    const parent = this.parent(account);
    return parent === null ? account : this.root(parent);
  }

  currency(account: number): string {
    return hashNumbers(this.options.seed, this.root(account), 1) % 3 === 0 ? 'USD' : 'EUR';
  }

  currencyOf(sim: number): string {
    return this.currency(this.accountOfSim[sim] ?? 0);
  }

  timeZone(account: number): string {
    const hash = hashNumbers(this.options.seed, this.root(account), 2);
    return hash % 4 === 0 ? (timeZones[(hash >>> 8) % timeZones.length] ?? 'UTC') : 'UTC';
  }

  isMobility(sim: number): boolean {
    const kind = this.catalog.kind(this.planOfSim[sim] ?? 0);
    return kind === 'bundle' || kind === 'mobility-use';
  }

  poolsOf(account: number): readonly number[] {
    return this.#poolsOfAccount[account] ?? [];
  }

  poolRule(pool: Pool): string {
    return this.catalog.poolRule(pool.plan, fixedSizeFor(pool.members));
  }

  hash(sim: number, purpose: number): number {
    return hashNumbers(this.options.seed, sim, purpose);
  }

  fate(sim: number): Fate {
    const draw = this.hash(sim, 10) % 1000;
    if (draw < 8) return 'move';
    if (draw < 12) return this.#mayBeSuspended(sim) ? 'suspended' : 'none';
    if (draw < 15) return 'terminated';
    if (draw < 20) return 'sim-moved';
    return draw < 120 ? 'add-on' : 'none';
  }

  /** In a pool that is prorated a change of state would only cut a stretch in two, and round twice. */
  #mayBeSuspended(sim: number): boolean {
    const pool = this.pools[this.poolOfSim[sim] ?? -1];
    return pool === undefined || !this.catalog.prorated(pool.plan);
  }

  /** Where a subscription with fate `move` goes; null where it has nowhere to go. */
  moveTarget(sim: number): { readonly plan: number; readonly pool: number } | null {
    const account = this.accountOfSim[sim] ?? 0;
    const plan = this.planOfSim[sim] ?? 0;
    const currency = this.currency(account);
    const hash = this.hash(sim, 11);
    if (this.isMobility(sim)) return { plan: this.catalog.choose(6 + (hash % 2), currency, hash >>> 3), pool: -1 };
    const others = this.poolsOf(account).filter((pool) => pool !== this.poolOfSim[sim]);
    const target = others[hash % Math.max(1, others.length)];
    if (target !== undefined && (hash >>> 8) % 2 === 0) return { plan: this.pools[target]?.plan ?? plan, pool: target };
    return { plan: this.catalog.choose(PLAN_IOT_USE, currency, hash >>> 3), pool: -1 };
  }

  /** The subscription that a SIM with fate `sim-moved` goes to: one of its account and kind, or null. */
  simMoveTarget(sim: number): number | null {
    const next = sim + 1;
    const sameAccount = next < this.options.sims && this.accountOfSim[next] === this.accountOfSim[sim];
    return sameAccount && this.isMobility(next) === this.isMobility(sim) ? next : null;
  }

  #fillAccount(account: number): void {
    const first = this.firstSim[account] ?? 0;
    const end = this.firstSim[account + 1] ?? first;
    const pools = this.#makePools(account, end - first);
    for (let sim = first; sim < end; sim++) {
      this.accountOfSim[sim] = account;
      // Large accounts have exact shares; small ones draw.
      const share = end - first >= 20 ? (sim - first + 0.5) / (end - first) : this.hash(sim, 12) / 0x1_0000_0000;
      if (share < 0.55 && pools.length > 0) this.#join(sim, pools[Math.floor((share / 0.55) * pools.length)]);
      else this.planOfSim[sim] = this.#planOutsidePools(account, sim, share);
    }
  }

  /** IoT alone: 55 % pooled, 12 % single allowance, 11 % pay-per-use; mobility: 17 % bundles, 5 % pay-per-use. */
  #planOutsidePools(account: number, sim: number, share: number): number {
    const hash = this.hash(sim, 13);
    const digit =
      share < 0.67 ? PLAN_SINGLE : share < 0.78 ? PLAN_IOT_USE : share < 0.95 ? 6 + (hash % 2) : PLAN_MOBILITY_USE;
    return this.catalog.choose(digit, this.currency(account), hash >>> 3);
  }

  #join(sim: number, pool: Pool | undefined): void {
    if (pool === undefined) return;
    pool.members++;
    this.poolOfSim[sim] = pool.number;
    // One member in three has another plan than the rest, with other prices behind the one pool.
    this.planOfSim[sim] = this.hash(sim, 17) % 3 === 0 ? this.catalog.sibling(pool.plan) : pool.plan;
  }

  /** Half of the accounts below another use the pools of their root. */
  #makePools(account: number, sims: number): Pool[] {
    const root = this.root(account);
    if (root !== account && this.hash(account, 14) % 2 === 0) {
      const shared = this.poolsOf(root).slice(0, 1);
      this.#poolsOfAccount[account] = [...shared];
      return shared.map((number) => this.pools[number]).filter((pool) => pool !== undefined);
    }
    const wanted = Math.ceil((sims * 0.55) / POOL_MEMBERS_MAX);
    const count = this.options.giant && account === 0 ? 1 : Math.max(1, wanted);
    const made = Array.from({ length: count }, (_, index) => this.#makePool(account, index));
    this.pools.push(...made);
    this.#poolsOfAccount[account] = made.map((pool) => pool.number);
    return made;
  }

  #makePool(account: number, index: number): Pool {
    const hash = hashNumbers(this.options.seed, account, 100 + index);
    const plan = this.catalog.choose(hash % 5, this.currency(account), hash >>> 3);
    return { number: this.pools.length + index, account, plan, members: 0 };
  }
}

/** SIMs of accounts by Zipf with exponent 1.1; every account has at least one. */
function zipfStarts(sims: number, accounts: number): Int32Array {
  const weights = Array.from({ length: accounts }, (_, rank) => (rank + 1) ** -1.1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const starts = new Int32Array(accounts + 1);
  let cumulated = 0;
  for (let account = 0; account < accounts; account++) {
    cumulated += weights[account] ?? 0;
    starts[account + 1] = account + 1 + Math.round((cumulated / sum) * (sims - accounts));
  }
  return starts;
}
