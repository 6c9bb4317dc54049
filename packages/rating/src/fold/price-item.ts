/**
 * One version of a metered price as the fold uses it: identified by (tariff, id, effectiveFrom), so it outlives the book
 * that brought it, and its meters with it.
 */
import type {
  Leg,
  MeteredPrice,
  MeterOwner,
  MeterScope,
  Price,
  PriceBook,
  ServiceDefinition,
  Unit,
} from '../price-book/price-book.ts';
import { MeterPrice } from '../price-functions/metered-price.ts';
import { formatTimeMicros } from '../time.ts';

/** What a book says of an item: enough to make its price when it is first needed. */
export interface ItemDefinition {
  readonly book: PriceBook;
  readonly price: Price;
  readonly currency: string;
}

/** `tariff/id@effective date`; `tariff/id@always` where the book gives no date. */
export function priceLabel(price: Pick<Price, 'tariff' | 'id' | 'effectiveFrom'>): string {
  const name = `${price.tariff}/${price.id}`;
  if (price.effectiveFrom === undefined) return `${name}@always`;
  const time = formatTimeMicros(price.effectiveFrom);
  return `${name}@${time.endsWith('T00:00:00Z') ? time.slice(0, 10) : time}`;
}

export class PriceItem {
  readonly number: number;
  readonly label: string;
  readonly leg: Leg;
  readonly currency: string;
  /** Of lines that no event caused: the price's, if it is for exactly one; else empty. */
  readonly soleService: string;
  readonly soleZone: string;
  readonly unit: Unit | '';
  readonly owner: MeterOwner;
  readonly scope: MeterScope;
  readonly feesWhenCovered: boolean;
  /** What is due of a meter at the close of its scope; undefined: no commitment. */
  readonly minimum: bigint | undefined;
  /** Its book has one cycle for all time. */
  readonly allTime: boolean;
  readonly #rule: MeteredPrice;
  /** Made when first used: a plan has prices that nobody's use ever meets. */
  #price: MeterPrice | undefined;
  /** The price with the connection fee due so many times, where that is not once. */
  readonly #byFees: (MeterPrice | undefined)[] = [];

  constructor(number: number, { book, price, currency }: ItemDefinition, rule: MeteredPrice) {
    this.number = number;
    this.label = priceLabel(price);
    this.leg = price.leg;
    this.currency = currency;
    this.soleService = price.services?.length === 1 ? (price.services[0] ?? '') : '';
    this.soleZone = price.zones?.length === 1 ? (price.zones[0] ?? '') : '';
    this.unit = commonUnit(price, book.services);
    this.owner = rule.owner;
    this.scope = rule.scope;
    this.feesWhenCovered = rule.feesWhenCovered;
    this.minimum = rule.scope === 'event' ? undefined : rule.minimum;
    this.allTime = book.cycle === 'all';
    this.#rule = rule;
  }

  get price(): MeterPrice {
    this.#price ??= new MeterPrice(this.#rule, this.scope);
    return this.#price;
  }

  /**
   * The price for a meter that takes the connection fee so many times: 0 where another meter of the event or session has
   * taken it, more than once where a session's meter counts several services.
   */
  withFees(count: number): MeterPrice {
    if (count === 1 || this.#rule.connectFee === 0n) return this.price;
    let price = this.#byFees[count];
    if (price === undefined) {
      const connectFee = this.#rule.connectFee * BigInt(count);
      price = new MeterPrice({ ...this.#rule, connectFee }, this.scope);
      this.#byFees[count] = price;
    }
    return price;
  }
}

/** The unit of all services that a price is for; empty if they differ. */
function commonUnit(price: Price, services: ReadonlyMap<string, ServiceDefinition>): Unit | '' {
  const units = new Set((price.services ?? [...services.keys()]).map((name) => services.get(name)?.unit ?? ''));
  const [unit = ''] = units;
  return units.size === 1 ? unit : '';
}
