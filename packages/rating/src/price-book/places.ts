/**
 * Where use can be, as prices tell places apart: the zone of its network, and whether the network is one's own. A zone
 * may hold own and other networks, so it is up to two places; a network in no zone is a place too.
 */
import type { PriceBook, Scope } from './price-book.ts';

export interface Place {
  /** Undefined: in no zone. */
  readonly zone: string | undefined;
  /** Undefined: nothing is known of roaming, or not even the network is. */
  readonly abroad: boolean | undefined;
}

export class BookPlaces {
  readonly #zones = new Map<string, readonly Place[]>();
  readonly #outside: readonly Place[];
  readonly #everywhere: readonly Place[];

  constructor(book: PriceBook) {
    const { homeNetworks } = book;
    for (const [zone, networks] of book.zones) {
      const abroad = homeNetworks.size === 0 ? [undefined] : networks.map((network) => !homeNetworks.has(network));
      this.#zones.set(
        zone,
        networks.length === 0 ? [] : [...new Set(abroad)].map((value) => ({ zone, abroad: value })),
      );
    }
    const outside = homeNetworks.size === 0 ? [undefined] : [undefined, false, true];
    this.#outside = outside.map((abroad) => ({ zone: undefined, abroad }));
    this.#everywhere = [...[...this.#zones.values()].flat(), ...this.#outside];
  }

  /** All places that a scope fits. */
  fitting(scope: Scope): readonly Place[] {
    if (scope.zones === undefined && scope.roaming === undefined) return this.#everywhere;
    const zones = scope.zones ?? [...this.#zones.keys()];
    const places = zones.flatMap((zone) => this.#zones.get(zone) ?? []);
    const all = scope.zones === undefined ? [...places, ...this.#outside] : places;
    return all.filter((place) => fitsRoaming(scope, place));
  }

  /**
   * The places of a scope whose use has to have a price: those in zones, as use in no zone may wait in suspense; in a book
   * without zones those outside.
   */
  admitted(scope: Scope): readonly Place[] {
    const places = this.fitting(scope);
    const zoned = places.filter((place) => place.zone !== undefined);
    if (zoned.length > 0 || this.#zones.size > 0) return zoned;
    return places.filter((place) => this.#outside.length === 1 || place.abroad !== undefined);
  }

  /** Whether two scopes that both name the zone (undefined: that both name none) fit one network of it. */
  meet(left: Scope, right: Scope, zone: string | undefined): boolean {
    const places = zone === undefined ? this.#outside : (this.#zones.get(zone) ?? []);
    return places.some((place) => fitsRoaming(left, place) && fitsRoaming(right, place));
  }
}

/** Whether a scope that is for the place's zone is for its network too. */
export function fitsRoaming(scope: Scope, place: Place): boolean {
  return scope.roaming === undefined || scope.roaming === place.abroad;
}
