/** Prices of data at random: model, figures and meter. */
import type { Random } from '../random.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is left of use at home once its buckets are empty. */
export function overagePrice(random: Random, pooled: Json): Json {
  const day = { owner: 'subscription', scope: 'day' };
  switch (random.below(6)) {
    case 0:
      return { model: 'graduated', tiers: tiers(random, 3 + random.below(4)), per: '1 MB', meter: pooled };
    case 1:
      return { model: 'package', packageSize: '100 KB', packagePrice: cents(random, 1, 9), meter: pooled };
    case 2:
      return { model: 'per-unit', unitPrice: cents(random, 1, 30), per: '1 MB', increment: '10 KB', meter: pooled };
    case 3:
      return {
        ...{ model: 'per-unit', unitPrice: cents(random, 1, 30), per: '1 MB', increment: '10 KB' },
        meter: { ...pooled, scope: 'event' },
      };
    case 4:
      return { model: 'package', packageSize: '100 KB', packagePrice: cents(random, 1, 9), meter: day };
    default:
      return { model: 'per-unit', unitPrice: smallPrice(random), per: '1 MB', meter: pooled };
  }
}

/** Of the zones that share the buckets of home: dearer by much. */
export function nearPrice(random: Random, pooled: Json): Json {
  const unitPrice = cents(random, 60, 300);
  const scope = random.pick(['event', 'cycle']);
  return { model: 'per-unit', unitPrice, per: '1 MB', increment: '1 KB', meter: { ...pooled, scope } };
}

export function roamingPrice(random: Random): Json {
  const cycle = { owner: 'subscription', scope: 'cycle' };
  const event = { owner: 'subscription', scope: 'event' };
  const day = { owner: 'subscription', scope: 'day' };
  switch (random.below(7)) {
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
    case 5:
      return { model: 'package', packageSize: '10 MB', packagePrice: cents(random, 100, 900), meter: day };
    default:
      return { model: 'per-unit', unitPrice: '0.0025', per: '1 MB', meter: event };
  }
}

/** Falling prices, as operators do it. Bounds are inclusive. */
export function tiers(random: Random, count: number): Json[] {
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
export function cents(random: Random, least: number, most: number): string {
  const value = least + random.below(most - least + 1);
  return `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`;
}

function smallPrice(random: Random): string {
  return `0.${String(25 + random.below(9000)).padStart(6, '0')}`;
}
