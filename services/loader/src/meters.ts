/** The loader's metrics; docs/metrics.md lists them. */
import { type Counter, type Histogram, type Metrics, ProgressWatch } from '@headrace/platform';
import type { CoverageVerdict } from '@headrace/stream';

export class LoaderMeters {
  readonly progress: ProgressWatch;
  readonly #blocks: Counter;
  readonly #bytes: Counter;
  readonly #lines: Counter;
  readonly #insertedBytes: Counter;
  readonly #seconds: Histogram;
  readonly #waits: Counter;

  constructor(metrics: Metrics, stallMs: number) {
    this.progress = new ProgressWatch({ stallMs });
    this.#blocks = metrics.counter('loader_blocks_total', 'Blocks read, by verdict.', ['topic', 'verdict']);
    this.#bytes = metrics.counter('loader_read_bytes_total', 'Bytes of blocks read.', ['topic']);
    this.#lines = metrics.counter('loader_lines_total', 'Rows of blocks that ClickHouse acknowledged.', ['table']);
    this.#insertedBytes = metrics.counter('loader_insert_bytes_total', 'Bytes of blocks inserted.', ['table']);
    this.#seconds = metrics.histogram('loader_insert_seconds', 'Time of an insert, waits included.', ['table']);
    this.#waits = metrics.counter('loader_waits_total', 'Failures that were waited out, by error code.', ['code']);
  }

  block(topic: string, verdict: CoverageVerdict, bytes: number): void {
    this.#blocks.inc({ topic, verdict });
    this.#bytes.inc({ topic }, bytes);
    if (verdict === 'duplicate') this.progress.advance();
  }

  inserted(table: string, rows: number, bytes: number, seconds: number): void {
    this.#lines.inc({ table }, rows);
    this.#insertedBytes.inc({ table }, bytes);
    this.#seconds.observe({ table }, seconds);
    this.progress.advance();
  }

  /** Blocks that are recorded, empty ones too. */
  applied(blocks: number): void {
    this.progress.advance(blocks);
  }

  waited(code: string): void {
    this.#waits.inc({ code });
  }
}
