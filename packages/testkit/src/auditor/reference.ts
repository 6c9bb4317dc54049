/** The facts of the reference log, as the auditor looks them up: valid at a time, all of them known. */
import type { FactJson } from '../contract.ts';
import { AuditorBook } from './book.ts';
import { micros, text } from './json.ts';

interface Dated {
  /** Microseconds; holds from then on. */
  readonly from: number;
}

/** Entries by time; of two with the same time the later one in the log holds. */
export class Timeline<T extends Dated> {
  entries: T[] = [];

  add(entry: T): void {
    if (this.entries.length === 0) {
      // A list made with its one entry takes no room for more, and most have one.
      this.entries = [entry];
      return;
    }
    let at = this.entries.length;
    while (at > 0 && (this.entries[at - 1]?.from ?? 0) > entry.from) at--;
    this.entries.splice(at, 0, entry);
  }

  at(time: number): T | undefined {
    for (let index = this.entries.length - 1; index >= 0; index--) {
      const entry = this.entries[index];
      if (entry !== undefined && entry.from <= time) return entry;
    }
    return undefined;
  }
}

export interface AccountState extends Dated {
  readonly account: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly open: boolean;
}

export interface PoolState extends Dated {
  readonly pool: string;
  readonly account: string;
  readonly rule: string;
}

export interface SubscriptionState extends Dated {
  readonly subscription: string;
  readonly account: string;
  readonly plan: string;
  readonly pool: string | null;
  readonly state: string;
}

export interface SimState extends Dated {
  readonly imsi: string | null;
  readonly msisdn: string | null;
  readonly subscription: string;
  readonly state: string;
}

export interface Grant {
  readonly grant: string;
  readonly addOn: string;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export class Reference {
  readonly accounts = new Map<string, Timeline<AccountState>>();
  readonly pools = new Map<string, Timeline<PoolState>>();
  readonly subscriptions = new Map<string, Timeline<SubscriptionState>>();
  readonly sims = new Map<string, Timeline<SimState>>();
  readonly grants = new Map<string, Grant[]>();
  readonly books = new Timeline<{ readonly from: number; readonly book: AuditorBook }>();
  readonly #parents = new Map<string, string>();
  readonly #byImsi = new Map<string, Timeline<SimState>>();
  readonly #byMsisdn = new Map<string, Timeline<SimState>>();
  readonly #ids = new Set<string>();

  add(fact: FactJson): void {
    if (this.#ids.has(fact.id)) return;
    this.#ids.add(fact.id);
    switch (fact.kind) {
      case 'priceBook': {
        const book = new AuditorBook(fact.book);
        this.books.add({ from: book.effectiveFrom, book });
        return;
      }
      case 'account':
        this.#addAccount(fact);
        return;
      case 'pool':
        addTo(this.pools, text(fact.pool), {
          from: micros(fact.validFrom),
          pool: text(fact.pool),
          account: text(fact.account),
          rule: text(fact.rule),
        });
        return;
      case 'subscription':
        this.#addSubscription(fact);
        return;
      case 'sim':
        this.#addSim(fact);
        return;
      case 'topUp':
        this.#addGrant(fact);
        return;
      case 'schema':
      case 'rawPartition':
      case 'guidedPartitions':
      case 'foldVersion':
        return;
      default:
        throw new Error(`The auditor does not know facts of kind ${fact.kind}.`);
    }
  }

  /** The first identity present decides: ICCID, IMSI, MSISDN. Undefined where no SIM has it then. */
  sim(iccid: string | null, imsi: string | null, msisdn: string | null, time: number): SimState | undefined {
    if (iccid !== null) return this.sims.get(iccid)?.at(time);
    if (imsi !== null) return this.#byImsi.get(imsi)?.at(time);
    return this.#byMsisdn.get(msisdn ?? '')?.at(time);
  }

  /** The account that a hierarchy hangs from: what happens below one touches nothing below another. */
  rootOf(account: string): string {
    const parent = this.#parents.get(account);
    return parent === undefined ? account : this.rootOf(parent);
  }

  bookAt(time: number): AuditorBook | undefined {
    return this.books.at(time)?.book;
  }

  #addAccount(fact: FactJson): void {
    const account = text(fact.account);
    if (fact.parent !== null) this.#parents.set(account, text(fact.parent));
    addTo(this.accounts, account, {
      from: micros(fact.validFrom),
      account,
      currency: text(fact.currency),
      timeZone: text(fact.timeZone),
      open: fact.status === 'open',
    });
  }

  #addSubscription(fact: FactJson): void {
    const subscription = text(fact.subscription);
    addTo(this.subscriptions, subscription, {
      from: micros(fact.validFrom),
      subscription,
      account: text(fact.account),
      plan: text(fact.plan),
      pool: fact.pool === null ? null : text(fact.pool),
      state: text(fact.state),
    });
  }

  /** The auditor takes IMSI and MSISDN to stay with their card, and says so where they do not. */
  #addSim(fact: FactJson): void {
    const state: SimState = {
      from: micros(fact.validFrom),
      imsi: fact.imsi === null ? null : text(fact.imsi),
      msisdn: fact.msisdn === null ? null : text(fact.msisdn),
      subscription: text(fact.subscription),
      state: text(fact.state),
    };
    const sim = text(fact.sim);
    const before = this.sims.get(sim)?.entries[0];
    if (before !== undefined && (before.imsi !== state.imsi || before.msisdn !== state.msisdn)) {
      throw new Error(`SIM ${sim} changes its numbers, which the auditor does not follow.`);
    }
    addTo(this.sims, sim, state);
    if (before !== undefined) return;
    const timeline = this.sims.get(sim);
    if (timeline === undefined) return;
    if (state.imsi !== null) this.#byImsi.set(state.imsi, timeline);
    if (state.msisdn !== null) this.#byMsisdn.set(state.msisdn, timeline);
  }

  #addGrant(fact: FactJson): void {
    const subscription = text(fact.subscription);
    const grants = this.grants.get(subscription) ?? [];
    grants.push({
      grant: text(fact.grant),
      addOn: text(fact.addOn),
      from: micros(fact.validFrom),
      to: micros(fact.validTo),
    });
    this.grants.set(subscription, grants);
  }
}

function addTo<T extends Dated>(map: Map<string, Timeline<T>>, name: string, entry: T): void {
  const timeline = map.get(name) ?? new Timeline<T>();
  timeline.add(entry);
  map.set(name, timeline);
}
