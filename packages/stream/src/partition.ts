/**
 * One partition in one epoch: its position, its queue, its handler calls.
 *
 *   starting ──begin──▶ running ──fail──▶ stopped
 *       │                  │                 │
 *       └──────────────────┴──── lose ───────┴──▶ lost
 *
 * It owns what is fetched but not handled; not the fetching, not the commits' sending.
 *
 * Invariants:
 * 1. Messages reach the handler in offset order, each once in an epoch, one call at a time.
 * 2. Nothing is wanted from the broker while the queue is at its high water or a reason to pause stands.
 * 3. Once lost, nothing is delivered and no commit is taken.
 * 4. The queue passes its high water by one fetch at most, and fetches come to about `fetchBytesMax` uncompressed (one
 *    record batch always comes whole).
 */
import { messageOf } from '@headrace/platform';
import type { Fetched } from './fetch.ts';
import type { ConsumeOptions, PartitionHandle, StreamMessage } from './types.ts';

/** Messages of one handler call at most, so that the event loop gets round between calls. */
const DELIVERY_MESSAGES_MAX = 32_768;
/** One handler call takes at most this part of the queue's high water, so that fetching goes on beside it. */
const DELIVERY_SHARE = 2;
/** What a message costs beside its bytes, roughly; it bounds queues of tiny messages. */
const MESSAGE_OVERHEAD_BYTES = 500;
const ASK_BYTES_FIRST = 256 * 1024;
const ASK_BYTES_MIN = 8 * 1024;

export interface PartitionLimits {
  /** Of one fetch, as it lies in the queue: Kafka counts compressed bytes, which may be a small part of that. */
  readonly fetchBytesMax: number;
  readonly queueBytesMax: number;
}

export interface PartitionEvents {
  /** The partition may want to be fetched, or has a commit. */
  changed(): void;
  /** It has stopped. */
  failed(error: unknown): void;
}

export interface PendingCommit {
  readonly offset: number;
  readonly metadata: string;
}

interface Delivery {
  readonly messages: readonly StreamMessage[];
  readonly bytes: number;
}

type Phase = 'starting' | 'running' | 'stopped' | 'lost';

export class PartitionRun {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly handle: PartitionHandle;
  readonly #limits: PartitionLimits;
  readonly #deliver: ConsumeOptions['messages'];
  readonly #events: PartitionEvents;
  readonly #queue: Delivery[] = [];
  readonly #reasons = new Set<string>();
  #phase: Phase = 'starting';
  #draining = false;
  /** Compressed bytes to ask for; finds its size by what came of it. */
  #askBytes: number;
  #queuedBytes = 0;
  /** Next offset to fetch. */
  #next = 0;
  /** Next offset to handle. */
  #handled = 0;
  #end = 0;
  #pendingCommit: PendingCommit | null = null;
  #active: Promise<void> | null = null;
  #failure: { readonly why: string; readonly since: number } | null = null;
  /** Fetches in a row that brought nothing although there is something. */
  emptyFetches = 0;
  /** Fetches in a row of this partition alone that failed in a way that repeating may not mend. */
  failedFetches = 0;

  constructor(
    place: { readonly topic: string; readonly partition: number; readonly epoch: number },
    limits: PartitionLimits,
    deliver: ConsumeOptions['messages'],
    events: PartitionEvents,
  ) {
    this.topic = place.topic;
    this.partition = place.partition;
    this.epoch = place.epoch;
    this.#limits = limits;
    this.#askBytes = Math.min(ASK_BYTES_FIRST, limits.fetchBytesMax);
    this.#deliver = deliver;
    this.#events = events;
    this.handle = this.#makeHandle();
  }

  get key(): string {
    return `${this.topic}/${this.partition}`;
  }

  get lost(): boolean {
    return this.#phase === 'lost';
  }

  get failure(): { readonly why: string; readonly since: number } | null {
    return this.#failure;
  }

