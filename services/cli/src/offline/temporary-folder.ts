/** A folder for what does not fit into memory; it is gone when the command ends, by itself or by Ctrl-C. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'headrace-'));
  readonly #onExit = (): void => rmSync(this.path, { recursive: true, force: true });
  readonly #onSignal = (signal: keyof typeof SIGNALS): void => {
    // `exit` runs the removal; 128 and the signal's number is what shells expect.
    process.exit(128 + SIGNALS[signal]);
  };

  constructor() {
    process.on('exit', this.#onExit);
    for (const signal of Object.keys(SIGNALS)) process.on(signal, this.#onSignal);
  }

  remove(): void {
    this.#onExit();
    process.off('exit', this.#onExit);
    for (const signal of Object.keys(SIGNALS)) process.off(signal, this.#onSignal);
  }
}
