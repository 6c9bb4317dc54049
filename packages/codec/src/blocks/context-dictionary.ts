/** The dictionary of contexts of a guided usage block (guided-contexts.v1), in Avro binary. */

import type { Context } from '@headrace/rating/contract';
import { ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';

export const CONTEXTS_KEY = 'headrace.contexts';
const CONTEXT_BYTES_GUESS = 64;

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

/** The dictionary, or in words why it cannot be read. */
export function decodeContexts(bytes: Buffer): readonly Context[] | string {
  const reader = new ByteReader().reset(bytes);
  const count = reader.long('the count of contexts');
  // A context has at least one byte for each of its fields.
  if (count < 0 || count > bytes.length) return `it has an impossible count of contexts, ${count}`;
  const contexts = new Array<Context>(count);
  for (let index = 0; index < count; index++) {
    contexts[index] = {
      source: reader.repeatedText('source'),
      service: reader.repeatedText('service'),
      plmn: reader.repeatedText('plmn'),
      rat: reader.repeatedText('rat'),
      apn: reader.repeatedText('apn'),
      ratingGroup: reader.int(),
      // A container's own schema may stand here, so it may be long.
      rawEncoding: rawEncoding(reader),
    };
    if (reader.failure !== null) return `context ${index}: ${reader.failure}`;
  }
  if (count > 0 && reader.long('the end') !== 0) return 'it has more than one array block';
  if (reader.failure !== null || reader.overflow !== '' || reader.oversized !== '' || reader.pos !== bytes.length) {
    return `it does not end where it should (${reader.failure ?? (reader.oversized || reader.overflow || 'bytes follow')})`;
  }
  return contexts;
}

function rawEncoding(reader: ByteReader): string {
  const length = reader.length('raw_encoding');
  const from = reader.pos;
  reader.skip(length);
  return reader.bytes.toString('utf8', from, from + length);
}
