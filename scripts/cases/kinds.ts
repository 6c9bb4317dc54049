/**
 * What the events of a case count. Cases have one kind of service; the engine's services have a unit, so a service of a case
 * may become more than one.
 *
 * 1. Percentages are of money, all other models of quantities. Where one service has prices of both, or one allowance
 *    covers both, a percentage is counted as well: it is a price for each hundred.
 * 2. Services that share prices or allowances count alike: time where durations meet bands, for only that is cut; else
 *    messages. An event without a duration counts time that does not last.
 */
import type { Case, CaseAllowance, CaseEvent, CasePrice } from './case.ts';
import { Unsupported } from './unsupported.ts';

export type Kind = 'quantity' | 'time' | 'money';

const KINDS: readonly Kind[] = ['quantity', 'time', 'money'];

export interface EngineService {
  readonly kind: Kind;
  /** Its events last, and are cut where their price changes. */
  readonly lasting: boolean;
}

export const DEFAULT_NAME = 'default';

export class Kinds {
  /** All services that the case names, sorted. */
  readonly services: readonly string[];
  /** Percentages are prices for each hundred. */
  readonly counted: boolean;
  readonly #case: Case;
  /** Services of the case that are counted as time. */
  readonly #timed: ReadonlySet<string>;

  constructor(input: Case) {
    this.#case = input;
    const { prices, allowances = [], events } = input;
    const named = [...prices, ...allowances].flatMap(({ services = [] }) => services);
    const services = [...new Set([...named, ...events.map(serviceName)])].sort();
    this.services = services.length === 0 ? [DEFAULT_NAME] : services;
    const mixed = (services: readonly string[]): boolean =>
      new Set(prices.filter((price) => services.some((name) => isFor(price, name))).map(isShare)).size > 1;
    this.counted =
      this.services.some((service) => mixed([service])) ||
      allowances.some(({ services = this.services }) => mixed(services));
    if (this.counted && prices.some(hasPerEventTerms))
      throw new Unsupported('per-event terms are of money, and the case counts quantities and money alike');
    this.#timed = this.#findTimed();
    this.#checkSessions();
  }

  /** The engine's services, by name. */
  get engineServices(): ReadonlyMap<string, EngineService> {
    const all = this.services.flatMap((service) => {
      const kind = this.#kindOfService(service);
      const ways = kind === 'time' ? [true, false] : [false];
      return ways.map((lasting) => [this.#engineName(service, lasting), { kind, lasting }] as const);
    });
    const nothing = KINDS.map((kind) => [nothingOf(kind), { kind, lasting: false }] as const);
    return new Map([...all, ...nothing]);
  }

  kindOf(event: CaseEvent): Kind {
    return this.#kindOfService(serviceName(event));
  }

  /** The engine's service that an event is of. */
  serviceOf(event: CaseEvent): string {
    return this.#engineName(serviceName(event), isLasting(event));
  }

  kindOfPrice(price: CasePrice): Kind {
    const [service = DEFAULT_NAME] = price.services ?? this.services;
    return this.isShareOfMoney(price) ? 'money' : this.#timed.has(service) ? 'time' : 'quantity';
  }

  isShareOfMoney(price: CasePrice): boolean {
    return isShare(price) && !this.counted;
  }

  servicesOfPrice(price: CasePrice): readonly string[] {
    return this.#engineNames(price.services ?? this.services);
  }

  servicesOfAllowance({ services = this.services }: CaseAllowance): {
    readonly kind: Kind;
    readonly names: readonly string[];
  } {
    const priced = services.find((service) => this.#case.prices.some((price) => isFor(price, service)));
    const kind = this.#kindOfService(priced ?? services[0] ?? DEFAULT_NAME);
    // What has no price is never covered, whatever it counts.
    return { kind, names: this.#engineNames(services.filter((service) => this.#kindOfService(service) === kind)) };
  }

  #kindOfService(service: string): Kind {
    const isMoney = this.#case.prices.some((price) => isFor(price, service) && this.isShareOfMoney(price));
    return isMoney ? 'money' : this.#timed.has(service) ? 'time' : 'quantity';
  }

  #engineNames(services: readonly string[]): readonly string[] {
    const names = services.flatMap((service) =>
      this.#timed.has(service)
        ? [this.#engineName(service, true), this.#engineName(service, false)]
        : [this.#engineName(service, false)],
    );
    return [...new Set(names)];
  }

  #engineName(service: string, lasting: boolean): string {
    const way = this.#timed.has(service) && lasting ? '-lasting' : '';
    return `${this.#kindOfService(service)}-${this.services.indexOf(service)}${way}`;
  }

  /** Services with durations that meet bands, and all that share prices or allowances with them. */
  #findTimed(): Set<string> {
    const { prices, allowances = [], events } = this.#case;
    const banded = prices.filter(({ when }) => when !== undefined);
    const lasting = events.filter(lasts).map(serviceName);
    const timed = new Set(lasting.filter((service) => banded.some((price) => isFor(price, service))));
    const shares = [...prices.filter((price) => !this.isShareOfMoney(price)), ...allowances];
    for (let size = -1; size !== timed.size; ) {
      size = timed.size;
      for (const { services = this.services } of shares)
        if (services.some((name) => timed.has(name))) for (const name of services) timed.add(name);
    }
    return timed;
  }

  /** The engine's fee is once a session and service: a service that became two would take it twice. */
  #checkSessions(): void {
    const { prices, events } = this.#case;
    for (const service of this.#timed) {
      const own = events.filter((event) => serviceName(event) === service && event.session !== undefined);
      if (new Set(own.map(isLasting)).size < 2) continue;
      const fees = prices.filter(({ scope, connectFee = '0' }) => scope === 'session' && Number(connectFee) > 0);
      if (fees.some((price) => isFor(price, service)))
        throw new Unsupported(`a session of service '${service}' has events with a duration and others without`);
    }
  }
}

/** The engine's service of no event: what is for an empty list of services, or never holds, is for it. */
export function nothingOf(kind: Kind): string {
  return `nothing-${kind}`;
}

export function hasPerEventTerms(price: CasePrice): boolean {
  const { freeEvents, fixedPerEvent, perEventMinimum, perEventMaximum } = price;
  return (
    price.model === 'percentage' &&
    [freeEvents, fixedPerEvent, perEventMinimum, perEventMaximum].some((term) => term !== undefined)
  );
}

function lasts({ duration = 0 }: CaseEvent): boolean {
  return Number(duration) > 0;
}

/** It lasts, or counts nothing and so lasts as long as it counts. */
export function isLasting(event: CaseEvent): boolean {
  return lasts(event) || Number(event.quantity ?? event.amount ?? 0) === 0;
}

function serviceName({ service = DEFAULT_NAME }: CaseEvent): string {
  return service;
}

/** The price is a percentage. */
export function isShare({ model }: CasePrice): boolean {
  return model === 'percentage' || model === 'graduated_percentage';
}

function isFor({ services }: CasePrice, service: string): boolean {
  return services?.includes(service) ?? true;
}
