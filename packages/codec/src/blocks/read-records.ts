/** Reading the records of a block one by one, with one check of the cursor after each. */

import { ByteReader } from '../bytes/reader.ts';
import { type BlockFile, malformed } from './block-file.ts';

export function readRecords<T>(file: BlockFile, read: (reader: ByteReader) => T): T[] {
  const records: T[] = [];
  const reader = new ByteReader();
  const { kind } = file.header;
  for (const block of file.blocks) {
    reader.reset(file.bytes, block.from, block.to);
    for (let index = 0; index < block.count; index++) {
      records.push(read(reader));
      if (reader.failure !== null) throw malformed(kind, `record ${records.length - 1}: ${reader.failure}`);
      if (reader.overflow !== '')
        throw malformed(kind, `record ${records.length - 1}: ${reader.overflow} is past 2^53`);
      if (reader.oversized !== '')
        throw malformed(kind, `record ${records.length - 1}: ${reader.oversized} is too long`);
    }
    if (reader.pos !== reader.end) throw malformed(kind, 'bytes follow its records');
  }
  return records;
}

/** Text without the limit that holds for fields of usage events (a price book is one fact). */
export function readLongText(reader: ByteReader, field: string): string {
  const length = reader.length(field);
  const from = reader.pos;
  reader.pos += length;
  return reader.bytes.toString('utf8', from, from + length);
}

/** Bytes of a fixed length or of the length that stands before them, copied out of the block. */
export function readBytes(reader: ByteReader, length: number): Uint8Array {
  const from = reader.pos;
  reader.skip(length);
  return reader.failure === null ? new Uint8Array(reader.bytes.subarray(from, from + length)) : new Uint8Array(length);
}
