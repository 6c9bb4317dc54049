/**
 * Run files of the external sort:
 *
 *   run file = { record }      record = time (8 bytes, double), id length (4), payload length (4), id, payload
 */
import { type FileHandle, open } from 'node:fs/promises';

export interface SortedRecord {
  /** Microseconds, or any safe integer. */
  readonly time: number;
  readonly id: Buffer;
  readonly payload: Buffer;
}

const HEAD_BYTES = 16;
const READ_BYTES = 256 * 1024;

/** A record as bytes of a run file, in pieces. */
export function encodedRecord({ time, id, payload }: SortedRecord): Buffer[] {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeDoubleLE(time, 0);
  head.writeUInt32LE(id.length, 8);
  head.writeUInt32LE(payload.length, 12);
  return [head, id, payload];
}

/** A run file that is read from begin to end. */
export class SortedRun {
  readonly #path: string;
  readonly order: number;
  #file: FileHandle | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #head: SortedRecord | null = null;

  constructor(path: string, order: number) {
    this.#path = path;
    this.order = order;
  }

  get head(): SortedRecord {
    if (this.#head === null) throw new Error('a run without records left has no head');
    return this.#head;
  }

  /** Moves to the next record if it lies in the buffer. */
  tryAdvance(): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    if (at + HEAD_BYTES > bytes.length) return false;
    const idFrom = at + HEAD_BYTES;
    const payloadFrom = idFrom + bytes.readUInt32LE(at + 8);
    const end = payloadFrom + bytes.readUInt32LE(at + 12);
    if (end > bytes.length) return false;
    this.#head = {
      time: bytes.readDoubleLE(at),
      id: bytes.subarray(idFrom, payloadFrom),
      payload: bytes.subarray(payloadFrom, end),
    };
    this.#at = end;
    return true;
  }

  /** Moves to the next record. @returns false at the end */
  async advance(): Promise<boolean> {
    this.#file ??= await open(this.#path, 'r');
    while (!this.tryAdvance()) {
      // A new buffer each time: heads that were handed out are views into the old one.
      const rest = this.#bytes.subarray(this.#at);
      const grown = Buffer.allocUnsafeSlow(rest.length + READ_BYTES);
      rest.copy(grown);
      const { bytesRead } = await this.#file.read(grown, rest.length, READ_BYTES);
      if (bytesRead === 0) {
        if (rest.length > 0) throw new Error(`${this.#path} ends inside a record`);
        this.#head = null;
        return false;
      }
      this.#bytes = grown.subarray(0, rest.length + bytesRead);
      this.#at = 0;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }
}

/** Runs by their heads, the smallest on top. */
export class RunHeap {
  readonly #runs: SortedRun[] = [];

  get top(): SortedRun | undefined {
    return this.#runs[0];
  }

  push(run: SortedRun): void {
    this.#runs.push(run);
    for (let at = this.#runs.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBelow(at, parent)) return;
      at = parent;
    }
  }

  /** Puts the top where it belongs now that its head is another; takes it out if it has none. */
  settle(hasHead: boolean): void {
    if (!hasHead) {
      const last = this.#runs.pop();
      if (last === undefined || this.#runs.length === 0) return;
      this.#runs[0] = last;
    }
    for (let at = 0; ; ) {
      const left = at * 2 + 1;
      if (left >= this.#runs.length) return;
      const right = left + 1;
      const child = right < this.#runs.length && this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBelow(child, at)) return;
      at = child;
    }
  }

  #swapIfBelow(child: number, parent: number): boolean {
    if (!this.#isBefore(child, parent)) return false;
    const [a, b] = [this.#runs[child] as SortedRun, this.#runs[parent] as SortedRun];
    this.#runs[child] = b;
    this.#runs[parent] = a;
    return true;
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#runs[a] as SortedRun, this.#runs[b] as SortedRun];
    const order = left.head.time - right.head.time || Buffer.compare(left.head.id, right.head.id);
    return (order || left.order - right.order) < 0;
  }
}
