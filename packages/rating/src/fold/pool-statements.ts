/** The overage statement of every pool and cycle that had use: size, use, and what each member contributed and used. */
import type { PoolStatement } from '../contract.ts';
import type { PoolCycle } from './pools.ts';
import type { PartitionState } from './state.ts';

/** Sorted by pool, cycle and rule. */
export function poolStatements(state: PartitionState): PoolStatement[] {
  const uses = usesByCycle(state);
  const pools = [...state.pools.states].sort((a, b) => (a.name < b.name ? -1 : 1));
  return pools.flatMap((pool) =>
    pool.cycles.map((cycle) => statement(state, cycle, uses.get(useKey(pool.number, cycle.counterCycle)) ?? new Map())),
  );
}

function useKey(pool: number, counterCycle: number): string {
  return `${pool}/${counterCycle}`;
}

/** Use by the member's number, for each pool and cycle. */
function usesByCycle(state: PartitionState): Map<string, Map<number, number>> {
  const uses = new Map<string, Map<number, number>>();
  for (const { owner, item, cycle, used } of state.poolUse.entries()) {
    const key = useKey(item, cycle);
    const ofCycle = uses.get(key) ?? new Map<number, number>();
    ofCycle.set(owner, used);
    uses.set(key, ofCycle);
  }
  return uses;
}

function statement(state: PartitionState, cycle: PoolCycle, uses: ReadonlyMap<number, number>): PoolStatement {
  const { pool, account, rule, size, used, overage } = cycle;
  const members = [...new Set([...pool.members, ...uses.keys()])]
    .map((number) => ({
      subscription: state.subscriptions.list[number]?.name ?? '',
      contribution: state.pools.contribution(number, cycle),
      used: uses.get(number) ?? 0,
    }))
    .filter(({ contribution, used: own }) => contribution > 0 || own > 0)
    .sort((a, b) => (a.subscription < b.subscription ? -1 : 1));
  const allocation = state.pools.rule(cycle)?.allocation ?? 'usage';
  return { pool: pool.name, account, rule, allocation, period: cycle.cycle.period, size, used, overage, members };
}
