/**
 * Repeats work at an interval, but never so often that it takes more than a share of the time: as tables grow, rounds come
 * more seldom instead of taking the server from others.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Rounds take at most one part in so many of the time. */
export const LOAD_SHARE = 10;

/** Pause until the next round, from the interval wanted and the last round's length. */
export function pauseMs(intervalMs: number, roundMs: number): number {
  return Math.max(intervalMs, roundMs * (LOAD_SHARE - 1));
}

/** Runs `round` until aborted. `failed` gets what a round throws; the next round comes all the same. */
export async function repeat(
  intervalMs: number,
  signal: AbortSignal,
  round: () => Promise<unknown>,
  failed: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now();
    try {
      await round();
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
    }
    // Rejects only when aborted, which is the end of the loop.
    await sleep(pauseMs(intervalMs, performance.now() - began), undefined, { signal }).catch(() => undefined);
  }
}
