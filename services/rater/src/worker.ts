/** One rating thread. */
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { LaneFolds, type LaneResult, type LaneTask } from './lane-folds.ts';

const folds = new LaneFolds();

export default function run(task: LaneTask): LaneResult | ReturnType<typeof move> {
  const { result, buffers } = folds.perform(task);
  return buffers.length === 0 ? result : move({ [transferableSymbol]: buffers, [valueSymbol]: result });
}
