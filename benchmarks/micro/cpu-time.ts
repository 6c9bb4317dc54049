/** What both micro benchmarks share: their clock, their middle, and freeing what a round leaves. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Processor time of this thread in milliseconds, its own part of garbage collection included: on a shared machine it moves
 * less than a clock.
 */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The same of all threads of the process: what helps this one (garbage collection, compilation) included. */
export function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Lowest to highest ratio, in per cent. */
export function spreadOf(ratios: readonly number[]): string {
  return `${(100 * Math.min(...ratios)).toFixed(1)} to ${(100 * Math.max(...ratios)).toFixed(1)} %`;
}

/** Frees what the round before left: else it is freed in the time of the next one. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node.js does not let its garbage be collected');
  collect();
}
