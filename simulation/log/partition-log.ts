/**
 * One partition of the simulated log.
 *
 * 1. Offsets rise and are never given twice; there may be holes (control records, compaction).
 * 2. A batch is appended whole. With LogAppendTime its time is when it was appended, and never falls.
 * 3. Retention takes records away from the begin on; readers below it are told so.
 * 4. Compaction takes records away that a later one of the same key replaces; a tombstone stays.
 */

export interface LogRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface NewRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly appendTime: boolean;
  #records: LogRecord[] = [];
  #end = 0;
  #lastTimeMs = 0;
  /** Called after each append. */
  readonly watchers = new Set<() => void>();

  constructor(topic: string, partition: number, appendTime: boolean) {
    this.topic = topic;
    this.partition = partition;
    this.appendTime = appendTime;
  }

  #low = 0;

  get low(): number {
    return this.#low;
  }

  get end(): number {
    return this.#end;
  }

  get records(): readonly LogRecord[] {
    return this.#records;
  }

  append(batch: readonly NewRecord[], nowMs: number): number {
    const base = this.#end;
    this.#lastTimeMs = Math.max(this.#lastTimeMs, nowMs);
    for (const record of batch) {
      const timestampMs = this.appendTime ? this.#lastTimeMs : record.timestampMs;
      this.#records.push({ ...record, offset: this.#end, timestampMs });
      this.#end += 1;
    }
    for (const watcher of [...this.watchers]) watcher();
    return base;
  }

  /** Offsets that no reader will ever see, as a control record takes one. */
  skip(count: number): void {
    this.#end += count;
  }

  truncate(before: number): void {
    if (before <= this.#low) return;
    this.#low = Math.min(before, this.#end);
    this.#records = this.#records.filter(({ offset }) => offset >= this.#low);
  }

  compact(): void {
    const last = new Map<string, number>();
    for (const { key, offset } of this.#records) if (key !== null) last.set(key.toString('latin1'), offset);
    this.#records = this.#records.filter(
      ({ key, offset }) => key === null || last.get(key.toString('latin1')) === offset,
    );
  }

  /** Records from `offset` on, up to so many bytes, one at least. */
  from(offset: number, bytesMax: number): LogRecord[] {
    let low = 0;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#records[middle] as LogRecord).offset < offset) low = middle + 1;
      else high = middle;
    }
    const found: LogRecord[] = [];
    let bytes = 0;
    for (let at = low; at < this.#records.length; at += 1) {
      const record = this.#records[at] as LogRecord;
      const size = (record.key?.length ?? 0) + (record.value?.length ?? 0);
      if (found.length > 0 && bytes + size > bytesMax) break;
      found.push(record);
      bytes += size;
    }
    return found;
  }
}
