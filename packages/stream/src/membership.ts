/**
 * Membership in a consumer group: joins, rejoins, heartbeats, commits. kafkajs's consumer does the group protocol and
 * nothing else: all its partitions are paused for ever, so its loop heartbeats while handlers wait, and the fetching is
 * ours (fetch.ts). A consumer that gives up is thrown away and a new one joins.
 *
 *   start ──▶ joining ──GROUP_JOIN──▶ member ──REBALANCING──▶ joining
 *                ▲                       │
 *                └── new consumer ◀──CRASH┘ (also from joining)
 *
 * Invariants:
 * 1. `assigned` is called synchronously when a join ends, with everything that is ours, and `continued` only if this
 *    member cannot have missed a generation: its id is the same.
 * 2. A commit carries the generation that was current when its caller asked for it, so that the broker refuses it once
 *    the partition may belong to another. (kafkajs's own commitOffsets repeats an old commit under a new generation.)
 */
import type { Logger } from '@headrace/platform';
import type { Cluster, Consumer, Broker as KafkaNode } from 'kafkajs';
import { stickyAssigner } from './assigner.ts';
import { type ClientFactory, METADATA_AGE_MS_MAX } from './client.ts';
import { kafkaError } from './failures.ts';
import { clusterSource } from './fetch.ts';
import { Backoff, pause, Reachability } from './retry.ts';
import type { CommitEntry, GroupMember, MembershipEvents } from './transport.ts';

/** A killed process's partitions move after this. */
const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 60_000;
/** Short, because a heartbeat also tells of a rebalance, and after a join the generation to commit under. */
const HEARTBEAT_MS = 200;
/** How often kafkajs's loop comes round to a heartbeat. */
const LOOP_MS = 100;
const LEAVE_TIMEOUT_MS = 10_000;
/** The first heartbeat after a join tells the generation. */
const GENERATION_TIMEOUT_MS = 3_000;

interface Generation {
  readonly memberId: string;
  readonly id: number;
}

export class Membership implements GroupMember {
  readonly #factory: ClientFactory;
  readonly #group: string;
  readonly #topics: readonly string[];
  readonly #events: MembershipEvents;
  readonly #reachability: Reachability;
  readonly #stopping = new AbortController();
  #consumer: Consumer | null = null;
  #cluster: Cluster | null = null;
  #coordinator: KafkaNode | null = null;
  #memberId: string | null = null;
  #generation: Generation | null = null;
  #generationKnown = Promise.withResolvers<void>();
  #running: Promise<void> | null = null;

  constructor(factory: ClientFactory, group: string, topics: readonly string[], events: MembershipEvents, log: Logger) {
    this.#factory = factory;
    this.#group = group;
    this.#topics = topics;
    this.#events = events;
    this.#reachability = new Reachability(log, `consumer group ${group}`);
  }

  start(): void {
    this.#running ??= this.#supervise();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await within(LEAVE_TIMEOUT_MS, this.#running ?? Promise.resolve());
  }

