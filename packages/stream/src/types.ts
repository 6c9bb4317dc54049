/**
 * The shapes that cross the boundary of this room. Offsets are JS numbers (Kafka offsets stay far below 2^53). Every
 * method that takes a topic accepts it with or without the prefix; every result names it with the prefix.
 */
import type { Position } from '@headrace/codec/block';

/** Where one message of a log stands. */
export interface MessagePlace {
  /** With the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** One message of a log. */
export interface StreamMessage extends MessagePlace {
  /** The log's own timestamp (append or create time, as the topic is set), milliseconds since 1970. */
  readonly timestampMs: number;
  /** A view into the fetched bytes: see `packed`. */
  readonly key: Buffer | null;
  /** A view into the fetched bytes, which lives as long as any message of the fetch: call `packed(value)` to own it. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface OutgoingMessage {
  readonly key?: Buffer | string | null;
  /** `null` is a tombstone. */
  readonly value: Buffer | Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970; ignored where the topic is set to LogAppendTime. */
  readonly timestampMs?: number;
}

export interface OutgoingBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly OutgoingMessage[];
}

/** Where a batch was written: the offset of its first message. */
export interface Acknowledgement {
  /** With the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
}

export interface OrderedProducer {
  /**
   * Resolves when all are acknowledged by all in-sync replicas, with the base offset of each topic-partition, in the
   * order of the batches. One send is in flight; further calls queue in order. After a failure the client is thrown
   * away and a new one is made for the next call; the caller repeats (nobody knows what was written).
   */
  send(batches: readonly OutgoingBatch[]): Promise<readonly Acknowledgement[]>;
  close(): Promise<void>;
}

/** A commit of a consumer group: `offset` is the next to read. */
export interface Committed {
  readonly offset: number;
  readonly metadata: string;
}

/** One stretch of ownership of a partition. `epoch` rises by one with each assignment in this process. */
export interface Assignment {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
}

export interface PartitionHandle extends Assignment {
  /** True once the partition is no longer ours (or the consumption has stopped). Long handlers look at it. */
  readonly lost: boolean;
  /**
   * Commits `offset` (next to read) with metadata, unless the epoch is over; coalesced, at most one commit a second
   * for each partition, and at once on drain and rebalance.
   */
  commit(offset: number, metadata?: string): void;
  /** Adds to the set of reasons for which nothing is fetched or delivered. */
  pause(reason: string): void;
  resume(reason: string): void;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * Called when a partition is assigned, before any message: where to start. A start below the log's begin or beyond
   * its end stops the partition with OFFSET_GONE.
   */
  assigned(p: Assignment & { readonly committed: Committed | null }): Promise<{ readonly startAt: number }>;
  /**
   * Messages in offset order. Should return quickly: while the partition's queue is above its high water it is not
   * fetched. The promise of the previous call is awaited before the next call for the same partition; different
   * partitions run concurrently. A rejected promise stops this partition (the reason is kept); others go on.
   */
  messages(p: PartitionHandle, messages: readonly StreamMessage[]): Promise<void>;
  /** Called once the last `messages` call of this epoch has settled, and before the next `assigned`. */
  revoked(p: Assignment): Promise<void>;
  /** Bytes of a partition in one fetch; default 4 MiB. A larger message still arrives, alone. */
  readonly fetchBytesMax?: number;
  /** High water of a partition's queue; default 16 MiB. */
  readonly queueBytesMax?: number;
}

export interface StoppedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly why: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export interface Consumption {
  /** Drains what handlers are working on, commits, leaves the group. */
  stop(): Promise<void>;
  /** Messages not yet handled, by `topic/partition` (with the prefix). */
  lag(): ReadonlyMap<string, number>;
  /** Partitions that a failure stopped, with the reason in words. */
  stopped(): readonly StoppedPartition[];
}

/** Low and end (next) offset of a partition's log. */
export interface PartitionOffsets {
  readonly partition: number;
  readonly low: number;
  readonly end: number;
}

/** One source's covered position, with the digest of the range that led there. */
export interface CoverageEntry {
  readonly source: string;
  readonly covered: Position;
  /** Begin of the last range that was applied; equal to `covered` if none was. */
  readonly lastFrom: Position;
  /** Digest of the last block that was applied; empty if none was. */
  readonly digest: string;
}

export type CoverageVerdict = 'apply' | 'duplicate' | 'gap' | 'breach';
