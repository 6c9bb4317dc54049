/**
 * Checkpoints of a fold's state in a compacted topic (design: Exactly once, without transactions).
 *
 *   key  c/<partition>/<chunk>/<offset>   value: the bytes of one chunk of the state at <offset>
 *   key  m/<partition>/<offset>           value: the manifest, JSON: { v, partition, offset, meta, chunks: [{ key, bytes, digest }] }
 *
 * `offset` is the next guided offset to apply to the state. Numbers are decimal, without padding.
 *
 * It owns keys, order of writing, and what may be deleted; not what the chunks mean.
 *
 * Invariants:
 * 1. A key is never written with other bytes: the chunks are a function of the state at the offset in their key.
 * 2. The manifest is written after all its chunks are acknowledged; it is the commit.
 * 3. Tombstones are written after the manifest is acknowledged, and only for lower offsets than its own, so a writer
 *    that wakes late can take nothing away from a newer one.
 * 4. Restoring takes the complete manifest with the highest offset; complete means every chunk is there and has the
 *    digest that the manifest says (kafkajs checks no CRC).
 */
import { createHash } from 'node:crypto';
import { HeadraceError, z } from '@headrace/platform';
import type { Broker } from './broker.ts';
import { packed } from './packed.ts';
import type { OrderedProducer, OutgoingMessage } from './types.ts';

/** Bytes of one send. */
const SEND_BYTES_MAX = 4 * 1024 * 1024;
const TOMBSTONES_PER_SEND_MAX = 5_000;

export interface RestoredCheckpoint {
  /** Next guided offset to apply. */
  readonly offset: number;
  readonly meta: Record<string, unknown>;
  /** In the order in which they were given to `write`; each owns its bytes. */
  readonly chunks: Uint8Array[];
}

const manifestSchema = z.object({
  v: z.literal(1),
  partition: z.number().int().nonnegative(),
  offset: z.number().int().nonnegative(),
  meta: z.record(z.string(), z.unknown()),
  chunks: z.array(z.object({ key: z.string(), bytes: z.number().int().nonnegative(), digest: z.string() })),
});

type Manifest = z.infer<typeof manifestSchema>;

/** What stands in the log: where each live chunk is, and the manifests. */
interface Index {
  /** Key to log offset. */
  readonly chunks: Map<string, number>;
  /** Key to manifest; null for one that cannot be read. */
  readonly manifests: Map<string, Manifest | null>;
  /** End of the log that was read. */
  readonly end: number;
}

export class CheckpointStore {
  readonly #broker: Broker;
  readonly #topic: string;
  readonly #producer: OrderedProducer;
  readonly #indexes = new Map<number, Index>();

  constructor(broker: Broker, topic: string) {
    this.#broker = broker;
    this.#topic = topic;
    this.#producer = broker.producer();
  }

