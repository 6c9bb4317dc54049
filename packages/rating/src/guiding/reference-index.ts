/**
 * The reference log as an index: look-ups "as known at X, valid at the event's time", and nothing else (design: plans).
 *
 * 1. Facts are applied in log order; what is refused or repeated depends on the log alone, so every reader agrees.
 * 2. A refused fact changes nothing and is kept in `refusals`, with the reason in words.
 * 3. Roots never change: a fact that would move a meter or a bucket to another rating key is refused.
 * 4. Nothing here reads a clock; `x` and `time` are given.
 */
import type { Profile } from '../contract.ts';
import type {
  AccountFact,
  LifecycleState,
  PoolFact,
  ReferenceFact,
  SimFact,
  SubscriptionFact,
  TopUpFact,
} from '../facts.ts';
import { parseFact } from '../parse-fact.ts';
import { validatePriceBook } from '../price-book/index.ts';
import { parseTimeMicros } from '../time.ts';
import { type Dated, entryAt, insertDated } from './timeline.ts';

interface AccountEntry extends Dated {
  readonly currency: string;
  readonly timeZone: string;
  readonly open: boolean;
}
export interface Account {
  readonly account: string;
  readonly parent: string | null;
  readonly root: string;
  readonly entries: AccountEntry[];
}
interface PoolEntry extends Dated {
  readonly account: Account;
  readonly rule: string;
}
interface Pool {
  readonly pool: string;
  readonly root: string;
  readonly entries: PoolEntry[];
}
interface SubscriptionEntry extends Dated {
  readonly account: Account;
  readonly plan: string;
  readonly pool: Pool | null;
}
interface Subscription {
  readonly subscription: string;
  readonly root: string;
  readonly entries: SubscriptionEntry[];
}
interface SimEntry extends Dated {
  readonly imsi: string | null;
  readonly msisdn: string | null;
  readonly subscription: string;
  readonly state: LifecycleState;
  /** What the last look-up found, so that the same combination gives the same Profile object. */
  resolved: ResolvedProfile | null;
}
interface Sim {
  readonly sim: string;
  readonly entries: SimEntry[];
}
interface ResolvedProfile {
  readonly subscription: SubscriptionEntry;
  readonly account: AccountEntry;
  readonly pool: PoolEntry | null;
  readonly profile: Profile;
}

export interface Refusal {
  readonly position: number;
  /** Index in the message's array. */
  readonly index: number;
  readonly id: string;
  readonly reason: string;
}

export type GuidingCode =
  | 'SIM_UNKNOWN'
  | 'SIM_NOT_ACTIVE'
  | 'SUBSCRIPTION_NOT_FOUND'
  | 'ACCOUNT_BLOCKED'
  | 'POOL_NOT_FOUND';

export type Resolution = Profile | { readonly code: GuidingCode; readonly detail: string };

export function isProfile(resolution: Resolution): resolution is Profile {
  return !('code' in resolution);
}

/** Which guided partitions a fact is sent to. */
export type Concern =
  | { readonly to: 'none' }
  | { readonly to: 'all' }
  | { readonly to: 'key'; readonly ratingKey: string };

type FactStatus = 'applied' | 'refused' | 'repeated';

export class ReferenceIndex {
  /** Next offset of the reference log to apply. */
  private nextOffset = 0;
  private readonly ids = new Set<string>();
  private readonly accounts = new Map<string, Account>();
  private readonly pools = new Map<string, Pool>();
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly simsByIccid = new Map<string, Sim>();
  private readonly simsByImsi = new Map<string, Sim[]>();
  private readonly simsByMsisdn = new Map<string, Sim[]>();
  private readonly schemas = new Map<number, { readonly position: number; readonly schema: string }>();
  private readonly rawPartitions = new Map<number, number>();
  private generation: { readonly position: number; readonly generation: number; readonly count: number } | null = null;
  private lastControl = -1;
  private readonly exceptions = new Map<string, FactStatus>();
  readonly refusals: Refusal[] = [];

  /** Next offset of the reference log that this index has not applied. */
  get end(): number {
    return this.nextOffset;
  }

  /** Whether a fact with this id was applied. */
  has(id: string): boolean {
    return this.ids.has(id);
  }

  /** Counts for metrics. */
  get size(): {
    readonly accounts: number;
    readonly subscriptions: number;
    readonly sims: number;
    readonly facts: number;
  } {
    return {
      accounts: this.accounts.size,
      subscriptions: this.subscriptions.size,
      sims: this.simsByIccid.size,
      facts: this.ids.size,
    };
  }

