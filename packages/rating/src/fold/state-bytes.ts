/** How much memory a partition's state takes, but for the duplicate keys: tables by their bytes, objects by a stated size. */
import type { PartitionState } from './state.ts';

/** A subscription's object with its name and its entry among the names. */
const SUBSCRIPTION_BYTES = 160;
const GRANT_BYTES = 160;
const SESSION_BYTES = 320;
const POOL_CYCLE_BYTES = 240;
const SHARE_BYTES = 200;

export function stateBytes({
  meters,
  buckets,
  poolUse,
  poolDraws,
  subscriptions,
  grants,
  pools,
}: PartitionState): number {
  const { head, rowPlan, rowPool, rowAccount, rowState, rowDevice, rowFrom, rowNext } = subscriptions;
  const columns = [head, rowPlan, rowPool, rowAccount, rowState, rowDevice, rowFrom, rowNext];
  const cycles = pools.states.flatMap((pool) => pool.cycles);
  return (
    meters.bytes +
    buckets.bytes +
    poolUse.bytes +
    poolDraws.bytes +
    columns.reduce((sum, { values }) => sum + values.byteLength, 0) +
    subscriptions.list.length * SUBSCRIPTION_BYTES +
    grants.byId.size * GRANT_BYTES +
    meters.sessions.count * SESSION_BYTES +
    cycles.reduce((sum, { shares }) => sum + POOL_CYCLE_BYTES + shares.size * SHARE_BYTES, 0)
  );
}
