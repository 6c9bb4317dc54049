/**
 * Finds use that the book admits and that nothing prices: what an allowance or a pool covers, for the time after it is used
 * up; the hours that bands of prices leave between them; and, where costs are required, what retail prices fit and no
 * wholesale price does.
 */

import { formatTimeMicros } from '../time.ts';
import { type Gap, type Region, uncovered, unrestricted } from './coverage.ts';
import { type DocumentReader, join } from './document-reader.ts';
import { criteriaMeet } from './overlap.ts';
import type { BookPlaces } from './places.ts';
import type { Leg, Plan, Price, PriceBook, Scope } from './price-book.ts';
import type { PriceIndex } from './price-index.ts';
import type { Places } from './read-tariff.ts';

/** Use of a service that has no price: in which zones (none: in any), and the first one in words. */
interface Missing {
  readonly service: string;
  readonly zones: readonly string[];
  readonly words: readonly string[];
  /** Microseconds. */
  readonly time: number;
  /** The leg has no price for the service at all. */
  readonly wholly: boolean;
}

/** What is to be covered from a time (inclusive) to another (exclusive), in microseconds. */
interface Demand {
  readonly scope: Scope;
  readonly direction: Price['direction'];
  readonly leg: Leg;
  readonly from: number;
  readonly to: number;
}

export class CoverageCheck {
  readonly #reader: DocumentReader;
  readonly #book: PriceBook;
  readonly #documentPlaces: Places;
  readonly #index: PriceIndex;
  readonly #places: BookPlaces;
  /** Answers that do not depend on the plan: by tariff and what was asked. */
  readonly #known = new Map<string, Missing | undefined>();
  readonly #bandedOf = new Map<string, readonly { price: Price; key: string; from: number; to: number }[]>();
  readonly #reported = new Set<string>();

  constructor(reader: DocumentReader, book: PriceBook, documentPlaces: Places, index: PriceIndex, places: BookPlaces) {
    this.#reader = reader;
    this.#book = book;
    this.#documentPlaces = documentPlaces;
    this.#index = index;
    this.#places = places;
  }

