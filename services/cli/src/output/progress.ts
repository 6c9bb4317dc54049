/** A line on standard error that says how far a long input is read; only for people who watch. */
const INTERVAL_MS = 500;
const MEBIBYTE = 1024 * 1024;

export class Progress {
  readonly #shown: boolean;
  readonly #total: number | undefined;
  readonly #started = performance.now();
  #last = 0;
  #drawn = false;

  /** @param total bytes, if known */
  constructor(asked: boolean, total: number | undefined) {
    this.#shown = asked || process.stderr.isTTY === true;
    this.#total = total;
  }

  show(doing: string, events: number, bytes: number): void {
    const now = performance.now();
    if (!this.#shown || now - this.#last < INTERVAL_MS) return;
    this.#last = now;
    const share =
      this.#total === undefined || this.#total === 0
        ? ''
        : ` (${Math.min(100, Math.floor((bytes / this.#total) * 100))} %)`;
    const rate = Math.round(events / ((now - this.#started) / 1000));
    const text = `${doing}: ${grouped(events)} events, ${Math.round(bytes / MEBIBYTE)} MiB${share}, ${grouped(rate)} events/s`;
    process.stderr.write(process.stderr.isTTY === true ? `\r\u001b[K${text}` : `${text}\n`);
    this.#drawn = process.stderr.isTTY === true;
  }

  /** Clears the line. */
  done(): void {
    if (this.#drawn) process.stderr.write('\r\u001b[K');
    this.#drawn = false;
  }
}

/** Digits grouped by commas. */
export function grouped(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
