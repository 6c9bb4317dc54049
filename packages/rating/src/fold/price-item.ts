/**
 * One version of a metered price as the fold uses it: identified by (plan, id, effectiveFrom), so it outlives the book
 * that brought it, and its meters with it.
 */
import type { MeteredPrice, MeterOwner, MeterScope, Plan, Price, ServiceDefinition } from '../price-book/price-book.ts';
import { MeterPrice } from '../price-functions/metered-price.ts';
import { formatTimeMicros } from '../time.ts';

/** What a book says of an item: enough to make its price when it is first needed. */
export interface ItemDefinition {
  readonly plan: Plan;
  readonly price: Price;
  readonly service: ServiceDefinition;
}

/** `id@effective date`; `id@always` where the book gives no date. */
export function priceLabel(price: Pick<Price, 'id' | 'effectiveFrom'>): string {
  if (price.effectiveFrom === undefined) return `${price.id}@always`;
  const time = formatTimeMicros(price.effectiveFrom);
  return `${price.id}@${time.endsWith('T00:00:00Z') ? time.slice(0, 10) : time}`;
}

export class PriceItem {
  readonly number: number;
  readonly label: string;
  readonly plan: string;
  readonly currency: string;
  readonly service: ServiceDefinition;
  /** Zone of a line that no event caused: the price's, if it has exactly one. */
  readonly soleZone: string;
  readonly owner: MeterOwner;
  readonly scope: MeterScope;
  readonly price: MeterPrice;
  readonly #infix: string;
  #suffix = '';
  #suffixPeriod = '';

  constructor(number: number, definition: ItemDefinition, rule: MeteredPrice) {
    const { plan, price, service } = definition;
    this.number = number;
    this.label = priceLabel(price);
    this.plan = plan.id;
    this.currency = plan.currency;
    this.service = service;
    this.soleZone = price.zones?.length === 1 ? (price.zones[0] ?? '') : '';
    this.owner = rule.owner;
    this.scope = rule.scope;
    this.price = new MeterPrice(rule);
    this.#infix = `/${plan.id}/${this.label}/`;
  }

  /** `<owner>/<plan>/<price>@<date>/<period>`; the period is `event` for a meter that lives for one event. */
  meterId(owner: string, period: string): string {
    if (period !== this.#suffixPeriod) {
      this.#suffixPeriod = period;
      this.#suffix = this.#infix + period;
    }
    return owner + this.#suffix;
  }
}
