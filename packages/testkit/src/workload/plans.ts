/**
 * What a plan is, as far as subscriptions need to know: its kind, currency and footprint are functions of its number.
 * The price book writes the same plans out in full.
 *
 * A decade of plans has all ten kinds in one currency: 0, 1 and 2 contribute to a stacked pool (2 has a bucket of its
 * own before the pool), 3 and 4 use a fixed pool, 5 is a single IoT allowance, 6 and 7 are mobility bundles, 8 and 9 are
 * pay-per-use for IoT and mobility.
 */
import { hashNumbers } from '../random.ts';
import { FOOTPRINTS } from './networks.ts';

export type PlanKind = 'stacked' | 'fixed' | 'single' | 'bundle' | 'iot-use' | 'mobility-use';

const kinds: readonly PlanKind[] = [
  'stacked',
  'stacked',
  'stacked',
  'fixed',
  'fixed',
  'single',
  'bundle',
  'bundle',
  'iot-use',
  'mobility-use',
];

export const FIXED_SIZES = 10;

export class PlanCatalog {
  readonly seed: number;
  readonly decades: number;

  constructor(seed: number, decades: number) {
    this.seed = seed;
    this.decades = decades;
  }

  get plans(): number {
    return this.decades * 10;
  }

  name(plan: number): string {
    return `plan-${String(plan).padStart(4, '0')}`;
  }

  kind(plan: number): PlanKind {
    return kinds[plan % 10] ?? 'iot-use';
  }

  currency(plan: number): string {
    return Math.floor(plan / 10) % 3 === 2 ? 'USD' : 'EUR';
  }

  /** One for a decade, so that plans of one kind can share a pool. */
  footprint(plan: number): number {
    return hashNumbers(this.seed, Math.floor(plan / 10), 0xf00) % FOOTPRINTS;
  }

  /** Another plan of the same decade and kind, with other prices. */
  sibling(plan: number): number {
    const decade = plan - (plan % 10);
    return this.kind(plan) === 'fixed' ? decade + 7 - (plan % 10) : decade + (((plan + 1) % 10) % 3);
  }

  /** Stacked pools of odd kinds are prorated by the second. */
  prorated(plan: number): boolean {
    return plan % 2 === 0;
  }

  /** Rule of a pool whose members have this plan or a sibling. `size` counts for fixed pools alone. */
  poolRule(plan: number, size: number): string {
    const footprint = this.footprint(plan);
    if (this.kind(plan) === 'fixed') return `fixed-${footprint}-${size}`;
    return `stacked-${footprint}-${this.prorated(plan) ? 'second' : 'none'}`;
  }

  /** A plan of the given last digit and currency, chosen by `hash`. */
  choose(digit: number, currency: string, hash: number): number {
    const dollars = Math.floor(this.decades / 3);
    const count = currency === 'USD' ? dollars : this.decades - dollars;
    const ordinal = hash % count;
    const decade = currency === 'USD' ? ordinal * 3 + 2 : Math.floor(ordinal / 2) * 3 + (ordinal % 2);
    return decade * 10 + digit;
  }
}
