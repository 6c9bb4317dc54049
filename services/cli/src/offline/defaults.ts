/** What is taken for a subscriber of whom nothing more is known, and the facts that say so. */
import type { UsageEvent } from '@headrace/codec';
import type { PriceBook, ReferenceFact } from '@headrace/rating';
import { nearestName } from '@headrace/rating/price-book/nearest';
import { UsageError } from '../command.ts';

const ACCOUNT = 'default';
const POOL = 'default';
/** The first time that a fact may have. */
export const FROM_EVER = '1970-01-01T00:00:00Z';

export class Defaults {
  readonly book: PriceBook;
  /** Null: the book has several, and none was chosen. */
  readonly plan: string | null;
  /** The pool rule that the plan contributes to; null where there is none, or a choice. */
  readonly poolRule: string | null;

  /** @param plan as asked for @throws UsageError if the book has no such plan */
  constructor(book: PriceBook, plan: string | undefined) {
    this.book = book;
    this.plan = planOf(book, plan);
    const rules = [...(book.plans.get(this.plan ?? '')?.contributes.keys() ?? [])];
    this.poolRule = rules.length === 1 ? (rules[0] ?? null) : null;
  }

  /** @throws UsageError if no plan can be told */
  required(): string {
    if (this.plan !== null) return this.plan;
    const plans = [...this.book.plans.keys()].join(', ');
    throw new UsageError(
      `the book has the plans ${plans}: choose one for all SIMs with --plan, or give --subscribers with a plan for each.`,
    );
  }

  currencyOf(plan: string): string {
    return this.book.plans.get(plan)?.currency ?? this.book.currency;
  }

  /** The account of all, and their pool if the plan has one. */
  get facts(): readonly ReferenceFact[] {
    const account = accountFact(ACCOUNT, this.currencyOf(this.required()), 'UTC');
    return this.poolRule === null ? [account] : [account, poolFact(POOL, ACCOUNT, this.poolRule)];
  }

  /** A subscription for the SIM that an event names. */
  factsOf({ iccid, imsi, msisdn }: UsageEvent): readonly ReferenceFact[] {
    const name = iccid ?? imsi ?? msisdn ?? '';
    const [plan, state, validFrom] = [this.required(), 'active', FROM_EVER] as const;
    const pool = this.poolRule === null ? null : POOL;
    return [
      {
        kind: 'subscription',
        id: `subscription/${name}`,
        subscription: name,
        account: ACCOUNT,
        plan,
        pool,
        state,
        validFrom,
      },
      { kind: 'sim', id: `sim/${name}`, sim: name, imsi, msisdn, subscription: name, state, validFrom },
    ];
  }

  /** In words, for the output. */
  get told(): string {
    const pool = this.poolRule === null ? '' : `, all in one pool (rule ${this.poolRule})`;
    return `Without --subscribers each SIM is a subscription of account ${ACCOUNT} on plan ${this.required()}${pool}.`;
  }
}

export function accountFact(account: string, currency: string, timeZone: string): ReferenceFact {
  const id = `account/${account}`;
  return { kind: 'account', id, account, parent: null, currency, timeZone, status: 'open', validFrom: FROM_EVER };
}

export function poolFact(pool: string, account: string, rule: string): ReferenceFact {
  return { kind: 'pool', id: `pool/${pool}`, pool, account, rule, validFrom: FROM_EVER };
}

function planOf(book: PriceBook, asked: string | undefined): string | null {
  const plans = [...book.plans.keys()];
  if (asked === undefined) return plans.length === 1 ? (plans[0] ?? null) : null;
  if (book.plans.has(asked)) return asked;
  const nearest = nearestName(asked, plans);
  const cure = nearest === undefined ? `its plans are ${plans.join(', ')}` : `did you mean "${nearest}"?`;
  throw new UsageError(`--plan ${asked}: ${book.name}@${book.version} has no such plan; ${cure}`);
}
