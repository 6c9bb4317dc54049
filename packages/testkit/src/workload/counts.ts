/** Counting by the generator's labels. */
import type { WorkloadCounts } from '../contract.ts';

export function newWorkloadCounts(): WorkloadCounts {
  return {
    messages: 0,
    bytes: 0,
    published: 0,
    distinct: 0,
    inFiles: 0,
    files: 0,
    repeated: 0,
    replayed: 0,
    conflicts: 0,
    brokenFiles: 0,
    oversizedFiles: 0,
    late1h: 0,
    late24h: 0,
    late7d: 0,
    outOfOrder: 0,
    services: {},
    outcomes: {},
  };
}

export function addOne(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** What becomes of an event that was sent before: only what was rated is a duplicate, the rest fails again. */
export function outcomeOfRepeat(outcome: string): string {
  return outcome === 'rated' ? 'duplicate' : outcome;
}
