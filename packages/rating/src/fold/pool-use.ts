/** What a pool keeps of its members' use: by meter, for when its size changes, and by member, for its statement. */
import { accountOwner, poolOwner } from './owners.ts';
import type { PoolCycle, Share } from './pools.ts';
import type { PriceItem } from './price-item.ts';
import type { PartitionState } from './state.ts';
import type { Usage } from './usage.ts';

/** Adds to what was covered and what went over on a meter of the cycle. */
export function notePoolShare(usage: Usage, cycle: PoolCycle, item: PriceItem, covered: number, overage: number): void {
  if (covered === 0 && overage === 0) return;
  const { party } = usage;
  const owner =
    item.owner === 'pool'
      ? poolOwner(cycle.pool.number)
      : item.owner === 'account'
        ? accountOwner(party.account.number)
        : party.owner;
  const share = cycle.share(item.number, owner) ?? cycle.addShare(newShare(usage, cycle, item, owner));
  share.covered += covered;
  share.overage += overage;
}

function newShare({ party }: Usage, cycle: PoolCycle, item: PriceItem, owner: number): Share {
  const names = {
    pool: `pool:${cycle.pool.name}`,
    account: `account:${party.account.name}`,
    subscription: `subscription:${party.subscription.name}`,
  };
  return {
    item: item.number,
    owner,
    meterId: `${names[item.owner]}/${item.label}`,
    subscription: item.owner === 'subscription' ? party.subscription.name : '',
    account: item.owner === 'pool' ? party.poolPayer.name : party.account.name,
    covered: 0,
    overage: 0,
  };
}

/** Adds to what one member used of what the pool is for. */
export function notePoolUse(state: PartitionState, { party }: Usage, cycle: PoolCycle, quantity: number): void {
  const { number } = party.subscription;
  const before = state.poolUse.get(number, cycle.pool.number, cycle.counterCycle);
  state.poolUse.set(number, cycle.pool.number, cycle.counterCycle, before + quantity);
}
