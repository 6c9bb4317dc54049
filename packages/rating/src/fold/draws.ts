/**
 * What one event draws from buckets: worked out first (`plan`), made true later (`commit`), so that an event that cannot
 * be rated has drawn nothing. One object serves all events of a block.
 *
 * 1. Buckets are drawn in the order of the waterfall, each as far as it goes, and the draws never exceed the event.
 * 2. An event of quantity 0 names the bucket that a first unit would draw, with quantity 0.
 */

import type { BlockParties } from './block-parties.ts';
import type { Grant } from './grants.ts';
import { EVENT_LINES_MAX } from './limits.ts';
import type { AllowanceSource, BucketSource } from './plan-routes.ts';
import type { PoolCycle } from './pools.ts';
import { prorate } from './proration.ts';
import type { PartitionState } from './state.ts';
import type { Usage } from './usage.ts';
import { type Claim, compareClaims, covers, zoneCount } from './waterfall.ts';

/** One bucket drawn; exactly one of the three sources is set. */
class Draw {
  allowance: AllowanceSource | undefined = undefined;
  poolCycle: PoolCycle | undefined = undefined;
  grant: Grant | undefined = undefined;
  before = 0;
  size = 0;
  quantity = 0;
}

export class Draws {
  /** Buckets drawn by the event planned last. */
  count = 0;
  covered = 0;
  /** True if any bucket held covers this service and zone, empty or not: what is left is overage. */
  eligible = false;
  /** The pool's bucket, if it is eligible, and what it covers of the event. */
  poolCycle: PoolCycle | undefined = undefined;
  poolCovered = 0;
  readonly #state: PartitionState;
  readonly #parties: BlockParties;
  readonly #draws: readonly Draw[] = Array.from({ length: EVENT_LINES_MAX - 1 }, () => new Draw());

  constructor(state: PartitionState, parties: BlockParties) {
    this.#state = state;
    this.#parties = parties;
  }

  at(index: number): Draw {
    return this.#draws[index] as Draw;
  }

  /** False if the event would need more buckets than it may have lines. */
  plan(usage: Usage, sources: readonly BucketSource[]): boolean {
    this.count = 0;
    this.covered = 0;
    this.poolCycle = undefined;
    this.poolCovered = 0;
    this.eligible = sources.length > 0;
    const { grants } = usage.subscription;
    if (grants !== undefined) return this.#planWithGrants(usage, sources, grants);
    for (const source of sources) if (!this.#drawSource(usage, source)) return false;
    return true;
  }

  /** Bucket id of a draw. */
  bucketId(usage: Usage, index: number): string {
    const draw = this.at(index);
    if (draw.poolCycle !== undefined) return draw.poolCycle.bucketId;
    if (draw.grant !== undefined) return draw.grant.id;
    const { subscription, profile, time } = usage;
    return `allowance:${profile.subscription}${draw.allowance?.infix ?? '/'}${subscription.calendar.at(time).period}`;
  }

  commit({ subscription, time }: Usage): void {
    for (let index = 0; index < this.count; index += 1) {
      const { allowance, poolCycle, grant, before, quantity } = this.at(index);
      if (quantity === 0) continue;
      if (poolCycle !== undefined) poolCycle.used += quantity;
      else if (grant !== undefined) grant.used += quantity;
      else if (allowance !== undefined) {
        this.#state.buckets.set(
          subscription.owner,
          allowance.item,
          subscription.calendar.at(time).index,
          before + quantity,
        );
      }
    }
  }

