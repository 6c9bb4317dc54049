/**
 * All processes of the demo together. Work that depends on them is guarded: it ends as soon as one of them dies or the
 * demo is interrupted, whatever it was waiting for.
 */
import { Child, type ChildOptions } from './child.ts';
import { DemoFailure } from './failure.ts';

/** How long a process may take to end in order. What it holds is thrown away or repeated, so a short time will do. */
const GRACE_MS = 8_000;

export class Crew {
  readonly #children: Child[] = [];
  readonly #stop: Promise<never>;
  #fail: (reason: unknown) => void = () => undefined;
  readonly #over = new AbortController();

  constructor(signal: AbortSignal) {
    this.#stop = new Promise((_, reject) => {
      this.#fail = (reason) => {
        this.#over.abort(reason);
        reject(reason);
      };
    });
    this.#stop.catch(() => undefined);
    const interrupted = () => this.#fail(new DemoFailure('The demo was interrupted.'));
    if (signal.aborted) interrupted();
    else signal.addEventListener('abort', interrupted, { once: true });
  }

  /** Aborted once the processes are to end, whatever the reason: loops that watch them look at it. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Starts a process that must live until it is stopped, or until it says that it may end. */
  start(options: ChildOptions): Child {
    const child = new Child(options);
    this.#children.push(child);
    void child.ended.then((ended) => {
      if (!child.stopping && !(ended.status === 0 && options.mayEnd?.())) this.#fail(child.failure(ended));
    });
    return child;
  }

  /** Runs a process to its end. @throws DemoFailure unless it ends well */
  async run(options: ChildOptions): Promise<void> {
    const child = new Child(options);
    this.#children.push(child);
    const ended = await this.guard(child.ended);
    if (ended.status !== 0) throw child.failure(ended);
  }

  /** The result of `work`, unless a process dies or the demo is interrupted before. */
  guard<T>(work: Promise<T>): Promise<T> {
    // The loser of the race must not count as unhandled.
    work.catch(() => undefined);
    return Promise.race([work, this.#stop]);
  }

  /** Ends all processes at once: what one of them still waits for from another is of no use any more. */
  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#children.map((child) => child.stop(GRACE_MS)));
  }
}