  /**
   * Applies one message of the reference log: a JSON array of facts. Offsets must rise; holes are allowed.
   * @returns the facts refused by this message
   */
  applyMessage(position: number, text: string): readonly Refusal[] {
    if (position < this.nextOffset)
      throw new Error(`reference log applied out of order: ${position} < ${this.nextOffset}`);
    const before = this.refusals.length;
    const parsed = parseFacts(text);
    if ('problem' in parsed) this.refuse(position, -1, '', parsed.problem);
    else {
      parsed.values.forEach((value, index) => {
        this.applyValue(position, index, value);
      });
    }
    this.nextOffset = position + 1;
    return this.refusals.slice(before);
  }

  /** The applied facts of a message, for guiding them: neither refused nor repeated ones. */
  factsOf(position: number, text: string): readonly ReferenceFact[] {
    const parsed = parseFacts(text);
    if ('problem' in parsed) return [];
    const facts: ReferenceFact[] = [];
    parsed.values.forEach((value, index) => {
      if (this.exceptions.has(`${position}/${index}`)) return;
      const result = parseFact(value);
      if ('fact' in result) facts.push(result.fact);
    });
    return facts;
  }

  /** Whom an applied fact concerns. SIMs concern only guiding itself. */
  concern(fact: ReferenceFact): Concern {
    switch (fact.kind) {
      case 'account':
        return this.keyOf(this.accounts.get(fact.account)?.root);
      case 'pool':
        return this.keyOf(this.pools.get(fact.pool)?.root);
      case 'subscription':
      case 'topUp':
        return this.keyOf(this.subscriptions.get(fact.subscription)?.root);
      case 'sim':
      case 'schema':
        return { to: 'none' };
      case 'priceBook':
      case 'rawPartition':
      case 'guidedPartitions':
      case 'foldVersion':
      case 'periodClosed':
        return { to: 'all' };
      default:
        return fact satisfies never;
    }
  }

  /** The writer schema with this id, as known at x. */
  schema(schemaId: number, x: number): string | undefined {
    const entry = this.schemas.get(schemaId);
    return entry !== undefined && entry.position < x ? entry.schema : undefined;
  }

  hasSchema(schemaId: number): boolean {
    return this.schemas.has(schemaId);
  }

  /** Position of the fact that declares a raw partition, or undefined. */
  rawPartition(partition: number): number | undefined {
    return this.rawPartitions.get(partition);
  }

  /** Generation and count of guided partitions as known at x. */
  guidedPartitions(x: number): { readonly generation: number; readonly count: number } | null {
    return this.generation !== null && this.generation.position < x ? this.generation : null;
  }

  /** Position of the last fact that every raw partition must pass even when idle (a close, a partition), or -1. */
  get lastControlPosition(): number {
    return this.lastControl;
  }

  /**
   * Who an event belongs to, valid at `time` as known at `x`. The first identity present decides, in the order ICCID,
   * IMSI, MSISDN.
   */
  resolve(iccid: string | null, imsi: string | null, msisdn: string | null, time: number, x: number): Resolution {
    const found = this.simAt(iccid, imsi, msisdn, time, x);
    if ('code' in found) return found;
    const { sim, entry } = found;
    if (entry.state === 'retired') {
      return { code: 'SIM_NOT_ACTIVE', detail: `SIM ${sim.sim} is retired at the event's time` };
    }
    const subscription = this.subscriptions.get(entry.subscription);
    const inForce = subscription === undefined ? undefined : entryAt(subscription.entries, time, x);
    if (subscription === undefined || inForce === undefined) {
      const detail = `SIM ${sim.sim} names subscription ${entry.subscription}, which does not exist at the event's time`;
      return { code: 'SUBSCRIPTION_NOT_FOUND', detail };
    }
    return this.profileOf(sim, entry, subscription, inForce, time, x);
  }

