/** Repeats an operation for as long as its failure is one that may pass. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HeadraceError, messageOf } from './errors.ts';
import type { Logger } from './log.ts';

const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 5_000;

/**
 * Runs `operation` until it succeeds, with pauses that grow to five seconds. Says once that it waits and once that it
 * goes on, not at each try.
 * @param what names the operation for the log, for example "send blocks of raw/3"
 * @param failed is told of each failure that is repeated, for metrics and health
 * @throws whatever is not a HeadraceError with the action `retry`; the signal's reason once it is aborted
 */
export async function retrying<T>(
  what: string,
  log: Logger,
  signal: AbortSignal,
  operation: () => Promise<T>,
  failed: (error: HeadraceError) => void = () => undefined,
): Promise<T> {
  for (let pauseMs = PAUSE_FIRST_MS, tries = 1; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS), tries += 1) {
    signal.throwIfAborted();
    try {
      const result = await operation();
      if (tries > 1) log.info(`${what}: succeeded again`, { tries });
      return result;
    } catch (error) {
      if (!(error instanceof HeadraceError) || error.action !== 'retry') throw error;
      if (tries === 1) log.warn(`${what}: failed, repeating until it succeeds`, { reason: messageOf(error) });
      failed(error);
      await sleep(pauseMs, undefined, { signal });
    }
  }
}
