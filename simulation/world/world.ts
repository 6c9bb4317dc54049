/**
 * The simulated machine room: one clock, a queue of what happens next, and processes that can die or freeze.
 *
 * 1. One action runs at a time, and everything that it sets off without waiting (microtasks) before the next one.
 * 2. The next action is the earliest; of two with the same time the one that was asked for first. Nothing else decides
 *    the order, so the same seed is the same run, to the last byte.
 * 3. An action belongs to a process or to nobody (a server, the network). What belongs to a dead process never happens;
 *    what belongs to a frozen one waits until it is thawed, and then happens in its order.
 * 4. Whatever a process's own code sets off belongs to that process, however deep (AsyncLocalStorage).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { Random } from '@headrace/testkit/random';
import { ActionQueue } from './action-queue.ts';
import { realTimers } from './real-timers.ts';

/** Where the clock starts: a day in the middle of a month, so that nothing happens at its edges by accident. */
export const WORLD_START_MS = Date.UTC(2026, 10, 12, 9);

export interface Action {
  readonly at: number;
  readonly order: number;
  readonly owner: SimulatedProcess | null;
  readonly run: () => void;
  cancelled: boolean;
}

export type ProcessState = 'running' | 'frozen' | 'dead';

export class SimulatedProcess {
  readonly name: string;
  state: ProcessState = 'running';
  /** What waits for the thaw. */
  readonly parked: Action[] = [];

  constructor(name: string) {
    this.name = name;
  }
}

export class World {
  readonly random: Random;
  /** What happened, latest last, for people; bounded. */
  readonly trace: Trace;
  readonly #queue = new ActionQueue<Action>((a, b) => a.at - b.at || a.order - b.order);
  readonly #current = new AsyncLocalStorage<SimulatedProcess>();
  #now = 0;
  #order = 0;
  #failure: { readonly error: unknown } | null = null;
  #steps = 0;

  constructor(seed: number) {
    this.random = new Random(seed, 1);
    this.trace = new Trace(() => this.#now);
  }

  /** Milliseconds since the world began; whole and fractional. */
  get elapsed(): number {
    return this.#now;
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return WORLD_START_MS + Math.floor(this.#now);
  }

  get steps(): number {
    return this.#steps;
  }

  /** The process whose code is running. */
  get process(): SimulatedProcess | null {
    return this.#current.getStore() ?? null;
  }

  /** Runs `work` as code of the process. */
  enter<T>(process: SimulatedProcess, work: () => T): T {
    return this.#current.run(process, work);
  }

  schedule(owner: SimulatedProcess | null, delayMs: number, run: () => void): Action {
    this.#order += 1;
    const action = { at: this.#now + Math.max(0, delayMs), order: this.#order, owner, run, cancelled: false };
    this.#queue.push(action);
    return action;
  }

  /** Remembers the first failure that nobody handled; it ends the run. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  kill(process: SimulatedProcess): void {
    process.state = 'dead';
    process.parked.length = 0;
  }

  freeze(process: SimulatedProcess): void {
    if (process.state === 'running') process.state = 'frozen';
  }

  thaw(process: SimulatedProcess): void {
    if (process.state !== 'frozen') return;
    process.state = 'running';
    for (const action of process.parked.splice(0)) this.schedule(process, 0, action.run).cancelled = action.cancelled;
  }

  /** Runs until `done` says so, looked at after every action, or nothing is left. @throws what nobody handled */
  async run(done: () => boolean): Promise<void> {
    while (!done()) {
      const action = this.#queue.pop();
      if (action === undefined) return;
      if (action.cancelled) continue;
      this.#now = Math.max(this.#now, action.at);
      const { owner } = action;
      if (owner?.state === 'dead') continue;
      if (owner?.state === 'frozen') {
        owner.parked.push(action);
        continue;
      }
      this.#steps += 1;
      if (owner === null) this.#current.exit(action.run);
      else this.#current.run(owner, action.run);
      await settle();
      if (this.#failure !== null) throw this.#failure.error;
    }
  }
}

/** Lets every microtask run. */
function settle(): Promise<void> {
  return new Promise((resolve) => realTimers.setImmediate(resolve));
}

/** The last lines of what happened. */
export class Trace {
  static readonly LINES_MAX = 4_000;
  readonly #elapsed: () => number;
  readonly #lines: string[] = [];
  #first = 0;
  readonly #hash = createHash('sha256');

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  add(line: string): void {
    const text = `${(this.#elapsed() / 1000).toFixed(3).padStart(9)} ${line}`;
    this.#hash.update(`${text}\n`);
    if (this.#lines.length < Trace.LINES_MAX) this.#lines.push(text);
    else {
      this.#lines[this.#first] = text;
      this.#first = (this.#first + 1) % Trace.LINES_MAX;
    }
  }

  /** Of all lines so far, those that were dropped too: two runs with one digest were the same. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  lines(): readonly string[] {
    return [...this.#lines.slice(this.#first), ...this.#lines.slice(0, this.#first)];
  }
}
