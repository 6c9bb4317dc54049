/** A price book as the auditor reads it: plain look-ups, no compilation. */
import { type Band, readBands } from './bands.ts';
import { entries, type Json, knownFields, list, micros, object, optionalTexts, quantity, text } from './json.ts';
import { functionFields, type PriceFunction, readPriceFunction } from './price-function.ts';

export type Counts = 'up' | 'down' | 'both' | 'greater' | 'units' | 'seconds' | 'amount';

export interface ServiceRule {
  readonly counts: Counts;
  /** Of a service that counts amounts: in 10^-decimals of a currency unit. */
  readonly decimals: number;
}

/** What an event is of, as far as books distinguish. */
export interface Kind {
  readonly service: string;
  /** Empty where the network is in none. */
  readonly zone: string;
  /** Empty where the event does not say. */
  readonly rat: string;
}

/** Where a price or a bucket holds; null: everywhere. */
export interface Scope {
  readonly services: readonly string[] | null;
  readonly zones: readonly string[] | null;
  readonly rats: readonly string[] | null;
}

export interface BucketRule extends Scope {
  readonly quantity: bigint;
  readonly priority: number;
  /** What one subscription may draw in a cycle; null: all of it. */
  readonly limit: bigint | null;
}

export interface PoolRule extends BucketRule {
  readonly kind: 'stacked' | 'fixed';
  readonly proration: 'second' | 'none';
}

export interface Rollover {
  readonly maximum: bigint | null;
  /** In whole per cent. */
  readonly maximumPercent: bigint | null;
}

export interface Allowance extends BucketRule {
  /** With its tariff: what tells its buckets from others. */
  readonly identity: string;
  readonly rollover: Rollover | null;
  /** Microseconds; minus infinity where none is given. */
  readonly validFrom: number;
}

export interface Price extends Scope {
  readonly id: string;
  readonly leg: 'retail' | 'wholesale';
  /** Microseconds; minus infinity where none is given. */
  readonly effectiveFrom: number;
  readonly priority: number;
  /** Null: always. */
  readonly bands: readonly Band[] | null;
  /** Null where zero-rated. */
  readonly function: PriceFunction | null;
  readonly owner: 'subscription' | 'pool' | 'account';
  readonly scope: 'event' | 'day' | 'cycle';
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

const scopeFields = ['service', 'services', 'zones', 'rats'];
const bucketFields = [...scopeFields, 'quantity', 'priority', 'proration', 'limitPerSubscription'];
const priceFields = ['id', 'leg', ...scopeFields, 'effectiveFrom', 'priority', 'when', 'meter', 'reason'];

export class AuditorBook {
  readonly effectiveFrom: number;
  readonly services = new Map<string, ServiceRule>();
  readonly pools = new Map<string, PoolRule>();
  readonly addOns = new Map<string, BucketRule>();
  readonly plans = new Map<string, Plan>();
  /** What partners charge us. */
  readonly wholesale: readonly Price[];
  readonly wholesaleCurrency: string;
  readonly #zoneOfNetwork = new Map<string, string>();
  readonly #kilobyte: bigint;

