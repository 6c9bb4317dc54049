/**
 * Bytes to numbered lines of text, in batches, with bounded memory.
 *
 * 1. A line ends with LF or CR LF; a byte order mark before the first line is no part of it; the last line needs no end.
 * 2. A line that is too long or no UTF-8 is a line with a problem; the next line is read as if nothing had been.
 */
import { isUtf8 } from 'node:buffer';

/** A line longer than this is refused: no usage event comes near it. */
export const LINE_BYTES_MAX = 1024 * 1024;
const LF = 0x0a;
const BOM = '\ufeff';

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Why the text cannot be used, and what would mend it; null if it can. */
  readonly problem: string | null;
}

export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[], void> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.finish();
  if (last.length > 0) yield last;
}

class LineSplitter {
  #number = 0;
  /** The begin of a line whose end has not come yet. */
  #open: Buffer[] = [];
  #openBytes = 0;

  push(chunk: Buffer): readonly Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, from)) {
      this.#keep(chunk.subarray(from, end));
      lines.push(this.#line());
      from = end + 1;
    }
    // A copy: the rest may wait for long, and the chunk is far larger.
    this.#keep(Buffer.from(chunk.subarray(from)));
    return lines;
  }

  finish(): readonly Line[] {
    return this.#openBytes === 0 ? [] : [this.#line()];
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    // Of a line that is too long only the begin is held.
    if (this.#openBytes <= LINE_BYTES_MAX) this.#open.push(part);
    this.#openBytes += part.length;
  }

  #line(): Line {
    const bytes = this.#open.length === 1 ? (this.#open[0] as Buffer) : Buffer.concat(this.#open);
    const length = this.#openBytes;
    this.#open = [];
    this.#openBytes = 0;
    this.#number += 1;
    const number = this.#number;
    if (length > LINE_BYTES_MAX) {
      const problem = `the line has ${length} bytes, ${LINE_BYTES_MAX} are taken at most; write one event a line`;
      return { number, text: '', problem };
    }
    if (!isUtf8(bytes)) return { number, text: '', problem: 'the line is not UTF-8; convert the file to UTF-8' };
    let text = bytes.toString('utf8');
    if (number === 1 && text.startsWith(BOM)) text = text.slice(1);
    if (text.endsWith('\r')) text = text.slice(0, -1);
    return { number, text, problem: null };
  }
}
