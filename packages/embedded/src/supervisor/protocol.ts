/**
 * What the supervisor and its parent say to each other: one JSON object a line.
 *
 *   parent ──▶ supervisor (stdin):  Spec, then nothing until Stop; the end of the stream means that the parent died
 *   supervisor ──▶ parent (stdout): Started, then Exited
 */

export interface Spec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Held while the command runs, so that no other supervisor runs one on the same data; see `LOCKED`. */
  readonly lockFile?: string | undefined;
  /** Takes the command's standard output and error; appended to. */
  readonly logFile: string;
  /** Removed with all in them once the command has ended, however it ended. */
  readonly removeAlways: readonly string[];
  /** Removed only if the command ended because it was asked to. */
  readonly removeWhenStopped: readonly string[];
  /** How long the command has between the request to end and the kill; 0 kills at once. */
  readonly stopMs: number;
}

export type Report =
  | { readonly event: 'started'; readonly pid: number }
  | { readonly event: 'failed'; readonly reason: string }
  | { readonly event: 'exited'; readonly status: number | null; readonly signal: string | null };

export const STOP = 'stop';

/** The reason of `failed` when another supervisor holds the lock. */
export const LOCKED = 'locked';
