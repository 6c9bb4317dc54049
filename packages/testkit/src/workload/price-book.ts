/**
 * The price book of the workload, as JSON by the format of schemas/price-books. The order of events decides much of what
 * it charges, as it does at operators:
 *
 * 1. Most use has several buckets before it (at home, everywhere, pool, add-on), and zones have prices of their own behind
 *    them; so which use finds a bucket empty decides what is charged.
 * 2. Prices behind a bucket change in mid-cycle, round by event or by day, or differ between members of one pool.
 * 3. Single plans keep a part of what they leave in October; premium services look at each event of a month.
 * 4. No plan with a rollover is ever moved to, and no two buckets of an event stand at the same place in the waterfall.
 */
import { hashNumbers, Random } from '../random.ts';
import { FOOTPRINTS, footprintZones, NETWORKS, plmns, roamingZones, zoneNames, zoneOfNetwork } from './networks.ts';
import { FIXED_SIZES, type PlanCatalog } from './plans.ts';
import { cents, nearPrice, overagePrice, roamingPrice } from './prices.ts';
import {
  BYTES_MEDIAN_IOT,
  BYTES_MEDIAN_MOBILITY,
  expectedBytes,
  PRICE_CHANGE,
  REFERENCE_START,
  ROLLOVER_START,
} from './scale.ts';
import { commonOf, PARTNERS, sharedTariffs, textsOf } from './tariffs.ts';

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
    plans[catalog.name(plan)] = new PlanWriter(catalog, plan).write(iotBytes, mobilityBytes);
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
      premium: { unit: 'money', counts: 'amount', decimals: 2 },
      lifecycle: { unit: 'messages', counts: 'units' },
    },
    zones: buildZones(),
    pools: buildPoolRules(iotBytes),
    addOns: buildAddOns(iotBytes),
    tariffs: sharedTariffs(),
    plans,
    wholesale: { currency: 'EUR', tariffs: [PARTNERS] },
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

/** Fixed sizes double from a quarter of what one SIM is expected to use. In every second one a member has a limit. */
function buildPoolRules(iotBytes: number): Json {
  const rules: Record<string, Json> = {};
  for (let footprint = 0; footprint < FOOTPRINTS; footprint++) {
    const common = { service: 'data', zones: footprintZones(footprint), priority: 20 };
    for (const proration of ['second', 'none']) {
      rules[`stacked-${footprint}-${proration}`] = { kind: 'stacked', ...common, proration };
    }
    for (let size = 0; size < FIXED_SIZES; size++) {
      const limit = size % 2 === 1 ? { limitPerSubscription: kilobytes(iotBytes * 1.5) } : {};
      const quantity = kilobytes(iotBytes * 0.25 * 4 ** size);
      rules[`fixed-${footprint}-${size}`] = { kind: 'fixed', ...common, quantity, ...limit };
    }
  }
  return rules;
}

/** The size whose quantity is nearest below what `members` SIMs are expected to use. */
export function fixedSizeFor(members: number): number {
  return Math.max(0, Math.min(FIXED_SIZES - 1, Math.floor(Math.log(members * 4) / Math.log(4))));
}

/** Large ones hold everywhere. */
function buildAddOns(iotBytes: number): Json {
  const addOns: Record<string, Json> = {};
  for (let footprint = 0; footprint < FOOTPRINTS; footprint++) {
    const small = { zones: footprintZones(footprint), quantity: kilobytes(iotBytes * 0.3) };
    addOns[`extra-${footprint}-small`] = { service: 'data', ...small, priority: 5 };
    addOns[`extra-${footprint}-large`] = { service: 'data', quantity: kilobytes(iotBytes * 3), priority: 5 };
  }
  return addOns;
}

class PlanWriter {
  readonly #catalog: PlanCatalog;
  readonly #plan: number;
  readonly #random: Random;
  readonly #kind: string;
  readonly #zones: readonly string[];
  readonly #owner: string;
  readonly #prices: Json[] = [];
  readonly #allowances: Json[] = [];

  constructor(catalog: PlanCatalog, plan: number) {
    this.#catalog = catalog;
    this.#plan = plan;
    this.#random = new Random(catalog.seed, hashNumbers(plan, 0x9140));
    this.#kind = catalog.kind(plan);
    this.#zones = footprintZones(catalog.footprint(plan));
    this.#owner = this.#kind === 'stacked' || this.#kind === 'fixed' ? 'pool' : 'subscription';
  }

