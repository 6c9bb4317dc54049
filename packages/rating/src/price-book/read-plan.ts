/** Reads the plans: what each contributes to pools, the tariffs it uses, and the tariff that is its own. */
import { type DocumentReader, join } from './document-reader.ts';
import { PLAN_FIELDS } from './fields.ts';
import type { Plan, PoolRule, Tariff } from './price-book.ts';
import type { BucketSurroundings } from './read-buckets.ts';
import { type Places, readTariff } from './read-tariff.ts';

export interface PlanSurroundings extends BucketSurroundings {
  readonly pools: ReadonlyMap<string, PoolRule>;
  /** Those that plans may share. */
  readonly shared: ReadonlyMap<string, Tariff>;
  readonly currency: string;
}

/** The plans, and the tariffs that are theirs alone. */
export function readPlans(
  reader: DocumentReader,
  value: unknown,
  around: PlanSurroundings,
  places: Places,
): { plans: Map<string, Plan>; own: Map<string, Tariff> } {
  const plans = new Map<string, Plan>();
  const own = new Map<string, Tariff>();
  if (value === undefined) reader.add('plans', 'is missing', 'write at least one plan');
  for (const [name, entry, path] of reader.named(value, 'plans')) {
    if (around.shared.has(name)) {
      const problem = `a plan is named '${name}' too, and the plan's own prices are the tariff of that name`;
      reader.add(join('tariffs', name), problem, 'give the tariff another name');
    }
    const fields = reader.object(entry, path, PLAN_FIELDS) ?? {};
    const uses = reader.distinct(fields.tariffs, join(path, 'tariffs'), 'tariff', (tariff, tariffPath) => {
      const known = reader.reference(tariff, tariffPath, 'tariff', around.shared);
      return known === '' ? undefined : known;
    });
    const tariff = readTariff(
      reader,
      name,
      uses === undefined ? fields : { prices: [], ...fields },
      path,
      around,
      places,
    );
    own.set(name, tariff);
    const shared = (uses ?? []).flatMap((use) => around.shared.get(use) ?? []);
    plans.set(name, {
      id: name,
      currency:
        fields.currency === undefined ? around.currency : reader.currency(fields.currency, join(path, 'currency')),
      contributes: readContributions(reader, fields.contributes, join(path, 'contributes'), around),
      tariffs: [name, ...shared.map((use) => use.name)],
      allowances: together(
        tariff.allowances,
        shared.map((use) => use.allowances),
      ),
      prices: together(
        tariff.prices,
        shared.map((use) => use.prices),
      ),
    });
  }
  return { plans, own };
}

function readContributions(
  reader: DocumentReader,
  value: unknown,
  path: string,
  around: PlanSurroundings,
): Map<string, number> {
  const contributions = new Map<string, number>();
  for (const [rule, quantity, entryPath] of reader.named(value, path)) {
    const pool = around.pools.get(reader.reference(rule, entryPath, 'pool', around.pools));
    if (pool === undefined) continue;
    if (pool.kind === 'fixed') {
      const cure = 'leave it out, or make the pool stacked';
      reader.add(entryPath, `pool '${rule}' is fixed, so members add nothing to it`, cure);
    }
    const service = around.services.get(pool.services?.[0] ?? [...around.services.keys()][0] ?? '');
    contributions.set(rule, reader.quantity(quantity, entryPath, service, 0));
  }
  return contributions;
}

/** One list of all; the list itself where there is only one, so that many plans of one tariff share it. */
function together<Entry>(own: readonly Entry[], others: readonly (readonly Entry[])[]): readonly Entry[] {
  const filled = [own, ...others].filter((list) => list.length > 0);
  return filled.length === 1 ? (filled[0] ?? own) : filled.flat();
}