  async commit(entries: readonly CommitEntry[]): Promise<boolean> {
    const generation = this.#generation;
    const cluster = this.#cluster;
    if (generation === null || cluster === null) return false;
    try {
      this.#coordinator ??= await this.#findCoordinator(cluster);
      await this.#coordinator.offsetCommit({
        groupId: this.#group,
        groupGenerationId: generation.id,
        memberId: generation.memberId,
        topics: groupEntries(entries),
      });
      return true;
    } catch (error) {
      this.#coordinator = null;
      if (isFenced(error)) return false;
      throw kafkaError(error, `commit for group ${this.#group}`, this.#factory.settings);
    }
  }

  async ready(): Promise<void> {
    if (this.#generation === null) await within(GENERATION_TIMEOUT_MS, this.#generationKnown.promise);
  }

  async #supervise(): Promise<void> {
    const backoff = new Backoff();
    while (!this.#stopping.signal.aborted) {
      const failure = await this.#session(() => backoff.reset());
      this.#forgetGeneration();
      this.#memberId = null;
      this.#cluster = null;
      this.#coordinator = null;
      if (this.#stopping.signal.aborted) break;
      this.#events.lost();
      this.#reachability.down(kafkaError(failure, `read as group ${this.#group}`, this.#factory.settings));
      await pause(backoff.next(), this.#stopping.signal);
    }
  }

  /** One kafkajs consumer from its making to its end. Returns why it ended. */
  async #session(onJoin: () => void): Promise<unknown> {
    const ended = Promise.withResolvers<unknown>();
    const consumer = this.#makeConsumer();
    this.#consumer = consumer;
    const onStop = () => ended.resolve(null);
    this.#stopping.signal.addEventListener('abort', onStop, { once: true });
    consumer.on(consumer.events.CRASH, ({ payload }) => ended.resolve(payload.error));
    consumer.on(consumer.events.REBALANCING, () => {
      this.#events.rebalancing();
      this.#forgetGeneration();
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      onJoin();
      this.#joined(consumer, payload.memberId, payload.memberAssignment);
    });
    consumer.on(consumer.events.HEARTBEAT, ({ payload }) => {
      if (payload.memberId !== this.#memberId) return;
      this.#generation = { memberId: payload.memberId, id: payload.groupGenerationId };
      this.#generationKnown.resolve();
      this.#reachability.up();
    });
    try {
      await consumer.connect();
      if (this.#stopping.signal.aborted) return null;
      await consumer.subscribe({ topics: [...this.#topics], fromBeginning: true });
      await consumer.run({ autoCommit: false, eachBatch: async () => undefined });
      return await ended.promise;
    } catch (error) {
      return error;
    } finally {
      this.#stopping.signal.removeEventListener('abort', onStop);
      // kafkajs leaves the group here. What it says about that changes nothing.
      await within(
        LEAVE_TIMEOUT_MS,
        consumer.disconnect().catch(() => undefined),
      );
    }
  }

  #makeConsumer(): Consumer {
    return this.#factory.create().consumer({
      groupId: this.#group,
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_AGE_MS_MAX,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: LOOP_MS,
      // kafkajs counts the tries of its whole life; it must not end for having failed now and then.
      retry: {
        retries: Number.MAX_SAFE_INTEGER,
        initialRetryTime: 200,
        maxRetryTime: 1_000,
        factor: 0.2,
        multiplier: 2,
        restartOnFailure: async () => false,
      },
      partitionAssigners: [
        stickyAssigner(
          () => this.#events.owned(),
          (cluster) => {
            this.#cluster = cluster;
          },
        ),
      ],
    });
  }

  #joined(consumer: Consumer, memberId: string, assignment: Readonly<Record<string, readonly number[]>>): void {
    if (consumer !== this.#consumer || this.#cluster === null || this.#stopping.signal.aborted) return;
    // Before kafkajs's next fetch: it must never fetch.
    consumer.pause(this.#topics.map((topic) => ({ topic })));
    const continued = memberId === this.#memberId;
    this.#memberId = memberId;
    this.#forgetGeneration();
    this.#reachability.up();
    this.#events.assigned(assignment, continued, clusterSource(this.#cluster));
  }

  #forgetGeneration(): void {
    if (this.#generation === null) return;
    this.#generation = null;
    this.#generationKnown = Promise.withResolvers<void>();
  }

  async #findCoordinator(cluster: Cluster): Promise<KafkaNode> {
    return cluster.findGroupCoordinator({ groupId: this.#group });
  }
}

function isFenced(error: unknown): boolean {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  return type === 'ILLEGAL_GENERATION' || type === 'UNKNOWN_MEMBER_ID' || type === 'REBALANCE_IN_PROGRESS';
}

function groupEntries(entries: readonly CommitEntry[]) {
  const byTopic = new Map<string, { partition: number; offset: string; metadata: string }[]>();
  for (const { topic, partition, offset, metadata } of entries) {
    const partitions = byTopic.get(topic) ?? [];
    partitions.push({ partition, offset: String(offset), metadata });
    byTopic.set(topic, partitions);
  }
  return [...byTopic].map(([topic, partitions]) => ({ topic, partitions }));
}

/** Waits for `task`, but no longer than the limit. */
export async function within(milliseconds: number, task: Promise<unknown>): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, milliseconds);
  try {
    await Promise.race([task, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