  private profileOf(
    sim: Sim,
    simEntry: SimEntry,
    subscription: Subscription,
    inForce: SubscriptionEntry,
    time: number,
    x: number,
  ): Resolution {
    const account = entryAt(inForce.account.entries, time, x);
    if (account === undefined || !account.open) {
      const state = account === undefined ? 'not yet open' : 'blocked';
      return { code: 'ACCOUNT_BLOCKED', detail: `account ${inForce.account.account} is ${state} at the event's time` };
    }
    const pool = inForce.pool === null ? null : entryAt(inForce.pool.entries, time, x);
    if (pool === undefined) {
      const detail = `pool ${inForce.pool?.pool} does not exist at the event's time`;
      return { code: 'POOL_NOT_FOUND', detail };
    }
    const cached = simEntry.resolved;
    if (cached !== null && cached.subscription === inForce && cached.account === account && cached.pool === pool) {
      return cached.profile;
    }
    const profile: Profile = {
      usageAccount: inForce.account.account,
      subscription: subscription.subscription,
      sim: sim.sim,
      plan: inForce.plan,
      pool: inForce.pool?.pool ?? '',
      poolAccount: pool?.account.account ?? '',
      poolRule: pool?.rule ?? '',
      ratingKey: subscription.root,
      currency: account.currency,
      timeZone: account.timeZone,
      simState: simEntry.state,
    };
    simEntry.resolved = { subscription: inForce, account, pool, profile };
    return profile;
  }

  private simAt(
    iccid: string | null,
    imsi: string | null,
    msisdn: string | null,
    time: number,
    x: number,
  ): { readonly sim: Sim; readonly entry: SimEntry } | { readonly code: GuidingCode; readonly detail: string } {
    if (iccid !== null) {
      const sim = this.simsByIccid.get(iccid);
      if (sim === undefined || sim.entries.every((entry) => entry.position >= x)) return unknownSim('ICCID', iccid);
      const entry = entryAt(sim.entries, time, x);
      return entry === undefined ? notYetActive('ICCID', iccid) : { sim, entry };
    }
    const [name, identity, sims] =
      imsi !== null
        ? (['IMSI', imsi, this.simsByImsi.get(imsi)] as const)
        : (['MSISDN', msisdn ?? '', this.simsByMsisdn.get(msisdn ?? '')] as const);
    let known = false;
    for (const sim of sims ?? []) {
      const entry = entryAt(sim.entries, time, x);
      if (entry !== undefined && (imsi !== null ? entry.imsi === imsi : entry.msisdn === identity))
        return { sim, entry };
      known ||= sim.entries.some((other) => other.position < x);
    }
    return known ? notYetActive(name, identity) : unknownSim(name, identity);
  }

  private applyValue(position: number, index: number, value: unknown): void {
    const parsed = parseFact(value);
    if ('problem' in parsed) {
      this.refuse(position, index, idOf(value), parsed.problem);
      return;
    }
    const { fact } = parsed;
    if (this.ids.has(fact.id)) {
      this.exceptions.set(`${position}/${index}`, 'repeated');
      return;
    }
    const reason = this.applyFact(position, fact);
    if (reason !== null) this.refuse(position, index, fact.id, reason);
    else this.ids.add(fact.id);
  }

  /** @returns why the fact cannot hold, or null once it is applied */
  private applyFact(position: number, fact: ReferenceFact): string | null {
    switch (fact.kind) {
      case 'account':
        return this.applyAccount(position, fact);
      case 'pool':
        return this.applyPool(position, fact);
      case 'subscription':
        return this.applySubscription(position, fact);
      case 'sim':
        return this.applySim(position, fact);
      case 'topUp':
        return this.applyTopUp(fact);
      case 'priceBook': {
        const result = validatePriceBook(fact.book);
        if ('book' in result) return null;
        return result.problems.map((p) => `${p.path}: ${p.problem} (${p.cure})`).join('; ');
      }
      case 'schema':
        if (this.schemas.has(fact.schemaId)) return `schema id ${fact.schemaId} is there already; ids are never reused`;
        this.schemas.set(fact.schemaId, { position, schema: fact.schema });
        return null;
      case 'rawPartition':
        if (this.rawPartitions.has(fact.partition)) return `raw partition ${fact.partition} is there already`;
        this.rawPartitions.set(fact.partition, position);
        this.lastControl = position;
        return null;
      case 'guidedPartitions':
        if (this.generation !== null) {
          return `guided partitions are fixed at ${this.generation.count} (generation ${this.generation.generation}); this version cannot start another generation`;
        }
        this.generation = { position, generation: fact.generation, count: fact.count };
        return null;
      case 'foldVersion':
        return null;
      case 'periodClosed':
        this.lastControl = position;
        return null;
      default:
        return fact satisfies never;
    }
  }

  private applyAccount(position: number, fact: AccountFact): string | null {
    const parent = fact.parent === null ? null : this.accounts.get(fact.parent);
    if (parent === undefined) return `parent account ${fact.parent} is unknown; publish parents first`;
    let account = this.accounts.get(fact.account);
    if (account !== undefined && account.parent !== fact.parent) {
      return `account ${fact.account} cannot move from parent ${account.parent} to ${fact.parent}: its meters would change partition`;
    }
    if (account === undefined) {
      account = { account: fact.account, parent: fact.parent, root: parent?.root ?? fact.account, entries: [] };
      this.accounts.set(fact.account, account);
    }
    insertDated(account.entries, {
      validFrom: parseTimeMicros(fact.validFrom),
      position,
      currency: fact.currency,
      timeZone: fact.timeZone,
      open: fact.status === 'open',
    });
    return null;
  }

