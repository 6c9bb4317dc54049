/**
 * A consumption: membership in a group, a run for each assigned partition, fetches, and commits.
 *
 * It owns epochs and the order of the calls for one partition:
 *
 *   assigned(e) ─▶ messages(e)* ─▶ revoked(e) ─▶ assigned(e+1) …     never two of them at once
 *
 * Invariants:
 * 1. An epoch that is over commits nothing: its run is lost before anything else happens.
 * 2. A partition begins only at an offset that its log holds: kafkajs would resume somewhere else without a word.
 * 3. A partition that cannot go on stands in `stopped` with the reason; the others go on.
 * 4. A partition that stays ours through a rebalance keeps its epoch, unless we may have missed a generation.
 */
import { type Logger, messageOf } from '@headrace/platform';
import { kafkaError } from './failures.ts';
import { Fetcher } from './fetcher.ts';
import { outsideLog } from './offsets.ts';
import { PartitionRun, type PendingCommit } from './partition.ts';
import { persist, Reachability } from './retry.ts';
import type { CommitEntry, FetchSource, GroupMember, Transport } from './transport.ts';
import type { Committed, ConsumeOptions, Consumption, PartitionOffsets, StoppedPartition } from './types.ts';

const FETCH_BYTES_MAX = 4 * 1024 * 1024;
const QUEUE_BYTES_MAX = 16 * 1024 * 1024;
const COMMIT_INTERVAL_MS = 1_000;

export class PartitionedConsumption implements Consumption {
  readonly #options: ConsumeOptions;
  readonly #log: Logger;
  readonly #transport: Transport;
  readonly #membership: GroupMember;
  readonly #reachability: Reachability;
  readonly #runs = new Map<string, PartitionRun>();
  /** The last call for each partition, to which the next is chained. */
  readonly #chains = new Map<string, Promise<void>>();
  readonly #epochs = new Map<string, number>();
  readonly #stopping = new AbortController();
  #fetcher: Fetcher | null = null;
  #commitTimer: NodeJS.Timeout | null = null;
  #committing: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;

