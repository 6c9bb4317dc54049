/**
 * Puts a world's clock, timers and randomness in the place of the machine's, for this whole process: the stages run as
 * they are, and none of their code, now or later, can read real time by a way that was forgotten.
 *
 * Timers belong to the simulated process whose code asked for them. Outside of a run everything is the machine's own.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { realTimers } from './real-timers.ts';
import type { Action, World } from './world.ts';

let world: World | null = null;

/** The world whose time holds from now on; null for the machine's. */
export function inhabit(next: World | null): void {
  world = next;
}

class SimulatedTimer {
  readonly #world: World;
  readonly #delayMs: number;
  readonly #run: () => void;
  readonly #repeats: boolean;
  #action: Action;

  constructor(within: World, delayMs: number, run: () => void, repeats: boolean) {
    this.#world = within;
    // As Node does: no timer is due at once.
    this.#delayMs = Number.isFinite(delayMs) && delayMs >= 1 ? delayMs : 1;
    this.#run = run;
    this.#repeats = repeats;
    this.#action = this.#start();
  }

  #start(): Action {
    return this.#world.schedule(this.#world.process, this.#delayMs, () => {
      if (this.#repeats) this.#action = this.#start();
      this.#run();
    });
  }

  close(): this {
    this.#action.cancelled = true;
    return this;
  }

  refresh(): this {
    this.#action.cancelled = true;
    this.#action = this.#start();
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

type Callback = (...values: unknown[]) => void;

function timer(repeats: boolean, real: (...given: never[]) => unknown) {
  return (run: Callback, delayMs = 1, ...values: unknown[]): unknown =>
    world === null
      ? Reflect.apply(real, globalThis, [run, delayMs, ...values])
      : new SimulatedTimer(world, delayMs, () => run(...values), repeats);
}

function clear(real: (handle: never) => void) {
  return (handle: unknown): void => {
    if (handle instanceof SimulatedTimer) handle.close();
    else Reflect.apply(real, globalThis, [handle]);
  };
}

interface SleepOptions {
  readonly signal?: AbortSignal;
}

function sleepIn(within: World, delayMs: number, value: unknown, signal: AbortSignal | undefined): Promise<unknown> {
  const aborted = () => new DOMException('The operation was aborted', { name: 'AbortError', cause: signal?.reason });
  if (signal?.aborted === true) return Promise.reject(aborted());
  return new Promise((resolve, reject) => {
    const end = () => {
      waiting.close();
      reject(aborted());
    };
    const waiting = new SimulatedTimer(
      within,
      delayMs,
      () => {
        signal?.removeEventListener('abort', end);
        resolve(value);
      },
      false,
    );
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** Once for the process. */
export function standIn(): void {
  const require = createRequire(import.meta.url);
  const timers = require('node:timers') as Record<string, unknown>;
  const promises = require('node:timers/promises') as Record<string, unknown>;
  const crypto = require('node:crypto') as Record<string, unknown>;
  const simulated = {
    setTimeout: timer(false, globalThis.setTimeout),
    setInterval: timer(true, globalThis.setInterval),
    setImmediate: immediate(globalThis.setImmediate),
    clearTimeout: clear(globalThis.clearTimeout),
    clearInterval: clear(globalThis.clearInterval),
    clearImmediate: clear(globalThis.clearImmediate),
  };
  Object.assign(timers, simulated);
  Object.assign(globalThis, simulated);
  const realSleep = promises.setTimeout as (delayMs?: number, value?: unknown, options?: SleepOptions) => unknown;
  promises.setTimeout = (delayMs = 1, value?: unknown, options: SleepOptions = {}): unknown =>
    world === null ? realSleep(delayMs, value, options) : sleepIn(world, delayMs, value, options.signal);
  const realUuid = crypto.randomUUID as () => string;
  crypto.randomUUID = (): string => {
    if (world === null) return realUuid();
    const words = Array.from({ length: 4 }, () => (world?.random.next() ?? 0).toString(16).padStart(8, '0')).join('');
    return words.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };
  syncBuiltinESMExports();
  standInClock();
}

function immediate(real: typeof setImmediate) {
  return (run: Callback, ...values: unknown[]): unknown =>
    world === null
      ? Reflect.apply(real, globalThis, [run, ...values])
      : new SimulatedTimer(world, 1, () => run(...values), false);
}

function standInClock(): void {
  const now = (): number => world?.now ?? realTimers.Date.now();
  globalThis.Date = new Proxy(realTimers.Date, {
    construct: (target, given: unknown[], asked) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, asked),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  performance.now = () => world?.elapsed ?? realTimers.now();
  const { random } = Math;
  Math.random = () => world?.random.fraction() ?? random();
}
