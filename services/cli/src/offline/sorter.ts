/**
 * Sorts more records than fit into memory: by time, then by id in the order of its UTF-8 bytes; of equal ones the one that
 * was added first comes first.
 *
 * 1. Memory holds one chunk of `chunkBytes`, or while merging a buffer for each of at most `FAN_IN_MAX` runs.
 * 2. A chunk that is full is sorted and written as a run; runs are merged by a heap of their heads.
 * 3. The sorted records may be read several times.
 */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SortedChunk } from './sorted-chunk.ts';
import { encodedRecord, RunHeap, type SortedRecord, SortedRun } from './sorted-run.ts';
import { TemporaryFolder } from './temporary-folder.ts';

export type { SortedRecord } from './sorted-run.ts';

/** What one chunk holds in memory before it becomes a run. */
export const CHUNK_BYTES = 64 * 1024 * 1024;
/** Runs that are merged at once. */
export const FAN_IN_MAX = 64;
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
  #chunk: SortedChunk;
  #folder: TemporaryFolder | null = null;
  #files = 0;
  count = 0;
  /** Bytes written to run files. */
  bytesOnDisk = 0;

  constructor(options: SorterOptions = {}) {
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
    this.#fanIn = options.fanIn ?? FAN_IN_MAX;
    this.#chunk = new SortedChunk(this.#chunkBytes);
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
    this.#chunk = new SortedChunk(0);
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
        const bytes = Buffer.concat(records.flatMap(encodedRecord));
        this.bytesOnDisk += bytes.length;
        await file.writeFile(bytes);
      }
    } finally {
      await file.close();
    }
    return path;
  }

  async *#merge(paths: readonly string[]): AsyncGenerator<readonly SortedRecord[], void> {
    const runs = paths.map((path, order) => new SortedRun(path, order));
    try {
      const heap = new RunHeap();
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
