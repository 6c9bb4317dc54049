/**
 * The dictionary of contexts of a guided usage block (guided-contexts.v1), in Avro binary. The fields source..rating_group
 * are copied from here into rated lines unchanged.
 */

import type { Context } from '@headrace/rating/contract';
import { ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';

export const CONTEXTS_KEY = 'headrace.contexts';
const CONTEXT_BYTES_GUESS = 64;

export interface ContextDictionary {
  readonly contexts: readonly Context[];
  /** Range of source..rating_group of each context in the block: from inclusive, to exclusive. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export function encodeContexts(contexts: ReadonlyMap<Context, number>): Uint8Array {
  const writer = new ByteWriter(contexts.size * CONTEXT_BYTES_GUESS);
  if (contexts.size > 0) {
    writer.long(contexts.size);
    for (const context of contexts.keys()) {
      writer.text(context.source);
      writer.text(context.service);
      writer.text(context.plmn);
      writer.text(context.rat);
      writer.text(context.apn);
      writer.long(context.ratingGroup);
      writer.text(context.rawEncoding);
    }
  }
  writer.long(0);
  return writer.view();
}

/** The dictionary, or in words why it cannot be read. `bytes` holds it from `from` (inclusive) to `to` (exclusive). */
export function decodeContexts(bytes: Buffer, from: number, to: number): ContextDictionary | string {
  const reader = new ByteReader().reset(bytes, from, to);
  const count = reader.long('the count of contexts');
  // A context has at least one byte for each of its fields.
  if (count < 0 || count > to - from) return `it has an impossible count of contexts, ${count}`;
  const dictionary = { contexts: new Array<Context>(count), from: new Int32Array(count), to: new Int32Array(count) };
  for (let index = 0; index < count; index++) {
    dictionary.from[index] = reader.pos;
    const source = reader.repeatedText('source');
    const service = reader.repeatedText('service');
    const plmn = reader.repeatedText('plmn');
    const rat = reader.repeatedText('rat');
    const apn = reader.repeatedText('apn');
    const ratingGroup = reader.int();
    dictionary.to[index] = reader.pos;
    dictionary.contexts[index] = { source, service, plmn, rat, apn, ratingGroup, rawEncoding: rawEncoding(reader) };
    if (reader.failure !== null) return `context ${index}: ${reader.failure}`;
  }
  if (count > 0 && reader.long('the end') !== 0) return 'it has more than one array block';
  if (reader.failure !== null || reader.overflow !== '' || reader.oversized !== '' || reader.pos !== to) {
    return `it does not end where it should (${reader.failure ?? (reader.oversized || reader.overflow || 'bytes follow')})`;
  }
  return dictionary;
}

/** A container's own schema may stand here, so it may be longer than a field's text. */
function rawEncoding(reader: ByteReader): string {
  const length = reader.length('raw_encoding');
  const from = reader.pos;
  reader.skip(length);
  return reader.bytes.toString('utf8', from, from + length);
}
