/**
 * Plan records of usage.guide-plans: JSON, canonical when written, strict when read, because a plan decides what
 * becomes of events. A plan whose format is not known does not count, whatever else it says.
 */

import type { Position } from './block.ts';
import { isPosition, isRecord } from './blocks/header.ts';

export interface Plan {
  readonly format: 1;
  /** `raw/<partition>` or `reference`. */
  readonly source: string;
  /** From 0, one more than the plan before. */
  readonly number: number;
  readonly from: Position;
  readonly to: Position;
  readonly generation: number;
  readonly guidedPartitions: number;
  readonly receiptTime: 'log' | 'header';
  readonly horizonDays: number;
  readonly futureToleranceMinutes: number;
}

const FIELDS = [
  'format',
  'source',
  'number',
  'from',
  'to',
  'generation',
  'guidedPartitions',
  'receiptTime',
  'horizonDays',
  'futureToleranceMinutes',
];
const PLAN_BYTES_MAX = 4096;

export function encodePlan(plan: Plan): Uint8Array {
  const text = JSON.stringify({
    format: plan.format,
    source: plan.source,
    number: plan.number,
    from: { offset: plan.from.offset, x: plan.from.x },
    to: { offset: plan.to.offset, x: plan.to.x },
    generation: plan.generation,
    guidedPartitions: plan.guidedPartitions,
    receiptTime: plan.receiptTime,
    horizonDays: plan.horizonDays,
    futureToleranceMinutes: plan.futureToleranceMinutes,
  });
  return Buffer.from(text);
}

export type DecodedPlan =
  | { readonly plan: Plan; readonly problem: null }
  | { readonly plan: null; readonly problem: string };

export function decodePlan(value: Uint8Array | null): DecodedPlan {
  if (value === null) return refused('the record is empty');
  if (value.length > PLAN_BYTES_MAX) return refused(`the record has more than ${PLAN_BYTES_MAX} bytes`);
  let plan: unknown;
  try {
    plan = JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8'));
  } catch {
    return refused('the record is no JSON');
  }
  if (!isRecord(plan)) return refused('the record is no object');
  const problem = problemOf(plan);
  return problem === null ? { plan: plan as unknown as Plan, problem: null } : refused(problem);
}

function refused(problem: string): DecodedPlan {
  return { plan: null, problem };
}

function problemOf(plan: Record<string, unknown>): string | null {
  if (plan.format !== 1) return `format is ${JSON.stringify(plan.format)}, and only 1 is known`;
  const unknown = Object.keys(plan).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return `${unknown} is no field of a plan`;
  const { source, from, to, receiptTime } = plan;
  if (typeof source !== 'string' || !/^(reference|raw\/(0|[1-9][0-9]{0,8}))$/.test(source)) {
    return `source is ${JSON.stringify(source)}, neither "reference" nor "raw/<partition>"`;
  }
  const whole: readonly [string, number][] = [
    ['number', 0],
    ['generation', 0],
    ['guidedPartitions', 1],
    ['horizonDays', 1],
    ['futureToleranceMinutes', 0],
  ];
  for (const [field, least] of whole) {
    if (!Number.isSafeInteger(plan[field]) || Number(plan[field]) < least) {
      return `${field} is ${JSON.stringify(plan[field])}, no whole number from ${least}`;
    }
  }
  if (receiptTime !== 'log' && receiptTime !== 'header') return 'receiptTime is neither "log" nor "header"';
  if (!isPosition(from) || !isPosition(to)) return 'from or to is no position';
  if (to.offset < from.offset || to.x < from.x) return 'to lies before from';
  if (to.offset === from.offset && to.x === from.x) return 'to is from: a plan must lead on';
  return null;
}
