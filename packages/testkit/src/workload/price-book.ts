/**
 * The price book of the workload, as JSON by the format of schemas/price-books. It keeps to what no order of arrival can
 * change:
 *
 * 1. All use of a service inside a plan's footprint has one price, behind all of its buckets, with a cycle-scoped meter.
 * 2. A price behind a bucket has one version; versions that change in mid-cycle and event-scoped meters are for roaming.
 * 3. Members of a pool have one plan, so a pool has one overage price.
 * 4. Ids are unique in the book, so a move between plans never continues a bucket or a meter by its name.
 */
import { hashNumbers, Random } from '../random.ts';
import { FOOTPRINTS, footprintZones, NETWORKS, plmns, roamingZones, zoneNames, zoneOfNetwork } from './networks.ts';
import { FIXED_SIZES, type PlanCatalog } from './plans.ts';
import { BYTES_MEDIAN_IOT, BYTES_MEDIAN_MOBILITY, expectedBytes, PRICE_CHANGE, REFERENCE_START } from './scale.ts';

type Json = Readonly<Record<string, unknown>>;

export interface BookSizes {
  readonly events: number;
  readonly sims: number;
}

export function buildPriceBook(catalog: PlanCatalog, sizes: BookSizes): Json {
  const iotBytes = expectedBytes(sizes.events, sizes.sims, BYTES_MEDIAN_IOT);
  const mobilityBytes = expectedBytes(sizes.events, sizes.sims, BYTES_MEDIAN_MOBILITY);
  const plans: Record<string, Json> = {};
  for (let plan = 0; plan < catalog.plans; plan++) {
    plans[catalog.name(plan)] = buildPlan(catalog, plan, iotBytes, mobilityBytes);
  }
  return {
    format: 1,
    name: 'reference',
    version: 1,
    currency: 'EUR',
    effectiveFrom: REFERENCE_START,
    author: 'pricing@example.net',
    approver: 'finance@example.net',
    kilobyte: 1024,
    services: {
      data: { unit: 'bytes', counts: 'both' },
      message: { unit: 'messages', counts: 'units' },
      voice: { unit: 'seconds', counts: 'seconds' },
      lifecycle: { unit: 'messages', counts: 'units' },
    },
    zones: buildZones(),
    pools: buildPoolRules(iotBytes),
    addOns: buildAddOns(iotBytes),
    plans,
  };
}

function buildZones(): Json {
  const zones: Record<string, { networks: string[] }> = {};
  for (const name of zoneNames) zones[name] = { networks: [] };
  for (let network = 0; network < NETWORKS; network++) {
    zones[zoneNames[zoneOfNetwork(network)] ?? '']?.networks.push(plmns[network] ?? '');
  }
  return zones;
}

/** Fixed sizes double from a quarter of what one SIM is expected to use. */
function buildPoolRules(iotBytes: number): Json {
  const rules: Record<string, Json> = {};
  for (let footprint = 0; footprint < FOOTPRINTS; footprint++) {
    const zones = footprintZones(footprint);
    for (const proration of ['second', 'none']) {
      rules[`stacked-${footprint}-${proration}`] = { kind: 'stacked', service: 'data', zones, proration, priority: 20 };
    }
    for (let size = 0; size < FIXED_SIZES; size++) {
      const quantity = kilobytes(iotBytes * 0.25 * 4 ** size);
      rules[`fixed-${footprint}-${size}`] = { kind: 'fixed', service: 'data', zones, quantity, priority: 20 };
    }
  }
  return rules;
}

/** The size whose quantity is nearest below what `members` SIMs are expected to use. */
export function fixedSizeFor(members: number): number {
  return Math.max(0, Math.min(FIXED_SIZES - 1, Math.floor(Math.log(members * 4) / Math.log(4))));
}

function buildAddOns(iotBytes: number): Json {
  const addOns: Record<string, Json> = {};
  for (let footprint = 0; footprint < FOOTPRINTS; footprint++) {
    const zones = footprintZones(footprint);
    addOns[`extra-${footprint}-small`] = { service: 'data', zones, quantity: kilobytes(iotBytes * 0.3), priority: 5 };
    addOns[`extra-${footprint}-large`] = { service: 'data', zones, quantity: kilobytes(iotBytes * 3), priority: 5 };
  }
  return addOns;
}

function buildPlan(catalog: PlanCatalog, plan: number, iotBytes: number, mobilityBytes: number): Json {
  const random = new Random(catalog.seed, hashNumbers(plan, 0x9140));
  const kind = catalog.kind(plan);
  const footprint = catalog.footprint(plan);
  const zones = footprintZones(footprint);
  const id = (suffix: string): string => `p${plan}-${suffix}`;
  const factor = 0.3 + random.fraction() * 1.4;
  const allowances: Json[] = [];
  const bucket = (suffix: string, service: string, quantity: unknown, where: readonly string[] | null): void => {
    const scope = where === null ? {} : { zones: where };
    allowances.push({ id: id(suffix), service, ...scope, quantity, priority: 10, proration: 'none' });
  };
  if (kind === 'single') bucket('data', 'data', kilobytes(iotBytes * factor), zones);
  if (kind === 'stacked' && plan % 10 === 2) bucket('data', 'data', kilobytes(iotBytes * 0.1), zones);
  if (kind === 'bundle') {
    bucket('data', 'data', kilobytes(mobilityBytes * factor), zones);
    bucket('messages', 'message', 1 + random.below(3), null);
    bucket('voice', 'voice', 60 * (1 + random.below(5)), zones);
  }
  const contributes =
    kind === 'stacked' ? { contributes: { [catalog.poolRule(plan, 0)]: kilobytes(iotBytes * factor) } } : {};
  const currency = catalog.currency(plan);
  return {
    ...(currency === 'EUR' ? {} : { currency }),
    ...contributes,
    allowances,
    prices: buildPrices(catalog, plan, random, id),
  };
}

