/**
 * Writes guided usage blocks (guided-event.v1), one writer for each guided partition. Profiles and contexts go into
 * dictionaries in the file metadata, in order of first use; the caller interns them, they are told apart by identity.
 */

import type { Context, Profile } from '@headrace/rating/contract';
import { latestSchema } from '../avro/schemas.ts';
import { parseAmount, writeAmount } from '../bytes/amount.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { sessionOf } from '../usage/identity.ts';
import type { UsageEvent } from '../usage/usage-event.ts';
import { encodeBlock } from './block-file.ts';
import { CONTEXTS_KEY, keptContexts } from './context-dictionary.ts';
import { encodeDictionary } from './dictionary.ts';
import type { HeaderInput } from './header.ts';
import { keptProfiles, PROFILES_KEY } from './profile-dictionary.ts';

const { schema: schemaText } = latestSchema('guided-event');
const CAPACITY_BYTES = 64 * 1024;

export interface GuidedEntry {
  readonly event: UsageEvent;
  /** Interned by the caller: compared by identity. */
  readonly profile: Profile;
  readonly context: Context;
  /** Four words. */
  readonly key: Uint32Array;
  /** The event key in words. */
  readonly id: string;
  /** Two words. */
  readonly payloadDigest: Uint32Array;
  /** Microseconds. */
  readonly receivedAt: number;
  readonly rawPartition: number;
  readonly rawOffset: number;
  /** Index inside a container file; 0 for a single event. */
  readonly rawIndex: number;
  readonly raw: Uint8Array;
}

/**
 * Entries of dictionaries as they are written, digests included, kept from block to block: whoever writes many blocks
 * gives one to all its writers, so that an entry is encoded once. It shows in no byte.
 */
export class GuidedEntries {
  readonly profiles = keptProfiles();
  readonly contexts = keptContexts();
}

export class GuidedBlockWriter {
  readonly #entries: GuidedEntries;
  readonly #writer = new ByteWriter(CAPACITY_BYTES);
  readonly #profiles = new Map<Profile, number>();
  readonly #contexts = new Map<Context, number>();
  #count = 0;
  #usageBytes = 0;

  constructor(entries = new GuidedEntries()) {
    this.#entries = entries;
  }

  get count(): number {
    return this.#count;
  }

  /** Usage bytes (up + down) of the events added. */
  get usageBytes(): number {
    return this.#usageBytes;
  }

  /** Encoded bytes so far, without the metadata. */
  get byteLength(): number {
    return this.#writer.length;
  }

  add(entry: GuidedEntry): void {
    const { event } = entry;
    const writer = this.#writer;
    writer.words(entry.key, 0, 4);
    writer.text(entry.id);
    writer.long(event.startTime);
    writer.long(event.endTime ?? event.startTime);
    writer.long(event.utcOffsetMinutes);
    writer.long(entry.receivedAt);
    writer.long(entry.rawPartition);
    writer.long(entry.rawOffset);
    writer.long(entry.rawIndex);
    writer.text(event.imei ?? '');
    writer.text(sessionOf(event));
    writer.words(entry.payloadDigest, 0, 2);
    writer.long(event.bytesUp);
    writer.long(event.bytesDown);
    writer.long(event.seconds);
    writer.long(event.units);
    const amount = event.amount === null ? null : parseAmount(event.amount);
    writer.long(amount === null ? 0 : 1);
    if (amount !== null) writeAmount(writer, amount);
    writer.text(event.currency ?? '');
    writer.long(indexOf(this.#profiles, entry.profile));
    writer.long(indexOf(this.#contexts, entry.context));
    writer.sized(entry.raw);
    this.#count++;
    this.#usageBytes += event.bytesUp + event.bytesDown;
  }

  /** The block; the writer is empty again afterwards. */
  finish(header: HeaderInput): Uint8Array {
    const block = encodeBlock({
      header,
      schemaText,
      records: this.#writer.view(),
      count: this.#count,
      extra: {
        [PROFILES_KEY]: encodeDictionary(this.#profiles, this.#entries.profiles),
        [CONTEXTS_KEY]: encodeDictionary(this.#contexts, this.#entries.contexts),
      },
    });
    this.#writer.clear();
    this.#profiles.clear();
    this.#contexts.clear();
    this.#count = 0;
    this.#usageBytes = 0;
    return block;
  }
}

function indexOf<T>(known: Map<T, number>, value: T): number {
  const index = known.get(value);
  if (index !== undefined) return index;
  known.set(value, known.size);
  return known.size - 1;
}