  private applyPool(position: number, fact: PoolFact): string | null {
    const account = this.accounts.get(fact.account);
    if (account === undefined) return `account ${fact.account} is unknown; publish accounts before pools`;
    let pool = this.pools.get(fact.pool);
    if (pool !== undefined && pool.root !== account.root) {
      return `pool ${fact.pool} cannot move from root account ${pool.root} to ${account.root}`;
    }
    if (pool === undefined) {
      pool = { pool: fact.pool, root: account.root, entries: [] };
      this.pools.set(fact.pool, pool);
    }
    insertDated(pool.entries, { validFrom: parseTimeMicros(fact.validFrom), position, account, rule: fact.rule });
    return null;
  }

  private applySubscription(position: number, fact: SubscriptionFact): string | null {
    const account = this.accounts.get(fact.account);
    if (account === undefined) return `account ${fact.account} is unknown; publish accounts before subscriptions`;
    const pool = fact.pool === null ? null : this.pools.get(fact.pool);
    if (pool === undefined) return `pool ${fact.pool} is unknown; publish pools before their members`;
    if (pool !== null && pool.root !== account.root) {
      return `pool ${pool.pool} has root account ${pool.root}, subscription ${fact.subscription} has ${account.root}: one rating key must see everything that shares an allowance`;
    }
    let subscription = this.subscriptions.get(fact.subscription);
    if (subscription !== undefined && subscription.root !== account.root) {
      return `subscription ${fact.subscription} cannot move from root account ${subscription.root} to ${account.root}; make a new subscription and move the SIM`;
    }
    if (subscription === undefined) {
      subscription = { subscription: fact.subscription, root: account.root, entries: [] };
      this.subscriptions.set(fact.subscription, subscription);
    }
    insertDated(subscription.entries, {
      validFrom: parseTimeMicros(fact.validFrom),
      position,
      account,
      plan: fact.plan,
      pool,
    });
    return null;
  }

  private applySim(position: number, fact: SimFact): string | null {
    let sim = this.simsByIccid.get(fact.sim);
    if (sim === undefined) {
      sim = { sim: fact.sim, entries: [] };
      this.simsByIccid.set(fact.sim, sim);
    }
    insertDated(sim.entries, {
      validFrom: parseTimeMicros(fact.validFrom),
      position,
      imsi: fact.imsi,
      msisdn: fact.msisdn,
      subscription: fact.subscription,
      state: fact.state,
      resolved: null,
    });
    if (fact.imsi !== null) addSim(this.simsByImsi, fact.imsi, sim);
    if (fact.msisdn !== null) addSim(this.simsByMsisdn, fact.msisdn, sim);
    return null;
  }

  private applyTopUp(fact: TopUpFact): string | null {
    return this.subscriptions.has(fact.subscription)
      ? null
      : `subscription ${fact.subscription} is unknown; publish subscriptions before top-ups`;
  }

  private keyOf(root: string | undefined): Concern {
    return root === undefined ? { to: 'none' } : { to: 'key', ratingKey: root };
  }

  private refuse(position: number, index: number, id: string, reason: string): void {
    this.exceptions.set(`${position}/${index}`, 'refused');
    this.refusals.push({ position, index, id, reason });
  }
}

function parseFacts(text: string): { readonly values: readonly unknown[] } | { readonly problem: string } {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (error) {
    return { problem: `the message is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  return Array.isArray(values) ? { values } : { problem: 'the message is not a JSON array of facts' };
}

function addSim(sims: Map<string, Sim[]>, identity: string, sim: Sim): void {
  const known = sims.get(identity);
  if (known === undefined) sims.set(identity, [sim]);
  else if (!known.includes(sim)) known.push(sim);
}

function idOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : '';
}

function unknownSim(name: string, identity: string): { code: GuidingCode; detail: string } {
  return { code: 'SIM_UNKNOWN', detail: `no SIM has ${name} ${identity}` };
}

function notYetActive(name: string, identity: string): { code: GuidingCode; detail: string } {
  return { code: 'SIM_NOT_ACTIVE', detail: `no SIM has ${name} ${identity} at the event's time` };
}
