/**
 * The dictionary of contexts of a guided usage block (guided-contexts.v1), in Avro binary. The fields source..rating_group
 * are copied from here into rated lines unchanged.
 */

import type { Context } from '@headrace/rating/contract';
import { KeptBytes } from '../bytes/kept-bytes.ts';
import type { ByteReader } from '../bytes/reader.ts';
import type { ByteWriter } from '../bytes/writer.ts';
import { Dictionary, writeEntry } from './dictionary.ts';

export const CONTEXTS_KEY = 'headrace.contexts';
/** Some ten thousand contexts. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

/** Positions of an entry in `Dictionary.at`. */
export const CONTEXT_FROM = 0;
/** Behind rating_group. */
export const CONTEXT_TO = 1;
/** How many there are, with the end of the entry. */
export const CONTEXT_POSITIONS = 3;

export function keptContexts(): KeptBytes<Context> {
  return new KeptBytes((writer, context) => writeEntry(writer, context, writeContext), KEPT_BYTES_MAX);
}

function writeContext(writer: ByteWriter, context: Context): void {
  writer.text(context.source);
  writer.text(context.service);
  writer.text(context.plmn);
  writer.text(context.rat);
  writer.text(context.apn);
  writer.long(context.ratingGroup);
  writer.text(context.rawEncoding);
}

export function contextDictionary(): Dictionary {
  return new Dictionary(CONTEXT_POSITIONS, findContext);
}

function findContext(reader: ByteReader, at: Int32Array, position: number): void {
  at[position + CONTEXT_FROM] = reader.pos;
  for (let field = 0; field < 5; field++) reader.skipText('a field of the context');
  reader.int();
  at[position + CONTEXT_TO] = reader.pos;
  reader.skipText('raw_encoding');
}

export function readContext(reader: ByteReader): Context {
  return {
    source: reader.repeatedText('source'),
    service: reader.repeatedText('service'),
    plmn: reader.repeatedText('plmn'),
    rat: reader.repeatedText('rat'),
    apn: reader.repeatedText('apn'),
    ratingGroup: reader.int(),
    rawEncoding: rawEncoding(reader),
  };
}

/** A container's own schema may stand here, so it may be longer than a field's text. */
function rawEncoding(reader: ByteReader): string {
  const length = reader.length('raw_encoding');
  const from = reader.pos;
  reader.skip(length);
  return reader.bytes.toString('utf8', from, from + length);
}
