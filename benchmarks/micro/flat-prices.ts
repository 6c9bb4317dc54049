/**
 * Parts of the books that the flatness benchmark rates by, and beside each price what it must cost: sums over tiers in
 * BigInt, as a person would add them up, without the engine. Prices are whole 1e-12 currency units an octet, so nothing is
 * rounded.
 */

export interface PriceTier {
  /** Inclusive, in octets; undefined for the last. */
  readonly upTo: number | undefined;
  /** 1e-12 currency units an octet. */
  readonly price: number;
}

export const BY_CYCLE = { owner: 'subscription', scope: 'cycle' };
export const BY_EVENT = { owner: 'subscription', scope: 'event' };
export const BY_POOL = { owner: 'pool', scope: 'cycle' };

/** A book for service data, with zone home for network 26201 beside what `more` adds. */
export function bookOf(plans: object, more: { zones?: object; pools?: object; addOns?: object } = {}): object {
  return {
    format: 1,
    name: 'flat',
    version: 1,
    currency: 'EUR',
    effectiveFrom: '2026-01-01T00:00:00Z',
    author: 'pricing@example.net',
    approver: 'finance@example.net',
    services: { data: { unit: 'bytes', counts: 'both' } },
    ...more,
    zones: { home: { networks: ['26201'] }, ...more.zones },
    plans,
  };
}

/** A price of data by tiers. */
export function tieredPrice(
  model: 'graduated' | 'volume',
  tiers: readonly PriceTier[],
  meter: object,
  more: object = {},
): object {
  const written = tiers.map(({ upTo, price }) => ({
    ...(upTo === undefined ? {} : { upTo }),
    unitPrice: amountText(price),
  }));
  return { id: 'data', service: 'data', model, per: 1, tiers: written, meter, ...more };
}

/** As many tiers as asked for, side by side up to a quantity, the last without end. Prices of neighbours differ. */
export function evenTiers(count: number, upTo: number): PriceTier[] {
  return Array.from({ length: count }, (_, index) => ({
    upTo: index === count - 1 ? undefined : Math.floor((upTo / count) * (index + 1)),
    price: 1000 + ((index * 7) % 10),
  }));
}

export function graduatedAmount(tiers: readonly PriceTier[], quantity: number): bigint {
  let amount = 0n;
  let below = 0;
  for (const { upTo = quantity, price } of tiers) {
    const reached = Math.min(upTo, quantity);
    amount += BigInt(reached - below) * BigInt(price);
    if (reached === quantity) return amount;
    below = reached;
  }
  return amount;
}

export function volumeAmount(tiers: readonly PriceTier[], quantity: number): bigint {
  const tier = tiers.find(({ upTo = quantity }) => quantity <= upTo);
  return BigInt(quantity) * BigInt(tier?.price ?? 0);
}

function amountText(units: number): string {
  return `0.${String(units).padStart(12, '0')}`;
}
