import { expect, it } from 'vitest';
import { passesOf } from '../src/passes.ts';

it.each<[string, [number, number][], number[][]]>([
  ['nothing moved: a pass for each', [], [[0], [1], [2], [3]]],
  ['a move joins two', [[3, 1]], [[0], [1, 3], [2]]],
  [
    'moves join in chains',
    [
      [0, 1],
      [2, 3],
      [3, 1],
    ],
    [[0, 1, 2, 3]],
  ],
  ['a move within one changes nothing', [[2, 2]], [[0], [1], [2], [3]]],
])('%s', (_, moves, passes) => {
  expect(passesOf([0, 1, 2, 3], moves)).toEqual(passes);
  expect(passesOf([3, 1, 0, 2], moves.toReversed())).toEqual(passes);
});
