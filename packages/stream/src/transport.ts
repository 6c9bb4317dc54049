/**
 * What this room asks of Kafka itself. All that decides about messages stands above it and is the same over any transport:
 * epochs, queues and commits of a consumption, the order and splitting of sends, what an acknowledgement may say, ranges
 * that are read to their end, checkpoints. There are two: Kafka (kafka-transport.ts) and the simulated log of the fault
 * laboratory, which keeps Kafka's rules and breaks everything that Kafka lets break.
 *
 * 1. Names of topics and groups are complete here, with the prefix.
 * 2. Failures are those of kafkajs or our own; `kafkaError` makes them operating errors.
 */
import type { Logger } from '@headrace/platform';
import type { Fetched, FetchLimits, FetchTarget } from './fetch.ts';
import type { KafkaSettings } from './settings.ts';
import type { TopicSpec } from './topics.ts';
import type { Committed, OutgoingBatch, PartitionOffsets } from './types.ts';

export interface Transport {
  readonly settings: KafkaSettings;
  readonly administration: Administration;
  /** A connection for writing. */
  connectSender(): Promise<Sender>;
  /** A connection for reading, without a consumer group. */
  connectSource(): Promise<LinkedSource>;
  /** A member of a consumer group; it joins when it is started. */
  member(group: string, topics: readonly string[], events: MembershipEvents, log: Logger): GroupMember;
  close(): Promise<void>;
}

/** Topics, offsets and commits. Failures are HeadraceErrors; those that may pass were repeated a few times. */
export interface Administration {
  /** Tries once. */
  probe(): Promise<void>;
  /** Creates those that are missing; does not wait for them. */
  createTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Deletes topics and groups whose names begin with the prefix. */
  removePrefixed(): Promise<void>;
  partitionCount(topic: string): Promise<number>;
  /** By partition number. */
  offsets(topic: string): Promise<readonly PartitionOffsets[]>;
  committed(group: string, topic: string): Promise<ReadonlyMap<number, Committed>>;
}

export interface Sender {
  /** One request, never repeated. Base offset of each batch, in their order; -1 where the answer names none. */
  send(batches: readonly OutgoingBatch[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Where to fetch from. */
export interface FetchSource {
  /** The broker that leads a partition, as far as is known. */
  leaderOf(topic: string, partition: number): string | null;
  fetch(node: string, targets: readonly FetchTarget[], limits: FetchLimits): Promise<readonly Fetched[]>;
  /** Asks who leads what. */
  refresh(): Promise<void>;
}

export interface LinkedSource extends FetchSource {
  /** Must be called before a topic is asked for. */
  follow(topic: string): Promise<void>;
  close(): Promise<void>;
}

export interface CommitEntry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

/**
 * 1. `assigned` is called synchronously when a join ends, with everything that is ours, and `continued` only if this
 *    member cannot have missed a generation.
 * 2. A commit carries the generation that was current when its caller asked for it, so that the broker refuses it once
 *    the partition may belong to another.
 */
export interface GroupMember {
  /** Joins, and joins anew whenever it was thrown out, until `stop`. */
  start(): void;
  /** Leaves the group. */
  stop(): Promise<void>;
  /**
   * Commits under the current generation. False if it was refused, or if there is no generation to commit under: the
   * caller asks again after the next join, for what it still owns then. Other failures are thrown.
   */
  commit(entries: readonly CommitEntry[]): Promise<boolean>;
  /** Resolves once commits are possible, or after a while. */
  ready(): Promise<void>;
}

export interface MembershipEvents {
  /** What we own until now, by topic, to keep it. */
  owned(): Readonly<Record<string, readonly number[]>>;
  assigned(assignment: Readonly<Record<string, readonly number[]>>, continued: boolean, source: FetchSource): void;
  /** A rebalance begins: the last moment for commits under the old generation. */
  rebalancing(): void;
  /** We are out of the group. */
  lost(): void;
}
