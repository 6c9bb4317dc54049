/** Reads one plan and checks what its parts mean together: nothing is admitted that no price or two prices fit. */
import { type DocumentReader, join } from './document-reader.ts';
import type { Allowance, Plan, PoolRule, Price, Scope } from './price-book.ts';
import { type KnownNames, readPrice } from './read-price.ts';
import { readScope } from './read-scope.ts';

export interface PlanSurroundings extends KnownNames {
  readonly pools: ReadonlyMap<string, PoolRule>;
  readonly currency: string;
  readonly effectiveFrom: number;
}

const PRIORITY_MAX = 1_000_000;

export function readPriority(reader: DocumentReader, value: unknown, path: string): number {
  return value === undefined ? 0 : reader.integer(value, path, 0, PRIORITY_MAX, 0);
}

export function readPlan(
  reader: DocumentReader,
  id: string,
  value: unknown,
  path: string,
  around: PlanSurroundings,
): Plan {
  const fields = reader.object(value, path, ['currency', 'contributes', 'allowances', 'prices']) ?? {};
  const pricesPath = join(path, 'prices');
  const prices: Price[] = [];
  const pricePaths: string[] = [];
  reader.list(fields.prices, pricesPath).forEach((entry, index) => {
    const price = readPrice(reader, entry, `${pricesPath}[${index}]`, around);
    if (price === undefined) return;
    prices.push(price);
    pricePaths.push(`${pricesPath}[${index}]`);
  });
  const plan: Plan = {
    id,
    currency:
      fields.currency === undefined ? around.currency : reader.currency(fields.currency, join(path, 'currency')),
    contributes: readContributions(reader, fields.contributes, join(path, 'contributes'), around),
    allowances: readAllowances(reader, fields.allowances, join(path, 'allowances'), around),
    prices,
  };
  checkPrices(reader, plan, pricePaths);
  checkCoverage(reader, plan, path, around);
  return plan;
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
    if (pool?.kind === 'fixed') {
      reader.add(
        entryPath,
        `pool '${rule}' is fixed, so members add nothing to it`,
        'leave it out, or make the pool stacked',
      );
    }
    const unit = pool === undefined ? undefined : around.services.get(pool.service)?.unit;
    contributions.set(rule, reader.quantity(quantity, entryPath, unit));
  }
  return contributions;
}

function readAllowances(reader: DocumentReader, value: unknown, path: string, around: PlanSurroundings): Allowance[] {
  if (value === undefined) return [];
  const allowances: Allowance[] = [];
  reader.list(value, path).forEach((entry, index) => {
    const entryPath = `${path}[${index}]`;
    const fields = reader.object(entry, entryPath, ['id', 'service', 'zones', 'quantity', 'priority', 'proration']);
    if (fields === undefined) return;
    const scope = readScope(reader, fields, entryPath, around);
    const id = reader.name(fields.id, join(entryPath, 'id'));
    if (id !== '' && allowances.some((allowance) => allowance.id === id)) {
      reader.add(join(entryPath, 'id'), `allowance '${id}' is there twice`, 'give each allowance of a plan its own id');
    }
    allowances.push({
      id,
      ...scope,
      quantity: reader.quantity(fields.quantity, join(entryPath, 'quantity'), around.services.get(scope.service)?.unit),
      priority: readPriority(reader, fields.priority, join(entryPath, 'priority')),
      proration:
        fields.proration === undefined
          ? 'none'
          : reader.oneOf(fields.proration, join(entryPath, 'proration'), ['none', 'second'], 'none'),
    });
  });
  return allowances;
}

/** The price versions in force at a time: of each id the latest that is not after it. */
export function pricesInForce(prices: readonly Price[], time: number): Price[] {
  const latest = new Map<string, Price>();
  for (const price of prices) {
    if (price.effectiveFrom !== undefined && price.effectiveFrom > time) continue;
    const other = latest.get(price.id);
    if (other === undefined || (price.effectiveFrom ?? -1) > (other.effectiveFrom ?? -1)) latest.set(price.id, price);
  }
  return [...latest.values()];
}

function checkPrices(reader: DocumentReader, plan: Plan, paths: readonly string[]): void {
  plan.prices.forEach((price, index) => {
    const path = paths[index] ?? '';
    const first = plan.prices.findIndex((other) => other.id === price.id);
    if (first !== index && plan.prices[first]?.service !== price.service) {
      reader.add(
        join(path, 'service'),
        `other versions of price '${price.id}' are for another service`,
        'give it an id of its own',
      );
    }
    const same = plan.prices.findIndex((other) => other.id === price.id && other.effectiveFrom === price.effectiveFrom);
    if (same !== index) {
      const cure = 'give the later version an effectiveFrom of its own, or another id';
      reader.add(path, `price '${price.id}' is there twice with the same effectiveFrom`, cure);
    }
  });
  const starts = [...new Set(plan.prices.map((price) => price.effectiveFrom ?? 0))].sort((a, b) => a - b);
  const reported = new Set<string>();
  for (const start of starts) {
    const inForce = pricesInForce(plan.prices, start);
    inForce.forEach((price, index) => {
      for (const other of inForce.slice(0, index)) {
        const shared = sharedZone(price, other);
        const path = paths[plan.prices.indexOf(price)] ?? '';
        if (shared === undefined || reported.has(path)) continue;
        reported.add(path);
        const where = shared === '' ? 'without zones' : `in zone '${shared}'`;
        const cure =
          'let one price fit: take the zone out of one of them, or give them one id and different effectiveFrom';
        reader.add(path, `prices '${other.id}' and '${price.id}' both fit service '${price.service}' ${where}`, cure);
      }
    });
  }
}

/** A zone in which two prices of one rank would both fit; '' where neither names zones. A named zone beats none. */
function sharedZone(left: Scope, right: Scope): string | undefined {
  if (left.service !== right.service) return undefined;
  if (left.zones === undefined || right.zones === undefined) return left.zones === right.zones ? '' : undefined;
  return left.zones.find((zone) => zone !== '' && right.zones?.includes(zone));
}

/** Whatever an allowance covers must have a price for the time after it is used up. */
function checkCoverage(reader: DocumentReader, plan: Plan, path: string, around: PlanSurroundings): void {
  const inForce = pricesInForce(plan.prices, around.effectiveFrom);
  const check = (scope: Scope, what: string, scopePath: string): void => {
    if (scope.service === '') return;
    const fitting = inForce.filter((price) => price.service === scope.service);
    if (fitting.some((price) => price.zones === undefined)) return;
    if (fitting.length === 0) {
      const cure = `add a price for service '${scope.service}' that is in force from the book's effectiveFrom on`;
      reader.add(scopePath, `${what} covers service '${scope.service}', which no price of the plan does`, cure);
      return;
    }
    const zones = scope.zones ?? [...around.zones.keys()];
    const missing = zones.filter((zone) => zone !== '' && !fitting.some((price) => price.zones?.includes(zone)));
    if (missing.length === 0) return;
    const names = missing.map((zone) => `'${zone}'`).join(', ');
    const cure = 'add a price for it, or limit the zones';
    reader.add(
      scopePath,
      `${what} covers zone ${names}, where no price of the plan fits service '${scope.service}'`,
      cure,
    );
  };
  plan.allowances.forEach((allowance, index) => {
    check(allowance, `allowance '${allowance.id}'`, `${join(path, 'allowances')}[${index}]`);
  });
  for (const rule of plan.contributes.keys()) {
    const pool = around.pools.get(rule);
    if (pool !== undefined) check(pool, `pool '${rule}'`, `${join(path, 'contributes')}.${rule}`);
  }
}