  run(): void {
    for (const plan of this.#book.plans.values()) {
      if (plan.tariffs.some((tariff) => this.#documentPlaces.broken.has(tariff))) continue;
      this.#checkBuckets(plan);
      this.#checkBands(plan);
      if (this.#book.costs === 'required') this.#checkCosts(plan);
    }
  }

  #checkBuckets(plan: Plan): void {
    const { effectiveFrom } = this.#book;
    for (const allowance of plan.allowances) {
      const from = Math.max(allowance.validFrom ?? effectiveFrom, effectiveFrom);
      const to = allowance.validTo ?? Number.POSITIVE_INFINITY;
      const path = this.#documentPlaces.paths.get(allowance) ?? '';
      const demand: Demand = { scope: allowance, direction: undefined, leg: 'retail', from, to };
      const missing = this.#missing(plan, allowance.tariff, path, demand);
      if (missing !== undefined) this.#report(path, `allowance '${allowance.id}'`, plan, missing);
    }
    for (const name of plan.contributes.keys()) {
      const pool = this.#book.pools.get(name);
      if (pool === undefined) continue;
      const path = join(join(join('plans', plan.id), 'contributes'), name);
      const to = Number.POSITIVE_INFINITY;
      const demand: Demand = { scope: pool, direction: undefined, leg: 'retail', from: effectiveFrom, to };
      const missing = this.#missing(plan, undefined, path, demand);
      if (missing !== undefined) this.#report(path, `pool '${name}'`, plan, missing);
    }
  }

  /** Whoever prices some hours has to price all hours of the same use, or a price without bands has to follow. */
  #checkBands(plan: Plan): void {
    for (const tariff of [...plan.tariffs, ...this.#book.wholesale]) {
      for (const { price, key, from, to } of this.#banded(tariff)) {
        const path = join(this.#documentPlaces.paths.get(price) ?? '', 'when');
        const demand: Demand = { scope: price, direction: price.direction, leg: price.leg, from, to };
        const missing = this.#missing(plan, tariff, key, demand);
        if (missing === undefined) continue;
        const use = `${missing.service}/${missing.zones}/${missing.words}/${tariff}`;
        if (this.#reported.has(use)) continue;
        this.#reported.add(use);
        this.#reader.add(
          path,
          `the bands leave service '${missing.service}' without a price ${inWords(missing)}`,
          'add bands for these hours, or a price without bands that follows',
        );
      }
    }
  }

  /** One price with bands for each use that prices with bands are for, with a key that names the use. */
  #banded(tariff: string): readonly { price: Price; key: string; from: number; to: number }[] {
    let found = this.#bandedOf.get(tariff);
    if (found !== undefined) return found;
    const byKey = new Map<string, { price: Price; key: string; from: number; to: number }>();
    for (const price of this.#book.tariffs.get(tariff)?.prices ?? []) {
      const from = Math.max(this.#index.startOf(price), this.#book.effectiveFrom);
      const to = this.#index.endOf(price);
      if (price.bands === undefined || to <= from) continue;
      const { leg, services, zones, rats, apns, ratingGroups, roaming, direction } = price;
      const use = [tariff, leg, services, zones, rats, apns, ratingGroups, roaming, direction, from, to];
      const key = `bands ${JSON.stringify(use)}`;
      if (!byKey.has(key)) byKey.set(key, { price, key, from, to });
    }
    found = [...byKey.values()];
    this.#bandedOf.set(tariff, found);
    return found;
  }

  #checkCosts(plan: Plan): void {
    for (const tariff of plan.tariffs) {
      for (const price of this.#book.tariffs.get(tariff)?.prices ?? []) {
        const from = Math.max(this.#index.startOf(price), this.#book.effectiveFrom);
        const to = this.#index.endOf(price);
        if (price.leg === 'wholesale' || to <= from) continue;
        const path = this.#documentPlaces.paths.get(price) ?? '';
        const demand: Demand = { scope: price, direction: undefined, leg: 'wholesale', from, to };
        const missing = this.#missing(plan, tariff, `costs ${path}`, demand);
        if (missing === undefined || this.#reported.has(`costs ${path}`)) continue;
        this.#reported.add(`costs ${path}`);
        this.#reader.add(
          path,
          `price '${price.id}' fits service '${missing.service}' ${inWords(missing)}, where no wholesale price does`,
          'add a wholesale price for it, or write costs: optional',
        );
      }
    }
  }

  /** What is missing in a plan; asked of the tariff alone first, as the answer is the same for all plans that use it. */
  #missing(plan: Plan, tariff: string | undefined, key: string, demand: Demand): Missing | undefined {
    if (tariff !== undefined) {
      if (!this.#known.has(key)) this.#known.set(key, this.#find([tariff, ...this.#book.wholesale], demand));
      if (this.#known.get(key) === undefined) return undefined;
    }
    return this.#find([...plan.tariffs, ...this.#book.wholesale], demand);
  }

  #find(tariffs: readonly string[], demand: Demand): Missing | undefined {
    const { scope, leg } = demand;
    const region: Region = {
      rats: scope.rats,
      apns: scope.apns,
      ratingGroups: scope.ratingGroups,
      direction: demand.direction,
      bands: undefined,
    };
    for (const service of scope.services ?? this.#book.services.keys()) {
      const zones = new Set<string>();
      let first: { gap: Gap; time: number } | undefined;
      for (const group of this.#index.placesAlike(tariffs, leg, service, this.#places.admitted(scope))) {
        const here = this.#index.at(tariffs, leg, service, group[0]);
        const prices = here.filter((price) => criteriaMeet(price, region));
        const found = this.#gapOver(region, prices, demand);
        if (found === undefined) continue;
        first ??= found;
        for (const { zone } of group) if (zone !== undefined) zones.add(zone);
      }
      if (first === undefined) continue;
      const wholly = !this.#index.has(tariffs, leg, service);
      const everywhere = scope.zones === undefined && zones.size === this.#book.zones.size;
      return { service, zones: everywhere ? [] : [...zones], words: first.gap.words, time: first.time, wholly };
    }
    return undefined;
  }

  /** The first gap at any time of the demand at which prices come into force or end. */
  #gapOver(region: Region, prices: readonly Price[], demand: Demand): { gap: Gap; time: number } | undefined {
    const always = (price: Price): boolean =>
      unrestricted(price) && this.#index.startOf(price) <= demand.from && this.#index.endOf(price) >= demand.to;
    if (prices.some(always)) return undefined;
    const times = new Set([demand.from]);
    for (const price of prices) {
      for (const time of [this.#index.startOf(price), this.#index.endOf(price)]) {
        if (time > demand.from && time < demand.to) times.add(time);
      }
    }
    for (const time of times) {
      const inForce = prices.filter((price) => this.#index.inForce(price, time));
      const gap = uncovered(region, inForce);
      if (gap !== undefined) return { gap, time };
    }
    return undefined;
  }

  #report(path: string, what: string, plan: Plan, missing: Missing): void {
    if (this.#reported.has(path)) return;
    this.#reported.add(path);
    const from = formatTimeMicros(missing.time);
    if (missing.wholly) {
      const cure = `add a price for service '${missing.service}' that is in force from ${from} on`;
      const problem = `${what} covers service '${missing.service}', which no price of plan '${plan.id}' does`;
      this.#reader.add(path, problem, cure);
      return;
    }
    this.#reader.add(
      path,
      `${what} covers service '${missing.service}' ${inWords(missing)}, where no price of plan '${plan.id}' fits`,
      `add a price for it that is in force from ${from} on, or limit the zones and the other criteria`,
    );
  }
}

function inWords(missing: Missing): string {
  const zones = missing.zones.map((zone) => `'${zone}'`).join(', ');
  return [...(zones === '' ? [] : [`in zone ${zones}`]), ...missing.words].join(' ') || 'anywhere';
}
