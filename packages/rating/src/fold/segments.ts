/**
 * An event as a list of parts, each with its price: usually one; octets up and down where those have prices of their own; a
 * stretch for each price of a duration whose price depends on the hour. The parts add up to the event, and their order is
 * the event's own: allowances cover its front.
 *
 * 1. Second k of a duration is priced at start + k s. Versions never cut an event: they are those of its start.
 * 2. Cost grows with the days that a duration crosses, never with its seconds.
 */
import type { SuspenseCode } from '../contract.ts';
import { MICROS_PER_DAY, MICROS_PER_SECOND } from '../time.ts';
import { countedQuantity, NOT_COUNTED, TOO_LARGE } from './counted.ts';
import { EVENT_DAYS_MAX } from './limits.ts';
import type { Choice, LegChoices, RoutePrice } from './route-price.ts';
import type { Usage } from './usage.ts';

export class Segments {
  count = 0;
  total = 0;
  /** Filled up to `count`. */
  readonly prices: RoutePrice[] = [];
  readonly quantities: number[] = [];

  /** Cuts the event along the prices of a leg. @returns why it cannot be, or undefined */
  plan(usage: Usage, leg: LegChoices): SuspenseCode | undefined {
    this.count = 0;
    this.total = 0;
    const { whole, up, down } = leg;
    if (up !== undefined || down !== undefined) return this.#planDirections(usage, up, down);
    const { service } = usage.route.offer;
    if (whole === undefined || service === undefined) return 'PRICE_NOT_FOUND';
    const quantity = countedQuantity(service, usage.events, usage.index);
    if (quantity === NOT_COUNTED) return 'QUANTITY_INVALID';
    if (quantity === TOO_LARGE || quantity > Number.MAX_SAFE_INTEGER) return 'OVERFLOW';
    if (whole.fixed !== undefined) return this.#add(whole.fixed, quantity);
    return service.counts === 'seconds' ? this.#cut(usage, whole, quantity) : this.#take(usage, whole, quantity);
  }

  #planDirections(usage: Usage, up: Choice | undefined, down: Choice | undefined): SuspenseCode | undefined {
    const bytesUp = usage.events.bytesUp[usage.index] as number;
    const bytesDown = usage.events.bytesDown[usage.index] as number;
    if (bytesUp + bytesDown > Number.MAX_SAFE_INTEGER) return 'OVERFLOW';
    // Of an event without octets the first direction that has a price stands for the whole.
    if (bytesUp + bytesDown === 0) return this.#take(usage, up ?? down, 0);
    const refusal = bytesUp > 0 ? this.#take(usage, up, bytesUp) : undefined;
    return refusal === undefined && bytesDown > 0 ? this.#take(usage, down, bytesDown) : refusal;
  }

  /** Takes the price at the event's time for a quantity. */
  #take(usage: Usage, choice: Choice | undefined, quantity: number): SuspenseCode | undefined {
    if (choice === undefined) return 'PRICE_NOT_FOUND';
    const price = choice.fixed ?? choice.at(localInstant(usage, usage.time));
    return price === undefined ? 'PRICE_NOT_FOUND' : this.#add(price, quantity);
  }

  #cut(usage: Usage, choice: Choice, seconds: number): SuspenseCode | undefined {
    if (seconds > (EVENT_DAYS_MAX * MICROS_PER_DAY) / MICROS_PER_SECOND) return 'OVERFLOW';
    let time = usage.time;
    let left = seconds;
    do {
      const clock = usage.party.calendar.clockAt(time);
      const local = localInstant(usage, time);
      const price = choice.at(local);
      if (price === undefined) return 'PRICE_NOT_FOUND';
      // A price that is not cut takes all that follows.
      const change = price.cut
        ? Math.min(clock.to, time + choice.nextChange(local.within) - local.within)
        : Number.POSITIVE_INFINITY;
      const taken = Math.min(left, Math.ceil((change - time) / MICROS_PER_SECOND));
      this.#add(price, taken);
      left -= taken;
      time += taken * MICROS_PER_SECOND;
    } while (left > 0);
    return undefined;
  }

  #add(price: RoutePrice, quantity: number): undefined {
    this.total += quantity;
    const last = this.count - 1;
    if (last >= 0 && this.prices[last] === price) {
      this.quantities[last] = (this.quantities[last] as number) + quantity;
      return;
    }
    this.prices[this.count] = price;
    this.quantities[this.count] = quantity;
    this.count += 1;
  }
}

function localInstant(usage: Usage, time: number): { readonly day: number; readonly within: number } {
  const local = time + usage.party.calendar.clockAt(time).offset;
  const day = Math.floor(local / MICROS_PER_DAY);
  return { day, within: local - day * MICROS_PER_DAY };
}
