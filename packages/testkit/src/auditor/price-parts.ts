/**
 * By which prices an event goes. One that lasts is cut where the price of its seconds changes: each second has the price
 * of the instant at which it begins. Versions of a price never cut an event. Seconds of one price are one part.
 */
import { isInside } from './bands.ts';
import { findPrice, holdsFor, type Kind, type Price } from './book.ts';
import type { Calendar } from './calendar.ts';

export interface PricedUse {
  readonly kind: Kind;
  /** Microseconds. */
  readonly time: number;
  readonly timeZone: string;
  readonly quantity: number;
  /** Its quantity is how long it lasted, in seconds. */
  readonly lasting: boolean;
}

export interface PricePart {
  readonly price: Price;
  quantity: number;
}

/** @param covered of the front of the event, which no price is for. @returns null where no price is found */
export function priceParts(
  prices: readonly Price[],
  use: PricedUse,
  covered: number,
  calendar: Calendar,
): readonly PricePart[] | null {
  const { kind, time, timeZone, quantity, lasting } = use;
  const priceAt = (instant: number): Price | null =>
    findPrice(prices, kind, time, (bands) => isInside(bands, calendar.wallClock(timeZone, instant)));
  const banded = lasting && prices.some((price) => price.bands !== null && holdsFor(price, kind));
  if (!banded || quantity === covered) {
    const price = priceAt(time);
    return price === null ? null : [{ price, quantity: quantity - covered }];
  }
  const parts: PricePart[] = [];
  for (let second = covered; second < quantity; second++) {
    const price = priceAt(time + second * 1_000_000);
    if (price === null) return null;
    const known = parts.find((part) => part.price === price);
    if (known === undefined) parts.push({ price, quantity: 1 });
    else known.quantity++;
  }
  return parts;
}
