/** 800 networks in 24 zones. The first zone is home; a footprint is the zones that plans treat as home. */
export const NETWORKS = 800;
const HOME_NETWORKS = 20;
const ZONES = 24;

export const zoneNames: readonly string[] = Array.from({ length: ZONES }, (_, zone) =>
  zone === 0 ? 'home' : `z${String(zone).padStart(2, '0')}`,
);

/** Zones from the first on: 1, 2 or 4 of them. */
const FOOTPRINT_ZONES = [1, 2, 4] as const;
export const FOOTPRINTS = FOOTPRINT_ZONES.length;

export function footprintZones(footprint: number): readonly string[] {
  return zoneNames.slice(0, FOOTPRINT_ZONES[footprint] ?? 1);
}

/** Zones outside of the footprint, cut into `groups` lists. */
export function roamingZones(footprint: number, groups: number): readonly (readonly string[])[] {
  const rest = zoneNames.slice(FOOTPRINT_ZONES[footprint] ?? 1);
  const size = Math.ceil(rest.length / groups);
  return Array.from({ length: groups }, (_, group) => rest.slice(group * size, (group + 1) * size)).filter(
    (zones) => zones.length > 0,
  );
}

/** 5 or 6 digits; no two are alike. */
export const plmns: readonly string[] = Array.from({ length: NETWORKS }, (_, network) => {
  const country = 202 + Math.floor(network / 4) * 2;
  const number = (network % 4) + 1;
  return `${country}${network % 7 === 3 ? String(number * 10).padStart(3, '0') : String(number).padStart(2, '0')}`;
});

export const UNKNOWN_PLMNS: readonly [string, string] = ['99999', '999070'];

export function zoneOfNetwork(network: number): number {
  if (network < HOME_NETWORKS) return 0;
  return 1 + Math.floor(((network - HOME_NETWORKS) * (ZONES - 1)) / (NETWORKS - HOME_NETWORKS));
}

/** A network by popularity: four of five events at home, the rest thinning out. */
export function networkAt(home: number, fraction: number): number {
  if (home < 0.8) return Math.floor(fraction * HOME_NETWORKS);
  return HOME_NETWORKS + Math.floor(fraction * fraction * (NETWORKS - HOME_NETWORKS));
}
