/**
 * Standard output for a shell: waits when the reader is slower, and ends quietly when the reader has gone (`| head`).
 */
import { once } from 'node:events';

/** The reader of standard output is gone: not an error. */
export class OutputClosed extends Error {}

/** Text is gathered up to so many characters before it is written. */
const GATHERED_MAX = 64 * 1024;

export class Output {
  readonly #stream: NodeJS.WriteStream;
  #gathered = '';
  #failure: Error | null = null;

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure = error.code === 'EPIPE' ? new OutputClosed('the reader of standard output has gone') : error;
    });
  }

  /** True once there is enough to write: then `flush` should be waited for. */
  write(text: string): boolean {
    this.#gathered += text;
    return this.#gathered.length >= GATHERED_MAX;
  }

  line(text = ''): boolean {
    return this.write(`${text}\n`);
  }

  /** @throws OutputClosed if nobody reads any more */
  async flush(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const text = this.#gathered;
    this.#gathered = '';
    if (text !== '' && !this.#stream.write(text)) {
      await Promise.race([once(this.#stream, 'drain'), once(this.#stream, 'close')]).catch(() => undefined);
    }
    if (this.#failure !== null) throw this.#failure;
  }
}
