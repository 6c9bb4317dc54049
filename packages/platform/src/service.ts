/** What a service gives to the shell that runs it. */
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** ok means progress: false when a partition stopped or lag grows without progress, not only when a process is dead. */
export interface Health {
  readonly ok: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Service {
  readonly name: string;
  health(): Health;
  /** Drains, commits and closes, in the reverse order of building. Called once. */
  stop(): Promise<void>;
  /** Harmless, repeatable things that POST /actions/<name> starts; the answer is sent as JSON. */
  readonly actions?: Readonly<Record<string, () => Promise<unknown>>>;
}

export interface ServiceContext {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Aborted when the process is asked to stop, also while it still starts. */
  readonly signal: AbortSignal;
}
