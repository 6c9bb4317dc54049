/** Reference blocks (guided-fact.v1): the facts that concern one guided partition, in the order of the log. */

import type { GuidedFact } from '@headrace/rating/contract';
import { latestSchema } from '../avro/schemas.ts';
import type { BlockHeader } from '../block.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { encodeBlock, openBlock } from './block-file.ts';
import type { HeaderInput } from './header.ts';
import { readLongText, readRecords } from './read-records.ts';

const { schema: schemaText } = latestSchema('guided-fact');

export function encodeFactBlock(block: {
  readonly header: HeaderInput;
  readonly facts: readonly GuidedFact[];
}): Uint8Array {
  const writer = new ByteWriter();
  for (const fact of block.facts) {
    writer.long(fact.position);
    writer.long(fact.receivedAt);
    writer.text(fact.kind);
    writer.text(fact.fact);
  }
  return encodeBlock({ header: block.header, schemaText, records: writer.view(), count: block.facts.length });
}

/** Throws BLOCK_MALFORMED. */
export function decodeFactBlock(value: Uint8Array): {
  readonly header: BlockHeader;
  readonly facts: readonly GuidedFact[];
} {
  const file = openBlock(value, 'reference');
  const facts = readRecords(file, (reader) => ({
    position: reader.long('position'),
    receivedAt: reader.long('received_at'),
    kind: reader.repeatedText('kind'),
    fact: readLongText(reader, 'fact'),
  }));
  return { header: file.header, facts };
}
