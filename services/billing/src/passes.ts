/**
 * Which guided partitions are settled in one pass. The state of a pass is that of its partitions, so few in a pass are
 * little memory; but an event whose SIM was moved to another hierarchy is rated in another partition than it was before,
 * and has to be seen by both. Pure.
 */

/** @param moves pairs of partitions that some SIM was moved between. @returns each partition once, in order */
export function passesOf(partitions: readonly number[], moves: Iterable<readonly [number, number]>): number[][] {
  const first = new Map(partitions.map((partition) => [partition, partition]));
  const firstOf = (partition: number): number => {
    const before = first.get(partition) ?? partition;
    return before === partition ? partition : firstOf(before);
  };
  for (const [one, other] of moves) {
    const [a, b] = [firstOf(one), firstOf(other)];
    first.set(Math.max(a, b), Math.min(a, b));
  }
  const passes = new Map<number, number[]>();
  for (const partition of [...partitions].sort((a, b) => a - b)) {
    const pass = passes.get(firstOf(partition));
    if (pass === undefined) passes.set(firstOf(partition), [partition]);
    else pass.push(partition);
  }
  return [...passes.values()];
}
