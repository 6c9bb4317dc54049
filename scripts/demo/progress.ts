/**
 * What is said while the demo runs: one line that is rewritten on a terminal, a line every few seconds elsewhere; and
 * what follows from a series of readings: the rate of each stage, and whether anything still moves. Clocks are given.
 */
import { lagEvents, type Reading } from './readings.ts';

const ON_TERMINAL_MS = 500;
const ELSEWHERE_MS = 5_000;

/** Where the live line goes: standard error, as standard output is kept for the report. */
export interface Terminal {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

export class LiveLine {
  readonly #terminal: Terminal;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** A line that passes: on a terminal it takes the place of the one before. */
  show(text: string, nowMs: number): void {
    const { isTTY, columns } = this.#terminal;
    if (nowMs - this.#writtenAt < (isTTY ? ON_TERMINAL_MS : ELSEWHERE_MS)) return;
    this.#writtenAt = nowMs;
    // A line that wraps cannot be rewritten.
    this.#terminal.write(isTTY ? `\r\u001b[2K${text.slice(0, Math.max(20, columns - 1))}` : `${text}\n`);
    this.#open = isTTY;
  }

  /** A line that stays. */
  say(text: string): void {
    this.#terminal.write(`${this.#open ? '\r\u001b[2K' : ''}${text}\n`);
    this.#open = false;
    this.#writtenAt = Number.NEGATIVE_INFINITY;
  }

  /** Leaves the terminal at the begin of a line. */
  end(): void {
    if (this.#open) this.#terminal.write('\n');
    this.#open = false;
  }
}

/** Whole numbers with a comma every three digits. */
export function grouped(value: number | bigint | string): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** The live line's text. */
export function progressText(reading: Reading, eventsPerSecond: number, seconds: number): string {
  const { published, received, answered, loadedLines } = reading;
  return [
    `${seconds.toFixed(0).padStart(4)} s`,
    `published ${grouped(published)}`,
    `guided ${grouped(received)}`,
    `rated ${grouped(answered)}`,
    `loaded ${grouped(loadedLines)} lines`,
    `lag ${grouped(lagEvents(reading))}`,
    `${grouped(Math.round(eventsPerSecond))} events/s`,
  ].join('  ');
}

/** From when to when a count rose: since the reading before its first rise, up to the reading of its last. */
export class RisingCount {
  #value = 0;
  #lastSeenMs: number | null = null;
  #fromMs: number | null = null;
  #toMs = 0;

  at(value: number, nowMs: number): void {
    if (value > this.#value) {
      this.#fromMs ??= this.#lastSeenMs ?? nowMs;
      this.#toMs = nowMs;
      this.#value = value;
    }
    this.#lastSeenMs = nowMs;
  }

  get seconds(): number {
    return this.#fromMs === null ? 0 : (this.#toMs - this.#fromMs) / 1000;
  }
}

/** Tells a stall: no count of any stage moved for that long. */
export class StallWatch {
  readonly #stallMs: number;
  #last = '';
  #sinceMs: number;

  constructor(stallMs: number, nowMs: number) {
    this.#stallMs = stallMs;
    this.#sinceMs = nowMs;
  }

  /** Whether nothing has moved for too long, `state` being all that can move. */
  stalled(state: string, nowMs: number): boolean {
    if (state !== this.#last) {
      this.#last = state;
      this.#sinceMs = nowMs;
    }
    return nowMs - this.#sinceMs >= this.#stallMs;
  }
}

/** Events a second over the last few readings. */
export class RecentRate {
  readonly #spanMs: number;
  readonly #points: { readonly ms: number; readonly value: number }[] = [];

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  at(value: number, nowMs: number): number {
    this.#points.push({ ms: nowMs, value });
    while (this.#points.length > 2 && nowMs - (this.#points[1]?.ms ?? nowMs) > this.#spanMs) this.#points.shift();
    const first = this.#points[0];
    if (first === undefined || nowMs === first.ms) return 0;
    return ((value - first.value) * 1000) / (nowMs - first.ms);
  }
}
