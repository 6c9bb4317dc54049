/** A price book as the auditor reads it: plain look-ups, no compilation. */
import { entries, type Json, knownFields, list, micros, object, optionalTexts, quantity, text } from './json.ts';
import { type PriceFunction, readPriceFunction } from './price-function.ts';

export interface ServiceRule {
  readonly counts: 'up' | 'down' | 'both' | 'greater' | 'units' | 'seconds';
}

export interface PoolRule {
  readonly kind: 'stacked' | 'fixed';
  readonly service: string;
  readonly zones: readonly string[] | null;
  /** 0 for a stacked one. */
  readonly quantity: bigint;
  readonly proration: 'second' | 'none';
  readonly priority: number;
}

export interface Allowance {
  readonly id: string;
  readonly service: string;
  readonly zones: readonly string[] | null;
  readonly quantity: bigint;
  readonly priority: number;
}

export interface Price {
  readonly id: string;
  readonly service: string;
  readonly zones: readonly string[] | null;
  /** Microseconds; minus infinity where none is given. */
  readonly effectiveFrom: number;
  readonly zeroRated: boolean;
  /** Null where zero-rated. */
  readonly function: PriceFunction | null;
  readonly owner: 'subscription' | 'pool' | 'account';
  readonly scope: 'event' | 'cycle';
  /** Equal prices of two books have the same: they share meters. */
  readonly identity: string;
}

export interface Plan {
  readonly name: string;
  readonly currency: string;
  readonly contributes: ReadonlyMap<string, bigint>;
  readonly allowances: readonly Allowance[];
  readonly prices: readonly Price[];
}

export class AuditorBook {
  readonly effectiveFrom: number;
  readonly services = new Map<string, ServiceRule>();
  readonly pools = new Map<string, PoolRule>();
  readonly addOns = new Map<string, Allowance>();
  readonly plans = new Map<string, Plan>();
  readonly #zoneOfNetwork = new Map<string, string>();
  readonly #bucketZones = new Map<string, ReadonlySet<string>>();
  readonly #kilobyte: bigint;

  constructor(given: unknown) {
    const book = object(given);
    this.effectiveFrom = micros(book.effectiveFrom);
    this.#kilobyte = BigInt(Number(book.kilobyte ?? 1024));
    for (const [name, service] of entries(book.services)) {
      this.services.set(name, { counts: text(service.counts) as ServiceRule['counts'] });
    }
    for (const [name, zone] of entries(book.zones)) {
      for (const network of optionalTexts(zone.networks) ?? []) this.#zoneOfNetwork.set(network, name);
    }
    for (const [name, rule] of entries(book.pools)) this.pools.set(name, this.#readPool(rule));
    for (const [name, addOn] of entries(book.addOns))
      this.addOns.set(name, this.#readAllowance({ id: name, ...addOn }));
    const currency = text(book.currency);
    for (const [name, plan] of entries(book.plans)) this.plans.set(name, this.#readPlan(name, plan, currency));
  }

  /** Zones that some bucket of a service names. */
  bucketZones(service: string): ReadonlySet<string> {
    let zones = this.#bucketZones.get(service);
    if (zones === undefined) {
      const allowances = [...this.plans.values()].flatMap((plan) => plan.allowances);
      const buckets = [...this.pools.values(), ...this.addOns.values(), ...allowances];
      zones = new Set(buckets.filter((bucket) => bucket.service === service).flatMap((bucket) => bucket.zones ?? []));
      this.#bucketZones.set(service, zones);
    }
    return zones;
  }

  zoneOf(plmn: string | null): string | undefined {
    return plmn === null ? undefined : this.#zoneOfNetwork.get(plmn);
  }

  #readPool(rule: Json): PoolRule {
    knownFields(rule, ['kind', 'service', 'zones', 'proration', 'priority', 'quantity']);
    const kind = text(rule.kind);
    if (kind !== 'stacked' && kind !== 'fixed') throw new Error(`The auditor does not know pools of kind ${kind}.`);
    return {
      kind,
      service: text(rule.service),
      zones: optionalTexts(rule.zones),
      quantity: kind === 'fixed' ? quantity(rule.quantity, this.#kilobyte) : 0n,
      proration: rule.proration === 'second' ? 'second' : 'none',
      priority: Number(rule.priority ?? 0),
    };
  }

  #readAllowance(allowance: Json): Allowance {
    knownFields(allowance, ['id', 'service', 'zones', 'quantity', 'priority', 'proration']);
    if (allowance.proration !== undefined && allowance.proration !== 'none') {
      throw new Error('The auditor knows no proration of individual allowances.');
    }
    return {
      id: text(allowance.id),
      service: text(allowance.service),
      zones: optionalTexts(allowance.zones),
      quantity: quantity(allowance.quantity, this.#kilobyte),
      priority: Number(allowance.priority ?? 0),
    };
  }

  #readPlan(name: string, plan: Json, currency: string): Plan {
    knownFields(plan, ['currency', 'contributes', 'allowances', 'prices']);
    const contributes = Object.entries(object(plan.contributes ?? {}));
    return {
      name,
      currency: plan.currency === undefined ? currency : text(plan.currency),
      contributes: new Map(contributes.map(([rule, amount]) => [rule, quantity(amount, this.#kilobyte)])),
      allowances: list(plan.allowances ?? []).map((allowance) => this.#readAllowance(allowance)),
      prices: list(plan.prices).map((price) => this.#readPrice(name, price)),
    };
  }

  #readPrice(plan: string, price: Json): Price {
    const zeroRated = price.model === 'zero-rated';
    const meter = object(price.meter ?? {});
    const { owner = 'subscription', scope = 'cycle' } = meter;
    if (owner !== 'subscription' && owner !== 'pool' && owner !== 'account') throw new Error(`Owner ${String(owner)}.`);
    if (scope !== 'event' && scope !== 'cycle') throw new Error(`The auditor does not know scope ${String(scope)}.`);
    return {
      id: text(price.id),
      service: text(price.service),
      zones: optionalTexts(price.zones),
      effectiveFrom: price.effectiveFrom === undefined ? Number.NEGATIVE_INFINITY : micros(price.effectiveFrom),
      zeroRated,
      function: zeroRated ? null : readPriceFunction(price, this.#kilobyte),
      owner,
      scope,
      identity: `${plan} ${JSON.stringify(price)}`,
    };
  }
}

/** @returns whether a list of zones (null: everywhere) holds for a zone ('': unknown or none) */
export function holdsIn(zones: readonly string[] | null, zone: string): boolean {
  return zones === null || zones.includes(zone);
}

/**
 * The price of a service in a zone at a time: the latest version that is not after it. One that names zones goes before
 * one that does not.
 */
export function findPrice(plan: Plan, service: string, zone: string, time: number): Price | null {
  let found: Price | null = null;
  for (const price of plan.prices) {
    if (price.service !== service || !holdsIn(price.zones, zone) || price.effectiveFrom > time) continue;
    if (found === null || beats(price, found)) found = price;
  }
  return found;
}

function beats(price: Price, other: Price): boolean {
  if ((price.zones === null) !== (other.zones === null)) return price.zones !== null;
  return price.effectiveFrom > other.effectiveFrom;
}
