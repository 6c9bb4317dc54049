import type { SortedRecord } from './sorted-run.ts';

const CAPACITY_MIN = 256 * 1024;

/** Records in one buffer that grows up to its limit, and where each begins. */
export class SortedChunk {
  readonly #limit: number;
  #bytes: Buffer;
  #length = 0;
  #times: number[] = [];
  #ids: number[] = [];
  #payloads: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(limit, CAPACITY_MIN));
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
