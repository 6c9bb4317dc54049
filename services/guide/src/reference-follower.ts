/**
 * Keeps the reference index of this process at the end of the reference log, and knows how far the log has been guided.
 *
 * 1. The index only grows; look-ups name the X that they may see, so a fact that is applied early does no harm.
 * 2. `guidedX` is how far every guided partition has acknowledged the facts: the owner of the reference log says so
 *    directly, other instances read the owner's commit.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { HeadraceError, type Logger } from '@headrace/platform';
import { ReferenceIndex } from '@headrace/rating';
import { type Broker, type Consumption, TOPICS } from '@headrace/stream';

export const REFERENCE_GROUP = 'headrace-guide-reference';
const COMMIT_POLL_MS = 500;

export class ReferenceFollower {
  readonly index = new ReferenceIndex();
  private readonly broker: Broker;
  private readonly log: Logger;
  private consumption: Consumption | null = null;
  private guided = 0;
  private readonly waiters = new Set<() => void>();
  private polling = true;
  private poller: Promise<void> = Promise.resolve();

  constructor(broker: Broker, log: Logger) {
    this.broker = broker;
    this.log = log;
  }

  /** Starts following; resolves when the index has reached the end that the log had at the call. */
  async start(signal: AbortSignal): Promise<void> {
    const topic = this.broker.topic(TOPICS.referenceLog);
    const [{ low, end }] = await this.broker.offsets(topic);
    if (low > 0) {
      throw new HeadraceError(
        'OFFSET_GONE',
        `${topic} begins at offset ${low}: facts were deleted, so nothing can be guided as known at its time. Restore the topic; its retention must be unlimited.`,
      );
    }
    this.consumption = await this.broker.consume({
      group: `headrace-guide-index-${randomUUID()}`,
      topics: [TOPICS.referenceLog],
      assigned: () => Promise.resolve({ startAt: this.index.end }),
      messages: (_handle, messages) => {
        for (const message of messages) this.apply(message.offset, message.value);
        this.wake();
        return Promise.resolve();
      },
      revoked: () => Promise.resolve(),
    });
    this.poller = this.pollCommits();
    await this.until(() => this.index.end >= end, signal);
  }

  /** How far the reference log has been guided: the X that plans may use. */
  get guidedX(): number {
    return this.guided;
  }

  /** The owner of the reference log says that all blocks up to x are acknowledged. */
  acknowledged(x: number): void {
    if (x <= this.guided) return;
    this.guided = x;
    this.wake();
  }

  /** Resolves when `condition` holds; it is looked at after each change of index or guidedX. */
  async until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    while (!condition()) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          this.waiters.delete(wake);
          resolve();
        };
        this.waiters.add(wake);
        signal.addEventListener('abort', wake);
      });
    }
  }

  async stop(): Promise<void> {
    this.polling = false;
    await this.poller;
    await this.consumption?.stop();
  }

  private apply(offset: number, value: Uint8Array | null): void {
    if (offset < this.index.end) return;
    const refused = this.index.applyMessage(offset, new TextDecoder().decode(value ?? new Uint8Array()));
    for (const { id, reason } of refused) {
      this.log.error('a reference fact was refused', { offset, fact: id, reason });
    }
  }

  private wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }

  private async pollCommits(): Promise<void> {
    let failing = false;
    while (this.polling) {
      try {
        const committed = await this.broker.committed(REFERENCE_GROUP, this.broker.topic(TOPICS.referenceLog));
        this.acknowledged(committed.get(0)?.offset ?? 0);
        failing = false;
      } catch (error) {
        if (!failing) this.log.warn('the commit of the reference log cannot be read; plans keep their X', { error });
        failing = true;
      }
      await sleep(COMMIT_POLL_MS);
    }
  }
}
