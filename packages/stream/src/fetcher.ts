/**
 * Keeps one fetch in flight for each broker that leads a partition which wants data. Driven by `pump`: it is called
 * whenever a partition may want data, and each fetch that ends calls it again.
 *
 * Invariants:
 * 1. At most one fetch for a broker: a second one would only wait behind the first on the same connection.
 * 2. A failure of one partition ends in `fail` of that partition; the others go on. A failure of the way to the broker
 *    is retried for ever.
 */
import { messageOf } from '@headrace/platform';
import { isKafkaFailure, rootOf } from './failures.ts';
import type { Fetched } from './fetch.ts';
import type { PartitionRun } from './partition.ts';
import { Backoff } from './retry.ts';
import type { FetchSource } from './transport.ts';

const FETCH_WAIT_MS = 100;
const FETCH_BYTES_MAX = 16 * 1024 * 1024;
/** After so many empty or failed rounds a partition is fetched alone. */
const ROUNDS_BEFORE_ALONE = 3;
const FAILED_ALONE_MAX = 5;

export interface FetcherOptions {
  readonly source: FetchSource;
  runs(): Iterable<PartitionRun>;
  /** Whether the brokers answer. */
  readonly reachability: { up(): void; down(error: unknown): void };
  /** The broker says that a position is outside the log. */
  outOfRange(run: PartitionRun): Promise<void>;
}

interface Want {
  readonly run: PartitionRun;
  readonly offset: number;
  readonly bytesMax: number;
}

export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #busy = new Set<string>();
  readonly #backoff = new Backoff();
  #stopped = false;
  #refreshing = false;
  /** Set after a failure that names no partition: the next rounds take one partition each, to find it. */
  #aloneRounds = 0;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Starts a fetch for each idle broker that has something we want. */
  pump(): void {
    if (this.#stopped || this.#refreshing) return;
    const { ready, leaderless } = this.#wants();
    for (const [node, wants] of ready) {
      if (!this.#busy.has(node)) void this.#round(node, this.#choose(wants));
    }
    if (leaderless) void this.#refresh();
  }

  #wants(): { ready: Map<string, Want[]>; leaderless: boolean } {
    const ready = new Map<string, Want[]>();
    let leaderless = false;
    for (const run of this.#options.runs()) {
      const wanted = run.wanted();
      if (wanted === null) continue;
      const node = this.#options.source.leaderOf(run.topic, run.partition);
      if (node === null) {
        leaderless = true;
        continue;
      }
      const wants = ready.get(node) ?? [];
      wants.push({ run, ...wanted });
      ready.set(node, wants);
    }
    return { ready, leaderless };
  }

  /** All of them, or one alone where there is a reason. */
  #choose(wants: Want[]): Want[] {
    if (wants.length === 1) return wants;
    const hungry = wants.find(({ run }) => run.emptyFetches >= ROUNDS_BEFORE_ALONE);
    if (hungry !== undefined) return [hungry];
    if (this.#aloneRounds === 0) return wants;
    this.#aloneRounds -= 1;
    const one = wants[this.#aloneRounds % wants.length];
    return one === undefined ? wants : [one];
  }

  async #round(node: string, wants: readonly Want[]): Promise<void> {
    this.#busy.add(node);
    let waitMs = 0;
    try {
      const targets = wants.map(({ run, offset, bytesMax }) => ({
        topic: run.topic,
        partition: run.partition,
        offset,
        bytesMax,
      }));
      const fetched = await this.#options.source.fetch(node, targets, {
        waitMs: FETCH_WAIT_MS,
        bytesMax: FETCH_BYTES_MAX,
      });
      this.#options.reachability.up();
      this.#backoff.reset();
      if (!this.#stopped) this.#hand(wants, fetched);
    } catch (error) {
      waitMs = await this.#failed(error, wants);
    }
    if (waitMs === 0) this.#free(node);
    else setTimeout(() => this.#free(node), waitMs);
  }

  #free(node: string): void {
    this.#busy.delete(node);
    this.pump();
  }

  #hand(wants: readonly Want[], fetched: readonly Fetched[]): void {
    for (const part of fetched) {
      const want = wants.find(({ run }) => run.topic === part.topic && run.partition === part.partition);
      if (want === undefined) continue;
      want.run.accept(part);
      // Alone, the broker returns at least one batch. If there is still no record, the batch has none.
      if (wants.length === 1 && want.run.emptyFetches > ROUNDS_BEFORE_ALONE) want.run.stepOver();
    }
  }

  /** What to do about a failed fetch. Returns how long the broker is left alone. */
  async #failed(error: unknown, wants: readonly Want[]): Promise<number> {
    if (this.#stopped) return 0;
    const root = rootOf(error);
    if (root.name === 'KafkaJSOffsetOutOfRange') {
      const want = wants.find(({ run }) => run.topic === root.topic && run.partition === root.partition);
      if (want !== undefined) await this.#options.outOfRange(want.run);
      return want === undefined ? this.#backoff.next() : 0;
    }
    if (!isKafkaFailure(error) || root.name === 'KafkaJSNotImplemented') {
      // Not the way to the broker, but what came over it: some partition's bytes cannot be read.
      const [only] = wants;
      if (wants.length > 1) this.#aloneRounds = wants.length * FAILED_ALONE_MAX;
      else if (only !== undefined) {
        only.run.failedFetches += 1;
        if (only.run.failedFetches >= FAILED_ALONE_MAX) {
          only.run.fail(new Error(`${only.run.key} at offset ${only.offset} cannot be read: ${messageOf(error)}.`));
        }
      }
      return this.#backoff.next();
    }
    this.#options.reachability.down(error);
    await this.#refreshMetadata();
    return this.#backoff.next();
  }

  /** For partitions whose leader is not known. */
  async #refresh(): Promise<void> {
    this.#refreshing = true;
    await this.#refreshMetadata();
    setTimeout(() => {
      this.#refreshing = false;
      this.pump();
    }, this.#backoff.next());
  }

  async #refreshMetadata(): Promise<void> {
    try {
      await this.#options.source.refresh();
    } catch (error) {
      this.#options.reachability.down(error);
    }
  }
}
