/**
 * Reads a range of one partition, without a consumer group: no join to wait for, nothing to remove afterwards.
 *
 * Invariants:
 * 1. Every message with from <= offset < to is given once, in order; then it ends.
 * 2. A range that the log does not hold is an error, never a shorter result.
 * 3. A broker that is away is waited for.
 */
import { HeadraceError, type Logger } from '@headrace/platform';
import { isKafkaFailure, kafkaError, rootOf } from './failures.ts';
import type { Fetched } from './fetch.ts';
import { outsideLog } from './offsets.ts';
import { persist } from './retry.ts';
import type { LinkedSource, Transport } from './transport.ts';
import type { StreamMessage } from './types.ts';

const FETCH_WAIT_MS = 100;
/** Compressed; two fetches are held at a time. */
const FETCH_BYTES_MAX = 2 * 1024 * 1024;
/** The end of a range may lie a moment ahead of what a new leader knows, or behind an open transaction. No longer. */
const STALL_MS_MAX = 10_000;
const FAILED_TRIES_MAX = 5;

export interface ReadRange {
  readonly topic: string;
  readonly partition: number;
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export class RangeReader {
  readonly #transport: Transport;
  readonly #log: Logger;
  #link: Promise<LinkedSource> | null = null;

  constructor(transport: Transport, log: Logger) {
    this.#transport = transport;
    this.#log = log;
  }

  async *read(range: ReadRange): AsyncGenerator<StreamMessage, void, undefined> {
    if (range.from >= range.to) return;
    let position = range.from;
    let waitingSince = Date.now();
    let empty = 0;
    let coming: Promise<Fetched> | null = this.#fetch(range, position);
    try {
      while (position < range.to) {
        const fetched: Fetched = await (coming ?? this.#fetch(range, position));
        const progress = fetched.next > position;
        position = fetched.next;
        // The next fetch runs while the caller works on this one.
        coming = position < range.to && progress ? this.#fetch(range, position) : null;
        for (const message of fetched.messages) {
          if (message.offset < range.to) yield message;
        }
        empty = progress ? 0 : empty + 1;
        if (progress) waitingSince = Date.now();
        else if (fetched.stableEnd > position && empty >= 2) position += 1;
        else if (Date.now() - waitingSince > STALL_MS_MAX) throw shortLog(range, fetched);
      }
    } finally {
      // A caller that breaks off leaves a fetch behind; its failure is nobody's.
      coming?.catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    const link = this.#link;
    this.#link = null;
    if (link !== null) await link.then((one) => one.close()).catch(() => undefined);
  }

  #fetch({ topic, partition }: ReadRange, offset: number): Promise<Fetched> {
    const place = `${topic}/${partition}`;
    let unreadable = 0;
    const fetching = persist(
      async () => {
        try {
          return await this.#fetchNow(topic, partition, offset);
        } catch (error) {
          const failure = kafkaError(error, `read ${place} at offset ${offset}`, this.#transport.settings);
          await this.close();
          const missing = failure instanceof HeadraceError && failure.code === 'TOPIC_MISSING';
          if (missing || rootOf(error).name === 'KafkaJSOffsetOutOfRange') {
            await this.#explain(topic, partition, offset);
            throw new HeadraceError('KAFKA_FAILED', failure.message, { cause: error });
          }
          if (isKafkaFailure(error) || error instanceof HeadraceError || ++unreadable >= FAILED_TRIES_MAX)
            throw failure;
          throw new HeadraceError('KAFKA_FAILED', `${place} at offset ${offset} cannot be read: ${failure.message}.`, {
            cause: error,
          });
        }
      },
      { log: this.#log, what: `reading ${place}` },
    );
    fetching.catch(() => undefined);
    return fetching;
  }

  async #fetchNow(topic: string, partition: number, offset: number): Promise<Fetched> {
    this.#link ??= this.#transport.connectSource();
    const source = await this.#link;
    await source.follow(topic);
    const node = source.leaderOf(topic, partition);
    if (node === null) {
      await this.#explain(topic, partition, offset);
      await source.refresh();
      throw new HeadraceError('KAFKA_UNREACHABLE', `${topic}/${partition} has no leader now; start its broker.`);
    }
    const [fetched] = await source.fetch(node, [{ topic, partition, offset, bytesMax: FETCH_BYTES_MAX }], {
      waitMs: FETCH_WAIT_MS,
      bytesMax: FETCH_BYTES_MAX,
    });
    if (fetched === undefined) {
      throw new HeadraceError('KAFKA_FAILED', `Kafka's answer leaves out ${topic}/${partition}; asking again.`);
    }
    return fetched;
  }

  /** Throws what is wrong with the position, unless the log has caught up with it by now. */
  async #explain(topic: string, partition: number, offset: number): Promise<void> {
    const log = (await this.#transport.administration.offsets(topic)).find((one) => one.partition === partition);
    const wrong = outsideLog(`${topic}/${partition}`, offset, log);
    if (wrong !== null) throw wrong;
  }
}

function shortLog({ topic, partition, to }: ReadRange, { end, stableEnd }: Fetched): HeadraceError {
  const place = `${topic}/${partition}`;
  const why =
    stableEnd < end
      ? `a transaction has been open since offset ${stableEnd}; end it`
      : 'the topic was made anew or lost data; restore it';
  return new HeadraceError('OFFSET_BEYOND_END', `${place} ends at offset ${end}, but is needed up to ${to}: ${why}.`, {
    context: { topic, partition, to, end, stableEnd },
  });
}
