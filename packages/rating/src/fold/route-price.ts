/** Prices as a route has them: one, or a choice among several that hold at different hours. */
import type { Price } from '../price-book/price-book.ts';
import { Bands, type LocalInstant } from './bands.ts';
import { type PriceItem, priceLabel } from './price-item.ts';

/** One price of a plan. */
export class RoutePrice {
  readonly price: Price;
  readonly label: string;
  /** Undefined if it is zero-rated. */
  readonly item: PriceItem | undefined;
  readonly reason: string;
  readonly currency: string;
  readonly bands: Bands | undefined;
  /** An event that lasts past the end of its band is cut there. */
  readonly cut: boolean;
  /** Tells it from all others of its plan. */
  readonly index: number;

  constructor(price: Price, item: PriceItem | undefined, currency: string, index: number) {
    this.price = price;
    this.label = priceLabel(price);
    this.item = item;
    this.reason = price.rule.kind === 'zero-rated' ? price.rule.reason : '';
    this.currency = currency;
    this.bands = price.bands === undefined ? undefined : new Bands(price.bands);
    this.cut = price.bandSplit === 'cut';
    this.index = index;
  }
}

/** The prices that fit one leg (or one direction of it), the one to take first; all but the last have bands. */
export class Choice {
  readonly prices: readonly RoutePrice[];
  /** The only one, if it needs no instant. */
  readonly fixed: RoutePrice | undefined;

  constructor(prices: readonly RoutePrice[]) {
    this.prices = prices;
    this.fixed = prices[0]?.bands === undefined ? prices[0] : undefined;
  }

  at(instant: LocalInstant): RoutePrice | undefined {
    for (const price of this.prices) if (price.bands === undefined || price.bands.holdAt(instant)) return price;
    return undefined;
  }

  /** The next wall-clock time of the day, above `within`, at which another price may hold. */
  nextChange(within: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { bands } of this.prices) if (bands !== undefined) next = Math.min(next, bands.nextChange(within));
    return next;
  }
}

/** A leg of a route: priced whole, or octets up and down each on their own. */
export interface LegChoices {
  readonly whole: Choice | undefined;
  readonly up: Choice | undefined;
  readonly down: Choice | undefined;
}

/** The choices that fitting prices leave, the one to take first; undefined if there is none. */
export function legChoices(fitting: readonly RoutePrice[]): LegChoices | undefined {
  if (fitting.length === 0) return undefined;
  const choice = (direction: Price['direction']): Choice | undefined => {
    const own = fitting.filter(({ price }) => price.direction === direction);
    // What stands behind a price without bands never holds.
    const last = own.findIndex(({ bands }) => bands === undefined);
    return own.length === 0 ? undefined : new Choice(last === -1 ? own : own.slice(0, last + 1));
  };
  return { whole: choice(undefined), up: choice('up'), down: choice('down') };
}