  /** Messages not yet handled. */
  get lag(): number {
    return this.#phase === 'starting' ? 0 : Math.max(0, this.#end - this.#handled);
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  begin(startAt: number, end: number): void {
    if (this.#phase !== 'starting') return;
    this.#phase = 'running';
    this.#next = startAt;
    this.#handled = startAt;
    this.#end = end;
    this.#events.changed();
  }

  /** Stops this partition for a reason that a person reads. */
  fail(error: unknown): void {
    if (this.#phase === 'lost' || this.#phase === 'stopped') return;
    this.#phase = 'stopped';
    this.#failure = { why: messageOf(error), since: Date.now() };
    this.#dropQueue();
    this.#events.failed(error);
  }

  /** The epoch is over. */
  lose(): void {
    this.#phase = 'lost';
    this.#pendingCommit = null;
    this.#dropQueue();
  }

  /** Nothing more is fetched or delivered, but what is being handled may still commit. */
  drain(): void {
    this.#draining = true;
    this.#dropQueue();
  }

  /** Resolves when no handler call is running. */
  async settled(): Promise<void> {
    while (this.#active !== null) await this.#active;
  }

  /** The offset to fetch from, or null if nothing is wanted now. */
  wanted(): { readonly offset: number; readonly bytesMax: number } | null {
    if (this.#phase !== 'running' || this.#draining || this.#reasons.size > 0) return null;
    if (this.#queuedBytes >= this.#limits.queueBytesMax) return null;
    return { offset: this.#next, bytesMax: this.#askBytes };
  }

  /** Takes what was fetched. An answer to an older question is dropped. */
  accept(fetched: Fetched): void {
    if (this.#phase !== 'running' || this.#draining || fetched.offset !== this.#next) return;
    this.#end = Math.max(this.#end, fetched.end);
    this.emptyFetches =
      fetched.next === fetched.offset && fetched.stableEnd > fetched.offset ? this.emptyFetches + 1 : 0;
    this.failedFetches = 0;
    this.#next = fetched.next;
    this.#enqueue(fetched);
    this.#adapt(fetched);
    this.#work();
  }

  /** Steps over one offset of a record batch that holds no records any more, as compaction leaves behind. */
  stepOver(): void {
    this.#next += 1;
    if (this.#queue.length === 0 && this.#active === null) this.#handled = this.#next;
  }

  takeCommit(): PendingCommit | null {
    const pending = this.#pendingCommit;
    this.#pendingCommit = null;
    return pending;
  }

  /** Puts back a commit that did not go through, unless a newer one came meanwhile or the epoch is over. */
  returnCommit(commit: PendingCommit): void {
    if (this.#phase !== 'lost') this.#pendingCommit ??= commit;
  }

  get hasCommit(): boolean {
    return this.#pendingCommit !== null;
  }

  /** Invariant 4. */
  #adapt({ bytes, messages, next, stableEnd }: Fetched): void {
    const got = bytes + messages.length * MESSAGE_OVERHEAD_BYTES;
    const { fetchBytesMax } = this.#limits;
    if (got > fetchBytesMax) {
      this.#askBytes = Math.max(ASK_BYTES_MIN, Math.floor((this.#askBytes * fetchBytesMax) / got));
    } else if (got < fetchBytesMax / 2 && next < stableEnd) {
      this.#askBytes = Math.min(fetchBytesMax, this.#askBytes * 2);
    }
  }

  #enqueue({ messages, bytes }: Fetched): void {
    const share = messages.length === 0 ? 0 : bytes / messages.length + MESSAGE_OVERHEAD_BYTES;
    for (let start = 0; start < messages.length; start += DELIVERY_MESSAGES_MAX) {
      const part =
        messages.length <= DELIVERY_MESSAGES_MAX ? messages : messages.slice(start, start + DELIVERY_MESSAGES_MAX);
      const delivery = { messages: part, bytes: Math.ceil(share * part.length) };
      this.#queue.push(delivery);
      this.#queuedBytes += delivery.bytes;
    }
    if (messages.length === 0 && this.#queue.length === 0 && this.#active === null) this.#handled = this.#next;
  }

  #mayDeliver(): boolean {
    return this.#phase === 'running' && !this.#draining && this.#reasons.size === 0 && this.#queue.length > 0;
  }

  #work(): void {
    if (this.#active !== null || !this.#mayDeliver()) return;
    this.#active = this.#deliverAll().finally(() => {
      this.#active = null;
      // A resume may have come between the last look at the reasons and this.
      this.#work();
    });
  }

  async #deliverAll(): Promise<void> {
    while (this.#mayDeliver()) {
      const delivery = this.#takeDelivery();
      if (delivery === undefined) return;
      try {
        await this.#deliver(this.handle, delivery.messages);
      } catch (error) {
        this.fail(error);
        return;
      } finally {
        this.#queuedBytes -= delivery.bytes;
      }
      const last = delivery.messages.at(-1);
      if (last !== undefined) this.#handled = this.#queue.length === 0 ? this.#next : last.offset + 1;
      this.#events.changed();
    }
  }

  /** What waits, as one call: what a handler writes for each call costs much the same for one message as for many. */
  #takeDelivery(): Delivery | undefined {
    const first = this.#queue.shift();
    if (first === undefined) return undefined;
    const parts = [first.messages];
    let count = first.messages.length;
    let { bytes } = first;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (count + next.messages.length > DELIVERY_MESSAGES_MAX) break;
      if ((bytes + next.bytes) * DELIVERY_SHARE > this.#limits.queueBytesMax) break;
      this.#queue.shift();
      parts.push(next.messages);
      count += next.messages.length;
      bytes += next.bytes;
    }
    return { messages: parts.length === 1 ? first.messages : parts.flat(), bytes };
  }

  #dropQueue(): void {
    for (const delivery of this.#queue.splice(0)) this.#queuedBytes -= delivery.bytes;
  }

  #makeHandle(): PartitionHandle {
    const run = this;
    return {
      topic: this.topic,
      partition: this.partition,
      epoch: this.epoch,
      get lost() {
        return run.lost;
      },
      commit(offset, metadata = '') {
        if (run.lost) return;
        run.#pendingCommit = { offset, metadata };
        run.#events.changed();
      },
      pause(reason) {
        run.#reasons.add(reason);
      },
      resume(reason) {
        if (!run.#reasons.delete(reason) || run.#reasons.size > 0) return;
        // Not in the caller's stack: it may be the handler.
        queueMicrotask(() => {
          run.#work();
          run.#events.changed();
        });
      },
    };
  }
}
