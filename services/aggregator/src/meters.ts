/** The aggregator's metrics; docs/metrics.md lists them. */
import { type Counter, type Metrics, ProgressWatch } from '@headrace/platform';
import type { CoverageVerdict } from '@headrace/stream';
import type { AggregatedBlock } from './totals-block.ts';

export class AggregatorMeters {
  readonly progress: ProgressWatch;
  readonly #blocks: Counter;
  readonly #bytes: Counter;
  readonly #lines: Counter;
  readonly #differences: Counter;
  readonly #broken: Counter;
  readonly #sentBytes: Counter;
  readonly #waits: Counter;

  constructor(metrics: Metrics, stallMs: number) {
    this.progress = new ProgressWatch({ stallMs });
    this.#blocks = metrics.counter('aggregator_blocks_total', 'Rated blocks read, by verdict.', ['verdict']);
    this.#bytes = metrics.counter('aggregator_read_bytes_total', 'Bytes of rated blocks read.');
    this.#lines = metrics.counter('aggregator_lines_total', 'Lines recounted.');
    this.#differences = metrics.counter('aggregator_differences_total', 'Totals moved, over all blocks.');
    this.#broken = metrics.counter('aggregator_broken_events_total', 'Events whose parts do not add up (C03).');
    this.#sentBytes = metrics.counter('aggregator_sent_bytes_total', 'Bytes of totals blocks sent.');
    this.#waits = metrics.counter('aggregator_waits_total', 'Failures that were waited out, by error code.', ['code']);
  }

  block(verdict: CoverageVerdict, bytes: number): void {
    this.#blocks.inc({ verdict });
    this.#bytes.inc(bytes);
    if (verdict === 'duplicate') this.progress.advance();
  }

  sent(blocks: readonly AggregatedBlock[]): void {
    for (const { value, recount, differences } of blocks) {
      this.#lines.inc(recount.lines);
      this.#differences.inc(differences);
      this.#broken.inc(recount.brokenEvents);
      this.#sentBytes.inc(value.byteLength);
    }
    this.progress.advance(blocks.length);
  }

  waited(code: string): void {
    this.#waits.inc({ code });
  }
}
