/** Usage that is not on the bill, by what hinders it. */
import type { GuidedEvents, Money, SuspendedUsage, SuspenseCode } from '../contract.ts';
import { compareCodePoints } from '../offline/canonical-order.ts';

export interface Unrated {
  readonly code: SuspenseCode;
  readonly service: string;
  readonly unit: string;
  /** Empty where it is not known. */
  readonly currency: string;
  readonly events: number;
  readonly quantity: bigint;
  /** At the last price known. */
  readonly estimatedValue: Money;
  /** Id of the first, as a sample. */
  readonly firstEvent: string;
}

export class UnratedUsage {
  readonly #byKey = new Map<string, Unrated>();

  add(
    suspended: readonly SuspendedUsage[],
    events: Pick<GuidedEvents, 'context' | 'contextAt'> & { eventId(event: number): string },
  ): void {
    for (const { event, code, unit, currency, quantity, estimatedValue } of suspended) {
      const { service } = events.contextAt(events.context[event] as number);
      const key = JSON.stringify([code, service, unit, currency]);
      const known = this.#byKey.get(key);
      this.#byKey.set(key, {
        code,
        service,
        unit,
        currency,
        events: (known?.events ?? 0) + 1,
        quantity: (known?.quantity ?? 0n) + BigInt(quantity),
        estimatedValue: (known?.estimatedValue ?? 0n) + estimatedValue,
        firstEvent: known?.firstEvent ?? events.eventId(event),
      });
    }
  }

  /** By code, service, unit and currency. */
  list(): Unrated[] {
    return [...this.#byKey].sort(([a], [b]) => compareCodePoints(a, b)).map(([, unrated]) => unrated);
  }
}
