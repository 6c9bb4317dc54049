/**
 * The account, pool and payer of a subscription's profile. A subscription rarely moves, so the parties found last are
 * kept by its number: comparing three names is cheaper than looking them up among all. A cache, no state.
 */
import type { Profile } from '../contract.ts';
import type { Account, Accounts } from './accounts.ts';
import type { PoolState, Pools } from './pools.ts';

export interface ProfileParties {
  readonly account: Account;
  readonly pool: PoolState | undefined;
  /** Who pays for the pool; the account itself where there is none. */
  readonly poolPayer: Account;
}

export class Parties {
  readonly #accounts: Accounts;
  readonly #pools: Pools;
  readonly #last: (ProfileParties | undefined)[] = [];

  constructor(accounts: Accounts, pools: Pools) {
    this.#accounts = accounts;
    this.#pools = pools;
  }

  of(subscription: number, profile: Profile): ProfileParties {
    const last = this.#last[subscription];
    if (
      last !== undefined &&
      last.account.name === profile.usageAccount &&
      (last.pool === undefined ? profile.pool === '' : last.pool.name === profile.pool) &&
      (last.pool === undefined || last.poolPayer.name === profile.poolAccount)
    ) {
      return last;
    }
    const account = this.#accounts.account(profile.usageAccount);
    const pool = profile.pool === '' ? undefined : this.#pools.state(profile.pool);
    const parties = {
      account,
      pool,
      poolPayer: pool === undefined ? account : this.#accounts.account(profile.poolAccount),
    };
    this.#last[subscription] = parties;
    return parties;
  }
}
