/**
 * The prices of each tariff by leg, service and zone, so that checking a book takes no walk over all of its prices, and
 * when each version ends. Made once for a tariff, however many plans use it.
 */
import { fitsRoaming, type Place } from './places.ts';
import type { Leg, Price, PriceBook, Tariff } from './price-book.ts';

/** Prices of one leg and service in one tariff. */
interface ServicePrices {
  readonly anywhere: Price[];
  readonly byZone: Map<string, Price[]>;
  readonly priorities: Set<number>;
  readonly starts: Set<number>;
}

export class PriceIndex {
  readonly #book: PriceBook;
  readonly #tariffs = new Map<string, Map<string, ServicePrices>>();
  readonly #ends = new Map<Price, number>();

  constructor(book: PriceBook) {
    this.#book = book;
    for (const tariff of book.tariffs.values()) {
      this.#addEnds(tariff);
      this.#tariffs.set(tariff.name, this.#indexed(tariff));
    }
  }

  /** Microseconds from which a version is in force. */
  startOf(price: Price): number {
    return price.effectiveFrom ?? Number.NEGATIVE_INFINITY;
  }

  /** Exclusive: when the next version of the price begins. */
  endOf(price: Price): number {
    return this.#ends.get(price) ?? Number.POSITIVE_INFINITY;
  }

  inForce(price: Price, time: number): boolean {
    return this.startOf(price) <= time && time < this.endOf(price);
  }

  /** The prices of a leg for a service at a place, of all versions. */
  at(tariffs: readonly string[], leg: Leg, service: string, place: Place): Price[] {
    const found: Price[] = [];
    for (const tariff of tariffs) {
      const prices = this.#prices(tariff, leg, service);
      if (prices === undefined) continue;
      const zoned = place.zone === undefined ? undefined : prices.byZone.get(place.zone);
      if (zoned !== undefined) for (const price of zoned) if (fitsRoaming(price, place)) found.push(price);
      for (const price of prices.anywhere) if (fitsRoaming(price, place)) found.push(price);
    }
    return found;
  }

  /** Places in groups that the prices of a leg for a service do not tell apart. */
  placesAlike(
    tariffs: readonly string[],
    leg: Leg,
    service: string,
    places: readonly Place[],
  ): Iterable<readonly [Place, ...Place[]]> {
    const groups = new Map<string, [Place, ...Place[]]>();
    for (const place of places) {
      const { zone } = place;
      const named = tariffs.some(
        (tariff) => zone !== undefined && this.#prices(tariff, leg, service)?.byZone.has(zone) === true,
      );
      const kind = `${named ? zone : ''}/${place.abroad}`;
      const group = groups.get(kind);
      if (group === undefined) groups.set(kind, [place]);
      else group.push(place);
    }
    return groups.values();
  }

  /** False only if no price of the tariffs can have a better rank than this one, wherever they fit. */
  mayBeBeaten(price: Price, tariffs: readonly string[], service: string): boolean {
    return tariffs.some((tariff) => {
      const prices = this.#prices(tariff, price.leg, service);
      if (prices === undefined) return false;
      if (price.zones === undefined && prices.byZone.size > 0) return true;
      for (const priority of prices.priorities) if (priority < price.priority) return true;
      for (const start of prices.starts) if (start > this.startOf(price)) return true;
      return false;
    });
  }

  /** Whether any of the tariffs has a price of the leg for the service. */
  has(tariffs: readonly string[], leg: Leg, service: string): boolean {
    return tariffs.some((tariff) => this.#prices(tariff, leg, service) !== undefined);
  }

  #prices(tariff: string, leg: Leg, service: string): ServicePrices | undefined {
    return this.#tariffs.get(tariff)?.get(`${leg}/${service}`);
  }

  #addEnds(tariff: Tariff): void {
    const versions = Map.groupBy(tariff.prices, (price) => price.id);
    for (const prices of versions.values()) {
      if (prices.length === 1) continue;
      const sorted = prices.toSorted((left, right) => this.startOf(left) - this.startOf(right));
      sorted.forEach((price, index) => {
        const next = sorted[index + 1];
        if (next !== undefined) this.#ends.set(price, this.startOf(next));
      });
    }
  }

  #indexed(tariff: Tariff): Map<string, ServicePrices> {
    const indexed = new Map<string, ServicePrices>();
    for (const price of tariff.prices) {
      for (const service of price.services ?? this.#book.services.keys()) {
        const key = `${price.leg}/${service}`;
        const prices = indexed.get(key) ?? noPrices();
        indexed.set(key, prices);
        prices.priorities.add(price.priority);
        prices.starts.add(this.startOf(price));
        if (price.zones === undefined) prices.anywhere.push(price);
        for (const zone of price.zones ?? []) {
          const zoned = prices.byZone.get(zone);
          if (zoned === undefined) prices.byZone.set(zone, [price]);
          else zoned.push(price);
        }
      }
    }
    return indexed;
  }
}

function noPrices(): ServicePrices {
  return { anywhere: [], byZone: new Map(), priorities: new Set(), starts: new Set() };
}
