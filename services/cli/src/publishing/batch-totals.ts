/** Control totals of a batch: what a mediation system and the pipeline compare. */
import { createHash, type Hash } from 'node:crypto';
import { type UsageEvent, writeUsageEvent } from '@headrace/codec';
import { ByteWriter } from '@headrace/codec/bytes/writer';

export interface Totals {
  readonly events: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly units: number;
  /** SHA-256 of the events as usage-event.v1 data, one after the other. */
  readonly digest: string;
}

export class BatchTotals {
  readonly #hash: Hash = createHash('sha256');
  readonly #writer = new ByteWriter();
  readonly #sums = { bytes: 0, seconds: 0, units: 0 };
  events = 0;

  add(event: UsageEvent): void {
    this.#writer.clear();
    writeUsageEvent(this.#writer, event);
    this.#hash.update(this.#writer.view());
    this.events += 1;
    this.#sums.bytes += event.bytesUp + event.bytesDown;
    this.#sums.seconds += event.seconds;
    this.#sums.units += event.units;
  }

  /** Once, at the end. */
  get told(): Totals {
    return { events: this.events, ...this.#sums, digest: this.#hash.digest('hex') };
  }
}
