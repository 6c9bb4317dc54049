/**
 * What the events of a case count. Cases have one kind of service; the engine's services have a unit, so a service that is
 * used both with quantities and with amounts of money becomes two.
 *
 * 1. Percentages are of money, all other models of quantities; an event with an amount is of money if anything prices its
 *    service as money.
 * 2. Quantities are seconds where durations meet bands, for only those are cut in time; else they are messages.
 */
import type { Case, CaseAllowance, CaseEvent, CasePrice } from './case.ts';
import { Unsupported } from './unsupported.ts';

export type Kind = 'quantity' | 'money';

export const DEFAULT_NAME = 'default';

export class Kinds {
  /** All services that the case names, sorted. */
  readonly services: readonly string[];
  /** The case cuts durations at bands. */
  readonly timed: boolean;
  readonly #case: Case;
  readonly #needed = new Set<string>();

  constructor(input: Case) {
    this.#case = input;
    const { prices, allowances = [], events } = input;
    const named = [...prices, ...allowances].flatMap(({ services = [] }) => services);
    const used = events.map(({ service = DEFAULT_NAME }) => service);
    const services = [...new Set([...named, ...used])].sort();
    this.services = services.length === 0 ? [DEFAULT_NAME] : services;
    this.timed =
      events.some(({ duration = 0 }) => Number(duration) > 0) && prices.some(({ when }) => when !== undefined);
    for (const price of prices)
      for (const service of price.services ?? this.services)
        this.#needed.add(engineService(this, service, kindOfPrice(price)));
    for (const event of events) this.#needed.add(this.serviceOf(event));
    for (const allowance of allowances)
      for (const name of this.servicesOfAllowance(allowance).names) this.#needed.add(name);
  }

  /** The engine's services, with the kind of each. */
  get engineServices(): ReadonlyMap<string, Kind> {
    return new Map([...this.#needed].sort().map((name) => [name, name.startsWith('money') ? 'money' : 'quantity']));
  }

  kindOf(event: CaseEvent): Kind {
    const { service = DEFAULT_NAME } = event;
    const kinds = new Set(
      this.#case.prices.filter(({ services }) => services?.includes(service) ?? true).map(kindOfPrice),
    );
    const own = event.amount === undefined ? 'quantity' : 'money';
    const other = own === 'money' ? 'quantity' : 'money';
    return kinds.has(own) || !kinds.has(other) ? own : other;
  }

  serviceOf(event: CaseEvent): string {
    return engineService(this, event.service ?? DEFAULT_NAME, this.kindOf(event));
  }

  /** Some event that the price may be for lasts, so that it is cut at the price's bands; others are priced as they begin. */
  isCut({ services }: CasePrice): boolean {
    return this.#case.events.some(
      ({ service = DEFAULT_NAME, duration = 0 }) => Number(duration) > 0 && (services?.includes(service) ?? true),
    );
  }

  servicesOfPrice(price: CasePrice): readonly string[] {
    const kind = kindOfPrice(price);
    return (price.services ?? this.services).map((service) => engineService(this, service, kind));
  }

  /** An allowance covers what its services' events count: all of one kind, since it is one bucket. */
  servicesOfAllowance(allowance: CaseAllowance): { readonly kind: Kind; readonly names: readonly string[] } {
    const services = allowance.services ?? this.services;
    const covered = this.#case.events.filter(({ service = DEFAULT_NAME }) => services.includes(service));
    const kinds = new Set(covered.map((event) => this.kindOf(event)));
    if (kinds.size > 1) throw new Unsupported(`allowance '${allowance.id}' would cover quantities and money alike`);
    const own = this.#case.prices.filter((price) => services.some((name) => price.services?.includes(name) ?? true));
    const byPrice = own.length > 0 && own.every((price) => kindOfPrice(price) === 'money') ? 'money' : 'quantity';
    const [kind = byPrice] = kinds;
    return { kind, names: services.map((service) => engineService(this, service, kind)) };
  }
}

export function kindOfPrice({ model }: CasePrice): Kind {
  return model === 'percentage' || model === 'graduated_percentage' ? 'money' : 'quantity';
}

function engineService(kinds: Kinds, service: string, kind: Kind): string {
  return `${kind}-${kinds.services.indexOf(service)}`;
}
