/**
 * How large a pool is in a cycle: a fixed one has its rule's quantity, a stacked one the sum of its members'
 * contributions. With proration by the second each stretch of membership gives quantity * seconds / seconds of the
 * cycle, rounded half up to whole units; without, a member gives all if there was any stretch.
 */
import { roundHalfUp } from './amounts.ts';
import type { AuditorBook } from './book.ts';
import type { Stretch } from './calendar.ts';
import type { Reference, SubscriptionState } from './reference.ts';

/** States in which a member contributes. */
const contributing: ReadonlySet<string> = new Set(['test-ready', 'activation-ready', 'active', 'suspended']);

interface Membership {
  readonly subscription: string;
  readonly plan: string;
  /** Microseconds, inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export class PoolSizes {
  readonly #stretches = new Map<string, Membership[]>();

  constructor(reference: Reference) {
    for (const timeline of reference.subscriptions.values()) this.#collect(timeline.entries);
  }

  sizeOf(pool: string, rule: string, book: AuditorBook, cycle: Stretch): bigint {
    const entry = book.pools.get(rule);
    if (entry === undefined) throw new Error(`Pool ${pool} names the rule ${rule}, which is not in the book.`);
    if (entry.kind === 'fixed') return entry.quantity;
    let size = 0n;
    const counted = new Set<string>();
    for (const stretch of this.#stretches.get(pool) ?? []) {
      const from = Math.max(stretch.from, cycle.from);
      const to = Math.min(stretch.to, cycle.to);
      if (from >= to) continue;
      const contribution = book.plans.get(stretch.plan)?.contributes.get(rule) ?? 0n;
      if (entry.proration === 'second') {
        size += roundHalfUp(contribution * BigInt(to - from), BigInt(cycle.to - cycle.from));
      } else if (!counted.has(stretch.subscription)) {
        counted.add(stretch.subscription);
        size += contribution;
      }
    }
    return size;
  }

  /** Neighbouring entries with the same pool and plan are one stretch. */
  #collect(entries: readonly SubscriptionState[]): void {
    let last: { readonly pool: string; readonly stretch: Membership } | null = null;
    for (const [index, { subscription, plan, pool, state, from }] of entries.entries()) {
      const to = entries[index + 1]?.from ?? Number.POSITIVE_INFINITY;
      if (pool === null || !contributing.has(state)) {
        last = null;
        continue;
      }
      const stretches = this.#stretches.get(pool) ?? [];
      this.#stretches.set(pool, stretches);
      const continued: Membership | null = last?.pool === pool && last.stretch.plan === plan ? last.stretch : null;
      // A continued stretch was pushed last: entries of one subscription are taken in one go.
      if (continued !== null) stretches.pop();
      const stretch: Membership = { subscription, plan, from: continued?.from ?? from, to };
      stretches.push(stretch);
      last = { pool, stretch };
    }
  }
}
