/**
 * The ordered producer: one send in flight, a client that is thrown away after any failure, base offsets that rise.
 *
 * It owns the order of sends and the splitting into requests; not the repeating: after a failure nobody knows what was
 * written, and the caller repeats the same bytes, which readers know by their identity.
 *
 * Invariants:
 * 1. At most one request is unanswered, and the transport never repeats one.
 * 2. Within a partition, messages are written in the order of the calls, as long as each failed call is repeated first.
 * 3. An acknowledgement at or below what was acknowledged before is a failure: the log lost data or was made anew.
 */
import { HeadraceError, type Logger } from '@headrace/platform';
import { kafkaError } from './failures.ts';
import { Reachability } from './retry.ts';
import type { Sender, Transport } from './transport.ts';
import type { Acknowledgement, OrderedProducer, OutgoingBatch, OutgoingMessage } from './types.ts';

/** One record batch; well below what any of our topics takes, unless a single message is larger. */
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** kafkajs spreads a batch's records over a call's arguments when it reads them, which fails somewhat above 100,000. */
const BATCH_MESSAGES_MAX = 10_000;
const REQUEST_BYTES_MAX = 24 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 5_000;
/** Key, headers and framing, roughly. */
const MESSAGE_OVERHEAD_BYTES = 64;

interface Request {
  readonly batches: { readonly topic: string; readonly partition: number; readonly messages: OutgoingMessage[] }[];
}

export class SingleFlightProducer implements OrderedProducer {
  readonly #transport: Transport;
  readonly #topicName: (name: string) => string;
  readonly #reachability: Reachability;
  /** Next offset that an acknowledgement may name, by topic-partition. */
  readonly #nextOffset = new Map<string, number>();
  #client: Promise<Sender> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(transport: Transport, topicName: (name: string) => string, log: Logger) {
    this.#transport = transport;
    this.#topicName = topicName;
    this.#reachability = new Reachability(log, 'writing to Kafka');
  }

  send(batches: readonly OutgoingBatch[]): Promise<readonly Acknowledgement[]> {
    const result = this.#last.then(() => this.#sendNow(batches));
    // The queue goes on after a failure: each caller sees its own.
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#discard();
  }

  async #sendNow(batches: readonly OutgoingBatch[]): Promise<readonly Acknowledgement[]> {
    if (this.#closed) throw new HeadraceError('KAFKA_SEND_FAILED', 'The producer is closed; nothing was sent.');
    const first = new Map<string, Acknowledgement>();
    for (const request of splitRequests(batches, this.#topicName)) {
      for (const acknowledgement of await this.#sendRequest(request)) {
        const key = keyOf(acknowledgement);
        if (!first.has(key)) first.set(key, acknowledgement);
      }
    }
    this.#reachability.up();
    return [...first.values()];
  }

  async #sendRequest(request: Request): Promise<readonly Acknowledgement[]> {
    const places = request.batches.map((batch) => `${batch.topic}/${batch.partition}`).join(', ');
    try {
      const offsets = await (await this.#connected()).send(request.batches);
      return request.batches.map((batch, index) => this.#accept(batch, offsets[index] ?? -1));
    } catch (error) {
      await this.#discard();
      const failure = kafkaError(error, `write to ${places}`, this.#transport.settings);
      this.#reachability.down(failure);
      throw failure;
    }
  }

  /** Checks invariant 3. */
  #accept(batch: Request['batches'][number], baseOffset: number): Acknowledgement {
    const { topic, partition } = batch;
    const place = `${topic}/${partition}`;
    if (!Number.isSafeInteger(baseOffset) || baseOffset < 0) {
      throw new HeadraceError(
        'KAFKA_SEND_FAILED',
        `The write to ${place} was acknowledged without an offset; repeat it.`,
      );
    }
    const next = this.#nextOffset.get(place) ?? 0;
    if (baseOffset < next) {
      throw new HeadraceError(
        'OFFSET_BEYOND_END',
        `${place} was acknowledged at offset ${baseOffset}, but everything below ${next} was acknowledged before: the topic was made anew or lost data; compare it with its replicas before anything else is written.`,
        { context: { topic, partition, baseOffset, next } },
      );
    }
    this.#nextOffset.set(place, baseOffset + batch.messages.length);
    return { topic, partition, baseOffset };
  }

  #connected(): Promise<Sender> {
    this.#client ??= this.#transport.connectSender();
    return this.#client;
  }

  /** Throws the client away. A late answer of it goes nowhere. */
  async #discard(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    const gone = client.then((sender) => sender.close()).catch(() => undefined);
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, CLOSE_TIMEOUT_MS);
    await Promise.race([gone, limit.promise]);
    clearTimeout(timer);
  }
}

/** Requests in order: each partition's messages stay in order, and no batch or request passes its limit. */
export function splitRequests(batches: readonly OutgoingBatch[], topicName: (name: string) => string): Request[] {
  const requests: Request[] = [];
  let open: { batches: Map<string, { request: Request['batches'][number]; bytes: number }>; bytes: number } | null =
    null;
  const finish = () => {
    if (open !== null) requests.push({ batches: [...open.batches.values()].map(({ request }) => request) });
    open = null;
  };
  for (const { topic: name, partition, messages } of batches) {
    const topic = topicName(name);
    const key = keyOf({ topic, partition });
    for (const message of messages) {
      const bytes = sizeOf(message);
      const batch = open?.batches.get(key);
      const full =
        open !== null &&
        (open.bytes + bytes > REQUEST_BYTES_MAX ||
          (batch !== undefined &&
            (batch.bytes + bytes > BATCH_BYTES_MAX || batch.request.messages.length >= BATCH_MESSAGES_MAX)));
      if (full) finish();
      open ??= { batches: new Map(), bytes: 0 };
      const target = open.batches.get(key) ?? { request: { topic, partition, messages: [] }, bytes: 0 };
      open.batches.set(key, target);
      target.request.messages.push(message);
      target.bytes += bytes;
      open.bytes += bytes;
    }
  }
  finish();
  return requests;
}

function sizeOf(message: OutgoingMessage): number {
  const key = message.key === undefined || message.key === null ? 0 : Buffer.byteLength(message.key);
  return MESSAGE_OVERHEAD_BYTES + key + (message.value?.byteLength ?? 0);
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`;
}
