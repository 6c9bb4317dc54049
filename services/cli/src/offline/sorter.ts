/**
 * Sorts more records than fit into memory: by time, then by id in the order of its UTF-8 bytes; of equal ones the one that
 * was added first comes first.
 *
 *   run file = { record }      record = time (8 bytes, double), id length (4), payload length (4), id, payload
 *
 * 1. Memory holds one chunk of `chunkBytes`, or while merging a buffer for each of at most `FAN_IN_MAX` runs.
 * 2. A chunk that is full is sorted and written as a run; runs are merged by a heap of their heads.
 * 3. The sorted records may be read several times.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TemporaryFolder } from './temporary-folder.ts';

export interface SortedRecord {
  /** Microseconds, or any safe integer. */
  readonly time: number;
  readonly id: Buffer;
  readonly payload: Buffer;
}

/** What one chunk holds in memory before it becomes a run. */
export const CHUNK_BYTES = 64 * 1024 * 1024;
/** Runs that are merged at once. */
export const FAN_IN_MAX = 64;
const HEAD_BYTES = 16;
const READ_BYTES = 256 * 1024;
/** Records handed out at once. */
const BATCH_RECORDS = 4096;

export interface SorterOptions {
  readonly chunkBytes?: number;
  readonly fanIn?: number;
}

export class ExternalSorter {
  readonly #chunkBytes: number;
  readonly #fanIn: number;
  readonly #runs: string[] = [];
  #chunk: Chunk;
  #folder: TemporaryFolder | null = null;
  #files = 0;
  count = 0;
  /** Bytes written to run files. */
  bytesOnDisk = 0;

  constructor(options: SorterOptions = {}) {
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
    this.#fanIn = options.fanIn ?? FAN_IN_MAX;
    this.#chunk = new Chunk(this.#chunkBytes);
  }

  async add(time: number, id: string, payload: Uint8Array): Promise<void> {
    this.count += 1;
    if (this.#chunk.add(time, id, payload)) return;
    await this.#flush();
    if (!this.#chunk.add(time, id, payload)) throw new RangeError(`a record of ${payload.length} bytes passes a chunk`);
  }

  /** All records in order, in batches; each batch holds until the next one is asked for. */
  async *sorted(): AsyncGenerator<readonly SortedRecord[], void> {
    if (this.#runs.length === 0) {
      yield* batched(this.#chunk.sorted());
      return;
    }
    if (this.#chunk.count > 0) await this.#flush();
    while (this.#runs.length > this.#fanIn) await this.#mergeSome();
    yield* this.#merge(this.#runs);
  }

  /** Removes what is on disk. */
  close(): void {
    this.#folder?.remove();
    this.#folder = null;
    this.#chunk = new Chunk(0);
  }

  async #flush(): Promise<void> {
    this.#runs.push(await this.#write(batched(this.#chunk.sorted())));
    this.#chunk.clear();
  }

  /** Merges the oldest runs into one that takes their place, so that records added first stay first. */
  async #mergeSome(): Promise<void> {
    const oldest = this.#runs.slice(0, this.#fanIn);
    const merged = await this.#write(this.#merge(oldest));
    for (const path of oldest) await rm(path);
    this.#runs.splice(0, oldest.length, merged);
  }

  async #write(batches: Iterable<readonly SortedRecord[]> | AsyncIterable<readonly SortedRecord[]>): Promise<string> {
    this.#folder ??= new TemporaryFolder();
    this.#files += 1;
    const path = join(this.#folder.path, `run-${this.#files}`);
    const file = await open(path, 'w');
    try {
      for await (const records of batches) {
        const bytes = Buffer.concat(records.flatMap(encoded));
        this.bytesOnDisk += bytes.length;
        await file.writeFile(bytes);
      }
    } finally {
      await file.close();
    }
    return path;
  }

  async *#merge(paths: readonly string[]): AsyncGenerator<readonly SortedRecord[], void> {
    const runs = paths.map((path, order) => new Run(path, order));
    try {
      const heap = new Heap();
      for (const run of runs) if (await run.advance()) heap.push(run);
      let batch: SortedRecord[] = [];
      for (let run = heap.top; run !== undefined; run = heap.top) {
        batch.push(run.head);
        if (batch.length === BATCH_RECORDS) {
          yield batch;
          batch = [];
        }
        heap.settle(run.tryAdvance() || (await run.advance()));
      }
      if (batch.length > 0) yield batch;
    } finally {
      for (const run of runs) await run.close();
    }
  }
}

function encoded({ time, id, payload }: SortedRecord): Buffer[] {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeDoubleLE(time, 0);
  head.writeUInt32LE(id.length, 8);
  head.writeUInt32LE(payload.length, 12);
  return [head, id, payload];
}

function* batched(records: Iterable<SortedRecord>): Generator<readonly SortedRecord[], void> {
  let batch: SortedRecord[] = [];
  for (const record of records) {
    batch.push(record);
    if (batch.length < BATCH_RECORDS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Records in one buffer that grows up to its limit, and where each begins. */
class Chunk {
  readonly #limit: number;
  #bytes: Buffer;
  #length = 0;
  #times: number[] = [];
  #ids: number[] = [];
  #payloads: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(limit, READ_BYTES));
  }

  get count(): number {
    return this.#times.length;
  }

  /** @returns false if there is no room and the chunk holds something already, or if the record passes the limit */
  add(time: number, id: string, payload: Uint8Array): boolean {
    const idLength = Buffer.byteLength(id);
    const end = this.#length + idLength + payload.length;
    if (end > this.#limit) return false;
    if (end > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(end, this.#bytes.length * 2)));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.write(id, this.#length, idLength, 'utf8');
    this.#bytes.set(payload, this.#length + idLength);
    this.#times.push(time);
    this.#ids.push(this.#length);
    this.#payloads.push(this.#length + idLength);
    this.#length = end;
    return true;
  }

  clear(): void {
    this.#length = 0;
    this.#times = [];
    this.#ids = [];
    this.#payloads = [];
  }

  *sorted(): Generator<SortedRecord, void> {
    const times = this.#times;
    const order = Uint32Array.from(times.keys());
    order.sort((a, b) => (times[a] as number) - (times[b] as number) || this.#compareIds(a, b) || a - b);
    for (const index of order) {
      const [from, middle] = [this.#ids[index] as number, this.#payloads[index] as number];
      yield {
        time: times[index] as number,
        id: this.#bytes.subarray(from, middle),
        payload: this.#bytes.subarray(middle, this.#ids[index + 1] ?? this.#length),
      };
    }
  }

  #compareIds(a: number, b: number): number {
    const [from, to] = [this.#ids, this.#payloads];
    return this.#bytes.compare(this.#bytes, from[b], to[b], from[a], to[a]);
  }
}

/** A run file that is read from begin to end. */
class Run {
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
class Heap {
  readonly #runs: Run[] = [];

  get top(): Run | undefined {
    return this.#runs[0];
  }

  push(run: Run): void {
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
    const [a, b] = [this.#runs[child] as Run, this.#runs[parent] as Run];
    this.#runs[child] = b;
    this.#runs[parent] = a;
    return true;
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#runs[a] as Run, this.#runs[b] as Run];
    const order = left.head.time - right.head.time || Buffer.compare(left.head.id, right.head.id);
    return (order || left.order - right.order) < 0;
  }
}