  constructor(given: unknown) {
    const book = object(given);
    this.effectiveFrom = micros(book.effectiveFrom);
    this.#kilobyte = BigInt(Number(book.kilobyte ?? 1024));
    for (const [name, service] of entries(book.services)) this.services.set(name, readService(service));
    for (const [name, zone] of entries(book.zones)) {
      for (const network of optionalTexts(zone.networks) ?? []) this.#zoneOfNetwork.set(network, name);
    }
    for (const [name, rule] of entries(book.pools)) this.pools.set(name, this.#readPool(rule));
    for (const [name, addOn] of entries(book.addOns)) {
      knownFields(addOn, bucketFields);
      this.addOns.set(name, this.#readBucket(addOn));
    }
    const tariffs = new Map(entries(book.tariffs).map(([name, tariff]) => [name, this.#readTariff(name, tariff)]));
    const currency = text(book.currency);
    for (const [name, plan] of entries(book.plans)) this.plans.set(name, this.#readPlan(name, plan, currency, tariffs));
    const wholesale = object(book.wholesale ?? {});
    knownFields(wholesale, ['currency', 'tariffs', 'costs']);
    if (wholesale.costs === 'required') throw new Error('The auditor takes costs as optional.');
    this.wholesaleCurrency = wholesale.currency === undefined ? currency : text(wholesale.currency);
    this.wholesale = (optionalTexts(wholesale.tariffs) ?? []).flatMap((name) => tariffs.get(name)?.prices ?? []);
  }

  zoneOf(plmn: string | null): string | undefined {
    return plmn === null ? undefined : this.#zoneOfNetwork.get(plmn);
  }

  #readBucket(bucket: Json): BucketRule {
    const { limitPerSubscription: limit } = bucket;
    return {
      ...readScope(bucket),
      quantity: bucket.quantity === undefined ? 0n : quantity(bucket.quantity, this.#kilobyte),
      priority: Number(bucket.priority ?? 0),
      limit: limit === undefined ? null : quantity(limit, this.#kilobyte),
    };
  }

  #readPool(rule: Json): PoolRule {
    knownFields(rule, ['kind', ...bucketFields]);
    const kind = text(rule.kind);
    if (kind !== 'stacked' && kind !== 'fixed') throw new Error(`The auditor does not know pools of kind ${kind}.`);
    return { ...this.#readBucket(rule), kind, proration: rule.proration === 'second' ? 'second' : 'none' };
  }

  #readAllowance(tariff: string, allowance: Json): Allowance {
    knownFields(allowance, ['id', 'rollover', 'validFrom', ...bucketFields]);
    if (allowance.proration !== undefined && allowance.proration !== 'none') {
      throw new Error('The auditor knows no proration of individual allowances.');
    }
    return {
      ...this.#readBucket(allowance),
      identity: `${tariff}/${text(allowance.id)}`,
      rollover: allowance.rollover === undefined ? null : this.#readRollover(object(allowance.rollover)),
      validFrom: allowance.validFrom === undefined ? Number.NEGATIVE_INFINITY : micros(allowance.validFrom),
    };
  }

  #readRollover(rollover: Json): Rollover {
    knownFields(rollover, ['maximum', 'maximumPercent']);
    const { maximum, maximumPercent } = rollover;
    return {
      maximum: maximum === undefined ? null : quantity(maximum, this.#kilobyte),
      maximumPercent: maximumPercent === undefined ? null : BigInt(text(maximumPercent)),
    };
  }

  #readTariff(name: string, tariff: Json): Pick<Plan, 'allowances' | 'prices'> {
    return {
      allowances: list(tariff.allowances ?? []).map((allowance) => this.#readAllowance(name, allowance)),
      prices: list(tariff.prices ?? []).map((price) => this.#readPrice(name, price)),
    };
  }

  #readPlan(
    name: string,
    plan: Json,
    currency: string,
    tariffs: ReadonlyMap<string, Pick<Plan, 'allowances' | 'prices'>>,
  ): Plan {
    knownFields(plan, ['currency', 'contributes', 'tariffs', 'allowances', 'prices']);
    const contributes = Object.entries(object(plan.contributes ?? {}));
    const shared = (optionalTexts(plan.tariffs) ?? []).map((tariff) => tariffs.get(tariff));
    const all = [this.#readTariff(name, plan), ...shared.filter((tariff) => tariff !== undefined)];
    return {
      name,
      currency: plan.currency === undefined ? currency : text(plan.currency),
      contributes: new Map(contributes.map(([rule, amount]) => [rule, quantity(amount, this.#kilobyte)])),
      allowances: all.flatMap((tariff) => tariff.allowances),
      prices: all.flatMap((tariff) => tariff.prices),
    };
  }

  #readPrice(tariff: string, price: Json): Price {
    knownFields(price, [...priceFields, ...functionFields]);
    const meter = object(price.meter ?? {});
    const { owner = 'subscription', scope = 'cycle' } = meter;
    if (owner !== 'subscription' && owner !== 'pool' && owner !== 'account') throw new Error(`Owner ${String(owner)}.`);
    if (scope !== 'event' && scope !== 'day' && scope !== 'cycle') {
      throw new Error(`The auditor does not know scope ${String(scope)}.`);
    }
    if (price.connectFee !== undefined && scope !== 'event') {
      throw new Error('The auditor knows connection fees by event alone.');
    }
    const decimals = this.services.get(typeof price.service === 'string' ? price.service : '')?.decimals ?? 0;
    return {
      ...readScope(price),
      id: text(price.id),
      leg: price.leg === 'wholesale' ? 'wholesale' : 'retail',
      effectiveFrom: price.effectiveFrom === undefined ? Number.NEGATIVE_INFINITY : micros(price.effectiveFrom),
      priority: Number(price.priority ?? 0),
      bands: price.when === undefined ? null : readBands(list(price.when)),
      function: price.model === 'zero-rated' ? null : readPriceFunction(price, this.#kilobyte, decimals),
      owner,
      scope,
      identity: `${tariff} ${JSON.stringify(price)}`,
    };
  }
}

function readService(service: Json): ServiceRule {
  return { counts: text(service.counts) as Counts, decimals: Number(service.decimals ?? 6) };
}

function readScope(given: Json): Scope {
  const services = given.service === undefined ? optionalTexts(given.services) : [text(given.service)];
  return { services, zones: optionalTexts(given.zones), rats: optionalTexts(given.rats) };
}

/** @returns whether a price or a bucket is for this kind of use */
export function holdsFor({ services, zones, rats }: Scope, { service, zone, rat }: Kind): boolean {
  return holds(services, service) && holds(zones, zone) && holds(rats, rat);
}

function holds(names: readonly string[] | null, name: string): boolean {
  return names === null || names.includes(name);
}

/**
 * The price of a kind of use at a time: of those in force, and whose band the clock is in, the one of the lowest
 * priority, then one that names zones before one that does not, then the latest.
 */
export function findPrice(
  prices: readonly Price[],
  kind: Kind,
  time: number,
  inBand: (bands: readonly Band[]) => boolean,
): Price | null {
  let found: Price | null = null;
  for (const price of prices) {
    if (price.effectiveFrom > time || !holdsFor(price, kind) || superseded(price, prices, time)) continue;
    if (price.bands !== null && !inBand(price.bands)) continue;
    if (found === null || beats(price, found)) found = price;
  }
  return found;
}

/** Of versions with one id only the latest counts. */
function superseded({ id, leg, effectiveFrom }: Price, prices: readonly Price[], time: number): boolean {
  return prices.some(
    (other) =>
      other.id === id && other.leg === leg && other.effectiveFrom > effectiveFrom && other.effectiveFrom <= time,
  );
}

function beats(price: Price, other: Price): boolean {
  if (price.priority !== other.priority) return price.priority < other.priority;
  if ((price.zones === null) !== (other.zones === null)) return price.zones !== null;
  return price.effectiveFrom > other.effectiveFrom;
}