  write(iotBytes: number, mobilityBytes: number): Json {
    const random = this.#random;
    const factor = 0.3 + random.fraction() * 1.4;
    this.#addBuckets(iotBytes * factor, mobilityBytes * factor);
    this.#addData();
    if (this.#kind === 'bundle' || this.#kind === 'mobility-use') this.#addVoice();
    const currency = this.#catalog.currency(this.#plan);
    const ownTexts = random.below(2) === 0;
    if (ownTexts) {
      const meter = { owner: 'subscription', scope: 'cycle' };
      const unitPrice = cents(random, 1, 12);
      this.#price({ id: 'message', service: 'message', model: 'per-unit', unitPrice, meter });
    }
    return {
      ...(currency === 'EUR' ? {} : { currency }),
      ...(this.#kind === 'stacked' ? { contributes: this.#contributions(kilobytes(iotBytes * factor)) } : {}),
      tariffs: ownTexts ? [commonOf(currency)] : [commonOf(currency), textsOf(currency)],
      allowances: this.#allowances,
      prices: this.#prices,
    };
  }

  /** To both rules of its footprint: a pool has one rule, and members of sibling plans. */
  #contributions(quantity: string): Json {
    const footprint = this.#catalog.footprint(this.#plan);
    return { [`stacked-${footprint}-second`]: quantity, [`stacked-${footprint}-none`]: quantity };
  }

  #bucket(suffix: string, service: string, quantity: unknown, priority: number, more: Json): void {
    this.#allowances.push({ id: `p${this.#plan}-${suffix}`, service, quantity, priority, proration: 'none', ...more });
  }

  #addBuckets(iotBytes: number, mobilityBytes: number): void {
    const zones = this.#zones;
    if (this.#kind === 'single') {
      const rollover = { validFrom: ROLLOVER_START, rollover: { maximumPercent: '50' } };
      this.#bucket('home', 'data', kilobytes(iotBytes), 10, { zones, ...rollover });
    }
    if (this.#kind === 'stacked' && this.#plan % 10 === 2) {
      this.#bucket('home', 'data', kilobytes(iotBytes * 0.1), 10, { zones });
    }
    if (this.#kind === 'bundle') {
      this.#bucket('home', 'data', kilobytes(mobilityBytes), 10, { zones });
      this.#bucket('messages', 'message', 1 + this.#random.below(3), 10, {});
      this.#bucket('voice', 'voice', 60 * (1 + this.#random.below(5)), 10, { zones });
    }
    // Behind the bucket at home and behind the pool, and for use abroad the only one.
    const bytes = this.#kind === 'bundle' ? mobilityBytes : iotBytes;
    const everywhere = !this.#kind.endsWith('use') && this.#random.below(2) === 0;
    if (everywhere) this.#bucket('everywhere', 'data', kilobytes(bytes * 0.15), 30, {});
  }

  #addData(): void {
    const random = this.#random;
    const [home = '', ...near] = this.#zones;
    const pooled = { owner: this.#owner, scope: 'cycle' };
    const narrow = random.below(4) === 0;
    const base = { service: 'data', zones: [home], ...(narrow ? { priority: 1 } : {}) };
    this.#versions({ id: 'data-home', ...base }, 4, () => overagePrice(random, pooled));
    if (narrow) {
      const price = { model: 'per-unit', unitPrice: cents(random, 1, 9), per: '1 MB', meter: pooled };
      this.#price({ id: 'data-nb', service: 'data', zones: [home], rats: ['NB-IOT'], ...price });
    }
    if (near.length > 0) this.#price({ id: 'data-near', service: 'data', zones: near, ...nearPrice(random, pooled) });
    roamingZones(this.#catalog.footprint(this.#plan), 2 + random.below(3)).forEach((zones, index) => {
      this.#versions({ id: `data-${index}`, service: 'data', zones }, 8, () => roamingPrice(random));
    });
  }

  /** By the second of peak hours, and of all others; roaming by the call. */
  #addVoice(): void {
    const random = this.#random;
    const zones = this.#zones;
    const base = { service: 'voice', model: 'per-unit', per: 60 };
    const when = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '20:00' }];
    const cycle = { owner: 'subscription', scope: 'cycle' };
    const event = { owner: 'subscription', scope: 'event' };
    this.#price({ id: 'voice-peak', ...base, zones, when, unitPrice: cents(random, 8, 20), meter: cycle });
    const steps = { minimumQuantity: 30, increment: random.pick([1, 30, 60]) };
    this.#price({
      ...{ id: 'voice-other', ...base, zones, priority: 1 },
      ...{ unitPrice: cents(random, 2, 8), increment: random.pick([1, 10]), meter: event },
    });
    for (const [index, group] of roamingZones(this.#catalog.footprint(this.#plan), 2).entries()) {
      const connectFee = random.below(2) === 0 ? { connectFee: cents(random, 5, 50) } : {};
      const price = { unitPrice: cents(random, 20, 150), ...steps, ...connectFee, meter: event };
      this.#price({ id: `voice-${index}`, ...base, zones: group, ...price });
    }
  }

  /** One price, and one time in `oneIn` another from the middle of November's first week on. */
  #versions(base: Json & { readonly id: string }, oneIn: number, make: () => Json): void {
    this.#price({ ...base, ...make() });
    if (this.#random.below(oneIn) === 0) this.#price({ ...base, effectiveFrom: PRICE_CHANGE, ...make() });
  }

  #price(price: Json & { readonly id: string }): void {
    this.#prices.push({ ...price, id: `p${this.#plan}-${price.id}` });
  }
}

/** Whole kilobytes, in words of the book. */
function kilobytes(bytes: number): string {
  const count = Math.max(1, Math.round(bytes / 1024));
  return count % 1024 === 0 ? `${count / 1024} MB` : `${count} KB`;
}
