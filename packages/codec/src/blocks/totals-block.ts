/** Totals blocks (invoice-total-delta.v1): by how much one rated block moved each total. */

import { latestSchema } from '../avro/schemas.ts';
import type { BlockHeader } from '../block.ts';
import { readAmount, writeAmount } from '../bytes/amount.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { TotalDelta } from '../records/suspended-record.ts';
import { encodeBlock, openBlock } from './block-file.ts';
import type { HeaderInput } from './header.ts';
import type { GuidedIdentity } from './rated-writer.ts';
import { readBytes, readRecords } from './read-records.ts';

const { schema: schemaText } = latestSchema('invoice-total-delta');

export function encodeTotalsBlock(block: {
  readonly header: HeaderInput;
  readonly identity: GuidedIdentity;
  readonly deltas: readonly TotalDelta[];
}): Uint8Array {
  const writer = new ByteWriter();
  const { identity } = block;
  for (const delta of block.deltas) {
    writer.long(identity.generation);
    writer.long(identity.partition);
    writer.long(identity.offset);
    writer.long(identity.blockTime);
    writer.text(delta.account);
    writer.text(delta.subscription);
    writer.text(delta.service);
    writer.text(delta.zone);
    writer.text(delta.tag);
    writer.text(delta.leg);
    writer.text(delta.period);
    writer.text(delta.currency);
    writer.text(delta.unit);
    writer.long(delta.quantity);
    writeAmount(writer, delta.amount);
    writer.long(delta.lines);
  }
  return encodeBlock({ header: block.header, schemaText, records: writer.view(), count: block.deltas.length });
}

/** Throws BLOCK_MALFORMED. `identity` is null where the block holds no deltas. */
export function decodeTotalsBlock(value: Uint8Array): {
  readonly header: BlockHeader;
  readonly identity: GuidedIdentity | null;
  readonly deltas: readonly TotalDelta[];
} {
  const file = openBlock(value, 'totals');
  let identity: GuidedIdentity | null = null;
  const deltas = readRecords(file, (reader): TotalDelta => {
    identity = {
      generation: reader.int(),
      partition: reader.int(),
      offset: reader.long('guided_offset'),
      blockTime: reader.long('block_time'),
    };
    return {
      account: reader.repeatedText('account'),
      subscription: reader.repeatedText('subscription'),
      service: reader.repeatedText('service'),
      zone: reader.repeatedText('zone'),
      tag: reader.repeatedText('tag'),
      leg: reader.repeatedText('leg'),
      period: reader.repeatedText('period'),
      currency: reader.repeatedText('currency'),
      unit: reader.repeatedText('unit'),
      quantity: reader.long('quantity'),
      amount: readAmount(Buffer.from(readBytes(reader, 16).buffer), 0),
      lines: reader.long('lines'),
    };
  });
  return { header: file.header, identity, deltas };
}