  /**
   * Writes the state at `offset`. Call it only after every output below `offset` is acknowledged. A failure leaves an
   * incomplete checkpoint, which nothing reads; repeating is harmless.
   */
  async write(
    partition: number,
    offset: number,
    meta: Record<string, unknown>,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<{ bytes: number }> {
    const index = await this.#index(partition);
    const entries: Manifest['chunks'] = [];
    let batch: OutgoingMessage[] = [];
    let batchBytes = 0;
    let bytes = 0;
    for await (const chunk of chunks) {
      const key = `c/${partition}/${entries.length}/${offset}`;
      entries.push({ key, bytes: chunk.byteLength, digest: digestOf(chunk) });
      batch.push({ key, value: chunk });
      batchBytes += chunk.byteLength;
      bytes += chunk.byteLength;
      if (batchBytes >= SEND_BYTES_MAX) {
        await this.#send(partition, batch);
        batch = [];
        batchBytes = 0;
      }
    }
    await this.#send(partition, batch);
    for (const { key } of entries) index.chunks.set(key, -1);
    const manifest: Manifest = { v: 1, partition, offset, meta, chunks: entries };
    const key = manifestKey(partition, offset);
    await this.#send(partition, [{ key, value: Buffer.from(JSON.stringify(manifest)) }]);
    index.manifests.set(key, manifest);
    await this.#buryBelow(partition, offset, index);
    return { bytes };
  }

  /**
   * The complete checkpoint with the highest offset, or null if there is none.
   * @throws HeadraceError CHECKPOINT_BROKEN if there are manifests but none is complete.
   */
  async restore(partition: number): Promise<RestoredCheckpoint | null> {
    for (;;) {
      this.#indexes.delete(partition);
      const index = await this.#index(partition);
      const manifests = [...index.manifests.values()].filter((one) => one !== null);
      for (const manifest of manifests.sort((a, b) => b.offset - a.offset)) {
        const chunks = await this.#load(partition, manifest, index);
        if (chunks !== null) return { offset: manifest.offset, meta: manifest.meta, chunks };
      }
      // An owner that does not know yet that it is none may have written a newer one, buried this one, and compaction may
      // have followed, all while we read. What stands now decides.
      if ((await this.#bounds(partition)).end !== index.end) continue;
      if (index.manifests.size === 0) return null;
      throw new HeadraceError(
        'CHECKPOINT_BROKEN',
        `${this.#broker.topic(this.#topic)}/${partition} holds ${index.manifests.size} checkpoints, but none is complete; restore the topic, or delete its records of this partition to begin with an empty state.`,
        { context: { partition } },
      );
    }
  }

  /** The chunks of a manifest in order, or null if one is missing or damaged. */
  async #load(partition: number, manifest: Manifest, index: Index): Promise<Uint8Array[] | null> {
    const wanted = new Map<number, { place: number; digest: string }>();
    for (const [place, { key, digest }] of manifest.chunks.entries()) {
      const offset = index.chunks.get(key);
      if (offset === undefined) return null;
      wanted.set(offset, { place, digest });
    }
    const found = new Array<Uint8Array | undefined>(manifest.chunks.length).fill(undefined);
    const offsets = [...wanted.keys()];
    const first = offsets.reduce((least, offset) => Math.min(least, offset), Number.POSITIVE_INFINITY);
    const last = offsets.reduce((most, offset) => Math.max(most, offset), -1);
    for await (const { offset, value } of this.#read(partition, first, last + 1)) {
      const want = wanted.get(offset);
      if (want === undefined || value === null) continue;
      if (digestOf(value) !== want.digest) return null;
      found[want.place] = packed(value);
    }
    const chunks = found.filter((chunk) => chunk !== undefined);
    return chunks.length === found.length ? chunks : null;
  }

  async *#read(partition: number, from: number, to: number) {
    if (from >= to) return;
    yield* this.#broker.read(this.#topic, partition, from, to);
  }

  /** Reads the log once and keeps keys and places, not the chunks: they may be larger than the memory. */
  async #index(partition: number): Promise<Index> {
    const known = this.#indexes.get(partition);
    if (known !== undefined) return known;
    const { low, end } = await this.#bounds(partition);
    const index: Index = { chunks: new Map(), manifests: new Map(), end };
    for await (const { key, value, offset } of this.#read(partition, low, end)) {
      const name = key?.toString() ?? '';
      if (name.startsWith(`c/${partition}/`)) {
        if (value === null) index.chunks.delete(name);
        else index.chunks.set(name, offset);
      } else if (name.startsWith(`m/${partition}/`)) {
        if (value === null) index.manifests.delete(name);
        else index.manifests.set(name, readManifest(value));
      }
    }
    this.#indexes.set(partition, index);
    return index;
  }

  async #bounds(partition: number): Promise<{ readonly low: number; readonly end: number }> {
    const log = (await this.#broker.offsets(this.#topic)).find((one) => one.partition === partition);
    return log ?? { low: 0, end: 0 };
  }

  /** 1. Manifests first, so that none stands without its chunks. 2. Then the chunks that the newest does not name. */
  async #buryBelow(partition: number, offset: number, index: Index): Promise<void> {
    const manifests = [...index.manifests.keys()].filter((key) => offsetOf(key) < offset);
    await this.#bury(partition, manifests);
    for (const key of manifests) index.manifests.delete(key);
    const kept = new Set(index.manifests.get(manifestKey(partition, offset))?.chunks.map(({ key }) => key));
    const chunks = [...index.chunks.keys()].filter((key) => offsetOf(key) < offset && !kept.has(key));
    await this.#bury(partition, chunks);
    for (const key of chunks) index.chunks.delete(key);
  }

  async #bury(partition: number, keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += TOMBSTONES_PER_SEND_MAX) {
      const part = keys.slice(start, start + TOMBSTONES_PER_SEND_MAX);
      await this.#send(
        partition,
        part.map((key) => ({ key, value: null })),
      );
    }
  }

  async #send(partition: number, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length > 0) await this.#producer.send([{ topic: this.#topic, partition, messages }]);
  }
}

function manifestKey(partition: number, offset: number): string {
  return `m/${partition}/${offset}`;
}

/** The guided offset at the end of a key. */
function offsetOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1));
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readManifest(value: Uint8Array): Manifest | null {
  try {
    return manifestSchema.parse(JSON.parse(Buffer.from(value).toString()));
  } catch (error) {
    // Damaged or of a later format: it is not complete, and an older one is taken.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