  /** `options` with topics and group in full. */
  constructor(transport: Transport, options: ConsumeOptions, log: Logger) {
    this.#options = options;
    this.#transport = transport;
    this.#log = log.child({ group: options.group });
    this.#reachability = new Reachability(this.#log, `reading ${options.topics.join(', ')}`);
    this.#membership = transport.member(
      options.group,
      options.topics,
      {
        owned: () => this.#owned(),
        assigned: (assignment, continued, source) => this.#assigned(assignment, continued, source),
        rebalancing: () => void this.#flushCommits(),
        lost: () => this.#loseAll(),
      },
      this.#log,
    );
  }

  start(): void {
    this.#membership.start();
  }

  lag(): ReadonlyMap<string, number> {
    return new Map([...this.#runs.values()].map((run) => [run.key, run.lag]));
  }

  stopped(): readonly StoppedPartition[] {
    return [...this.#runs.values()].flatMap(({ topic, partition, failure }) =>
      failure === null ? [] : [{ topic, partition, ...failure }],
    );
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  /**
   * 1. Nothing new is fetched or delivered. 2. Calls that run come to their end, and `revoked` may still commit.
   * 3. Commits go out while the group still knows us. 4. We leave. If 3 or 4 fails, the next owner repeats some work.
   */
  async #drain(): Promise<void> {
    this.#stopping.abort();
    this.#fetcher?.stop();
    const runs = [...this.#runs.values()];
    for (const run of runs) run.drain();
    await Promise.all(
      runs.map(async (run) => {
        await this.#chains.get(run.key);
        await run.settled();
        await this.#revoke(run);
      }),
    );
    if (runs.some((run) => run.hasCommit)) await this.#membership.ready();
    await this.#flushCommits();
    for (const run of runs) run.lose();
    this.#runs.clear();
    if (this.#commitTimer !== null) clearTimeout(this.#commitTimer);
    await this.#membership.stop();
  }

  #owned(): Record<string, number[]> {
    const owned: Record<string, number[]> = {};
    for (const { topic, partition } of this.#runs.values()) owned[topic] = [...(owned[topic] ?? []), partition];
    return owned;
  }

  #assigned(assignment: Readonly<Record<string, readonly number[]>>, continued: boolean, source: FetchSource): void {
    if (this.#stopping.signal.aborted) return;
    const ours = new Map<string, { readonly topic: string; readonly partition: number }>(
      Object.entries(assignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => [`${topic}/${partition}`, { topic, partition }] as const),
      ),
    );
    for (const run of [...this.#runs.values()]) {
      if (!continued || !ours.has(run.key)) this.#lose(run);
    }
    this.#renewFetcher(source);
    const { administration } = this.#transport;
    const committed = memoized((topic: string) => administration.committed(this.#options.group, topic));
    const offsets = memoized((topic: string) => administration.offsets(topic));
    for (const place of ours.values()) this.#add(place, committed, offsets);
    this.#fetcher?.pump();
    this.#log.info('partitions assigned', { partitions: [...ours.keys()], kept: continued });
  }

  /** A new member has a new connection, and its fetches are new ones. */
  #renewFetcher(source: FetchSource): void {
    this.#fetcher?.stop();
    this.#fetcher = new Fetcher({
      source,
      runs: () => this.#runs.values(),
      reachability: { up: () => this.#reachability.up(), down: (error) => this.#down(error) },
      outOfRange: (run) => this.#outOfRange(run),
    });
  }

  #add(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    committed: (topic: string) => Promise<ReadonlyMap<number, Committed>>,
    offsets: (topic: string) => Promise<readonly PartitionOffsets[]>,
  ): void {
    const key = `${topic}/${partition}`;
    if (this.#runs.has(key)) return;
    const epoch = (this.#epochs.get(key) ?? 0) + 1;
    this.#epochs.set(key, epoch);
    const run = new PartitionRun(
      { topic, partition, epoch },
      {
        fetchBytesMax: this.#options.fetchBytesMax ?? FETCH_BYTES_MAX,
        queueBytesMax: this.#options.queueBytesMax ?? QUEUE_BYTES_MAX,
      },
      (handle, messages) => this.#options.messages(handle, messages),
      { changed: () => this.#changed(run), failed: (error) => this.#logFailure(run, error) },
    );
    this.#runs.set(key, run);
    this.#chain(run, () => this.#begin(run, committed, offsets));
  }

  async #begin(
    run: PartitionRun,
    committed: (topic: string) => Promise<ReadonlyMap<number, Committed>>,
    offsets: (topic: string) => Promise<readonly PartitionOffsets[]>,
  ): Promise<void> {
    if (run.lost || this.#stopping.signal.aborted) return;
    const { topic, partition, epoch } = run;
    try {
      const { startAt, log } = await persist(
        async () => {
          const known = (await committed(topic)).get(partition) ?? null;
          const start = await this.#options.assigned({ topic, partition, epoch, committed: known });
          const found = (await offsets(topic)).find((one) => one.partition === partition);
          return { startAt: start.startAt, log: found };
        },
        { log: this.#log, what: `taking over ${run.key}`, signal: this.#stopping.signal },
      );
      const wrong = outsideLog(run.key, startAt, log);
      if (wrong !== null) throw wrong;
      run.begin(startAt, log?.end ?? startAt);
    } catch (error) {
      run.fail(error);
    }
  }

  #lose(run: PartitionRun): void {
    run.lose();
    this.#runs.delete(run.key);
    this.#chain(run, async () => {
      await run.settled();
      await this.#revoke(run);
    });
  }

  #loseAll(): void {
    this.#fetcher?.stop();
    for (const run of [...this.#runs.values()]) this.#lose(run);
  }

  async #revoke({ topic, partition, epoch, key }: PartitionRun): Promise<void> {
    try {
      await this.#options.revoked({ topic, partition, epoch });
    } catch (error) {
      this.#log.error(`giving up ${key}: ${messageOf(error)}`, { error });
    }
  }

  #chain(run: PartitionRun, step: () => Promise<void>): void {
    const before = this.#chains.get(run.key) ?? Promise.resolve();
    this.#chains.set(run.key, before.then(step));
  }

  #logFailure({ key }: PartitionRun, error: unknown): void {
    this.#log.error(`${key} stops: ${messageOf(error)}`, { error });
  }

  async #outOfRange(run: PartitionRun): Promise<void> {
    const offset = run.wanted()?.offset;
    if (offset === undefined) return;
    try {
      const log = (await this.#transport.administration.offsets(run.topic)).find(
        ({ partition }) => partition === run.partition,
      );
      // Both may be true for a moment: an end that a new leader does not know yet comes back.
      const wrong = outsideLog(run.key, offset, log);
      if (wrong !== null) run.fail(wrong);
    } catch (error) {
      this.#down(error);
    }
  }

  #down(error: unknown): void {
    const doing = `read as group ${this.#options.group}`;
    this.#reachability.down(kafkaError(error, doing, this.#transport.settings));
  }

  #changed(run: PartitionRun): void {
    this.#fetcher?.pump();
    if (!run.hasCommit || this.#commitTimer !== null || this.#stopping.signal.aborted) return;
    this.#commitTimer = setTimeout(() => {
      this.#commitTimer = null;
      void this.#flushCommits();
    }, COMMIT_INTERVAL_MS);
  }

  /** Sends all pending commits in one request, after the one before. */
  #flushCommits(): Promise<void> {
    const taken: { run: PartitionRun; commit: PendingCommit }[] = [];
    for (const run of this.#runs.values()) {
      const commit = run.takeCommit();
      if (commit !== null) taken.push({ run, commit });
    }
    if (taken.length === 0) return this.#committing;
    const entries: CommitEntry[] = taken.map(({ run, commit }) => ({
      topic: run.topic,
      partition: run.partition,
      ...commit,
    }));
    // The generation is taken now, not when the one before has been answered.
    const sent = this.#membership.commit(entries);
    this.#committing = Promise.all([this.#committing, this.#settle(sent, taken)]).then(() => undefined);
    return this.#committing;
  }

  async #settle(sent: Promise<boolean>, taken: readonly { run: PartitionRun; commit: PendingCommit }[]): Promise<void> {
    let accepted = false;
    try {
      accepted = await sent;
    } catch (error) {
      this.#down(error);
    }
    if (accepted) return;
    for (const { run, commit } of taken) {
      run.returnCommit(commit);
      this.#changed(run);
    }
  }
}

function memoized<T>(load: (topic: string) => Promise<T>): (topic: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (topic) => {
    const found = known.get(topic);
    if (found !== undefined) return found;
    const loading = load(topic);
    known.set(topic, loading);
    // A failure is not kept: the next try asks again.
    loading.catch(() => known.delete(topic));
    return loading;
  };
}
