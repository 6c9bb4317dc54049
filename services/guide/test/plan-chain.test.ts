import type { Plan, Position } from '@headrace/codec';
import { describe, expect, it } from 'vitest';
import { PlanChain } from '../src/plan-chain.ts';

const plan = (from: Position, to: Position): Plan => ({
  format: 1,
  source: 'raw/0',
  number: 1,
  from,
  to,
  generation: 1,
  guidedPartitions: 2,
  receiptTime: 'log',
  horizonDays: 45,
  futureToleranceMinutes: 60,
});
const at = (offset: number, x: number): Position => ({ offset, x });

describe('which plans count', () => {
  it.each([
    ['continues the last one', at(10, 2), at(20, 2), true],
    ['only X rises: an idle partition passes a close', at(10, 2), at(10, 3), true],
    ['begins before the end: written by a zombie', at(5, 2), at(20, 2), false],
    ['begins beyond the end', at(11, 2), at(20, 2), false],
    ['another X than the end', at(10, 1), at(20, 2), false],
    ['nothing rises', at(10, 2), at(10, 2), false],
    ['the offset falls', at(10, 2), at(9, 3), false],
    ['X falls', at(10, 2), at(20, 1), false],
  ])('%s', (_title, from, to, counts) => {
    const chain = new PlanChain();
    expect(chain.accept(plan(at(0, 0), at(10, 2)))).toBe(true);
    expect(chain.accept(plan(from, to))).toBe(counts);
    expect(chain.end).toEqual(counts ? to : at(10, 2));
  });

  it('gives two readers of one log the same answer, whoever wrote', () => {
    const log = [
      plan(at(0, 0), at(5, 1)),
      plan(at(0, 0), at(7, 1)),
      plan(at(5, 1), at(9, 1)),
      plan(at(7, 1), at(9, 1)),
      plan(at(9, 1), at(9, 4)),
    ];
    const first = new PlanChain();
    const counted = log.map((entry) => first.accept(entry));
    expect(counted).toEqual([true, false, true, false, true]);
    // A reader that begins at a plan that is known to count agrees from there on.
    const later = new PlanChain(at(5, 1));
    expect(log.slice(2).map((entry) => later.accept(entry))).toEqual([true, false, true]);
  });
});