function buildPrices(catalog: PlanCatalog, plan: number, random: Random, id: (suffix: string) => string): Json[] {
  const kind = catalog.kind(plan);
  const footprint = catalog.footprint(plan);
  const zones = footprintZones(footprint);
  const owner = kind === 'stacked' || kind === 'fixed' ? 'pool' : 'subscription';
  const prices: Json[] = [];
  prices.push({ id: id('data-in'), service: 'data', zones, ...homePrice(random), meter: { owner, scope: 'cycle' } });
  roamingZones(footprint, 2 + random.below(3)).forEach((group, index) => {
    const base = { id: id(`data-${index}`), service: 'data', zones: group };
    const price = roamingPrice(random);
    prices.push({ ...base, ...price });
    if (random.below(8) === 0) {
      prices.push({ ...base, effectiveFrom: PRICE_CHANGE, ...roamingPrice(random) });
    }
  });
  const meter = { owner: 'subscription', scope: 'cycle' };
  prices.push({ id: id('message'), service: 'message', model: 'per-unit', unitPrice: cents(random, 1, 12), meter });
  if (kind === 'bundle' || kind === 'mobility-use') {
    const base = { service: 'voice', model: 'per-unit', per: 60 };
    prices.push({ id: id('voice-in'), ...base, zones, unitPrice: cents(random, 2, 20), meter });
    for (const [index, group] of roamingZones(footprint, 2).entries()) {
      const steps = { minimumQuantity: 30, increment: random.pick([1, 30, 60]) };
      const unitPrice = cents(random, 20, 150);
      const roaming = { owner: 'subscription', scope: 'event' };
      prices.push({ id: id(`voice-${index}`), ...base, zones: group, unitPrice, ...steps, meter: roaming });
    }
  }
  prices.push({ id: id('lifecycle'), service: 'lifecycle', model: 'zero-rated', reason: 'platform events' });
  return prices;
}

function homePrice(random: Random): Json {
  switch (random.below(4)) {
    case 0:
      return { model: 'graduated', tiers: tiers(random, 3 + random.below(4)), per: '1 MB' };
    case 1:
      return { model: 'package', packageSize: '100 KB', packagePrice: cents(random, 1, 9) };
    case 2:
      return { model: 'per-unit', unitPrice: cents(random, 1, 30), per: '1 MB', increment: '10 KB' };
    default:
      return { model: 'per-unit', unitPrice: `0.${String(25 + random.below(9000)).padStart(6, '0')}`, per: '1 MB' };
  }
}

/** Never behind a bucket, so anything goes. */
function roamingPrice(random: Random): Json {
  const cycle = { owner: 'subscription', scope: 'cycle' };
  const event = { owner: 'subscription', scope: 'event' };
  switch (random.below(6)) {
    case 0:
      return { model: 'per-unit', unitPrice: cents(random, 50, 900), per: '1 MB', increment: '10 KB', meter: event };
    case 1:
      return { model: 'per-unit', unitPrice: cents(random, 50, 900), per: '1 MB', increment: '100 KB', meter: cycle };
    case 2:
      return { model: 'package', packageSize: '1 MB', packagePrice: cents(random, 50, 900), meter: cycle };
    case 3:
      return { model: 'graduated', tiers: tiers(random, 3), per: '1 MB', meter: cycle };
    case 4:
      return { model: 'package', packageSize: '50 KB', packagePrice: cents(random, 5, 90), meter: event };
    default:
      return { model: 'per-unit', unitPrice: '0.0025', per: '1 MB', meter: event };
  }
}

/** Falling prices, as operators do it. Bounds are inclusive. */
function tiers(random: Random, count: number): Json[] {
  let bound = 64 * (1 + random.below(8));
  let price = 2_000 + random.below(40_000);
  return Array.from({ length: count }, (_, tier) => {
    const unitPrice = `0.${String(price).padStart(5, '0')}`;
    const upTo = `${bound} KB`;
    price = Math.ceil(price * 0.7);
    bound *= 4;
    return tier === count - 1 ? { unitPrice } : { upTo, unitPrice };
  });
}

/** A price of that many cents, at random between the bounds. */
function cents(random: Random, least: number, most: number): string {
  const value = least + random.below(most - least + 1);
  return `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`;
}

/** Whole kilobytes, in words of the book. */
function kilobytes(bytes: number): string {
  const count = Math.max(1, Math.round(bytes / 1024));
  return count % 1024 === 0 ? `${count / 1024} MB` : `${count} KB`;
}