  #drawSource(usage: Usage, source: BucketSource): boolean {
    const { subscription, quantity, time } = usage;
    if (source.kind === 'pool') {
      if (subscription.pool === undefined) return true;
      const cycle = this.#parties.poolCycle(subscription, subscription.pool, usage.profile, time);
      this.poolCycle = cycle;
      const drawn = this.#draw(cycle.used, cycle.size, quantity);
      if (drawn === undefined) return this.#fits;
      drawn.poolCycle = cycle;
      this.poolCovered = drawn.quantity;
      return true;
    }
    const cycle = subscription.calendar.at(time);
    const before = this.#state.buckets.get(subscription.owner, source.item, cycle.index);
    const drawn = this.#draw(before, this.#allowanceSize(usage, source), quantity);
    if (drawn === undefined) return this.#fits;
    drawn.allowance = source;
    return true;
  }

  #fits = true;

  /** Draws on a bucket; undefined if it is empty, or not needed, or (then `#fits` is false) there is no line left for it. */
  #draw(before: number, size: number, quantity: number): Draw | undefined {
    this.#fits = true;
    const wanted = quantity - this.covered;
    const free = size - before;
    if (free <= 0 || (wanted === 0 && (quantity > 0 || this.count > 0))) return undefined;
    if (this.count === this.#draws.length) {
      this.#fits = false;
      return undefined;
    }
    const draw = this.at(this.count);
    draw.allowance = undefined;
    draw.poolCycle = undefined;
    draw.grant = undefined;
    draw.before = before;
    draw.size = size;
    draw.quantity = Math.min(wanted, free);
    this.count += 1;
    this.covered += draw.quantity;
    return draw;
  }

  /** An individual bucket's size: its quantity, or the part of it for the stretches in which the plan was had. */
  #allowanceSize({ subscription, profile, time }: Usage, source: AllowanceSource): number {
    const { quantity, proration } = source.allowance;
    if (proration === 'none') return quantity;
    const { start, end } = subscription.calendar.at(time);
    return this.#state.subscriptions
      .stretches(subscription.number, undefined, start, end)
      .filter((stretch) => stretch.plan === profile.plan)
      .reduce((sum, stretch) => sum + prorate(quantity, stretch.end - stretch.start, end - start), 0);
  }

  /** The rare way: top-ups have times of their own, so the order is worked out for the event. */
  #planWithGrants(usage: Usage, sources: readonly BucketSource[], grants: readonly Grant[]): boolean {
    const { route, quantity, time } = usage;
    const service = route.service?.name ?? '';
    const claims: { claim: Claim; source: BucketSource | undefined; grant: Grant | undefined; size: number }[] = [];
    for (const grant of grants) {
      const addOn = this.#state.catalogue.addOn(grant.addOn, grant.validFrom);
      if (time < grant.validFrom || time >= grant.validTo || addOn === undefined) continue;
      if (!covers(addOn, service, route.zone)) continue;
      const { id, validFrom: granted, validTo: expires } = grant;
      const claim = { priority: addOn.priority, zoneCount: zoneCount(addOn), rolledOver: false, expires, granted, id };
      claims.push({ claim, source: undefined, grant, size: addOn.quantity });
    }
    if (claims.length > 0) this.eligible = true;
    for (const source of sources) {
      claims.push({ claim: cycleClaim(usage, source), source, grant: undefined, size: 0 });
    }
    claims.sort((left, right) => compareClaims(left.claim, right.claim));
    for (const { source, grant, size } of claims) {
      if (source !== undefined) {
        if (!this.#drawSource(usage, source)) return false;
      } else if (grant !== undefined) {
        const drawn = this.#draw(grant.used, size, quantity);
        if (drawn !== undefined) drawn.grant = grant;
        else if (!this.#fits) return false;
      }
    }
    return true;
  }
}

function cycleClaim({ subscription, time }: Usage, source: BucketSource): Claim {
  const { start: granted, end: expires } = subscription.calendar.at(time);
  const common = { zoneCount: source.zoneCount, rolledOver: false, expires, granted };
  return source.kind === 'pool'
    ? { ...common, priority: source.rule.priority, id: `pool:${source.rule.name}` }
    : { ...common, priority: source.allowance.priority, id: `allowance:${source.infix}` };
}
