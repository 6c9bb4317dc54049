/**
 * Which plans count. Two guides may write plans for one raw partition at once (a zombie, a rebalance); the log decides.
 *
 * 1. A plan counts only if its `from` equals the `to` of the last plan that counts, neither part of its `to` falls and
 *    at least one rises, and its format is one that this version executes.
 * 2. Whoever reads the same log finds the same plans that count.
 */
import { type Plan, POSITION_START, type Position } from '@headrace/codec';

export interface CountedPlan {
  readonly plan: Plan;
  /** Offset of the record in its partition of usage.guide-plans. */
  readonly offset: number;
}

export class PlanChain {
  private tail: Position;

  constructor(start: Position = POSITION_START) {
    this.tail = start;
  }

  /** Where the next plan has to begin. */
  get end(): Position {
    return this.tail;
  }

  /** Takes the next record of the log; true if the plan counts. */
  accept(plan: Plan): boolean {
    const fits = plan.from.offset === this.tail.offset && plan.from.x === this.tail.x;
    const rises = plan.to.offset > plan.from.offset || plan.to.x > plan.from.x;
    const falls = plan.to.offset < plan.from.offset || plan.to.x < plan.from.x;
    if (!fits || !rises || falls) return false;
    this.tail = plan.to;
    return true;
  }
}
