/**
 * Avro Object Container Files, read with bounds checks and without copying.
 *
 *   file     = "Obj" 0x01, metadata, sync(16), { block }
 *   metadata = map of bytes: { count, [size if count < 0], count x (key, value) }, 0
 *   block    = count(long), size(long), data(size), sync(16)
 *
 * This file knows the grammar; what the data means (usage events, our own blocks) is for its callers.
 */

import { constants, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { ByteReader } from '../bytes/reader.ts';
import { snappyDecompress } from '../bytes/snappy.ts';
import { METADATA_ENTRIES_MAX } from '../limits.ts';

export const CONTAINER_MAGIC = Buffer.from('Obj\u0001', 'latin1');
export const SYNC_BYTES = 16;
/** zstd window of at most 32 MiB, so that a crafted frame cannot ask for more. */
const ZSTD_WINDOW_LOG_MAX = 25;

export interface Container {
  readonly bytes: Buffer;
  /** Views into the bytes. */
  readonly metadata: ReadonlyMap<string, Buffer>;
  readonly sync: Buffer;
  /** Where the first block begins. */
  readonly blocksFrom: number;
}

export interface ContainerBlock {
  readonly count: number;
  /** Data as in the file (compressed, if the codec compresses): from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
}

export function isContainer(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x4f && bytes[1] === 0x62 && bytes[2] === 0x6a && bytes[3] === 1;
}

/** The file's head, or in words why it has none. */
export function openContainer(value: Uint8Array): Container | string {
  if (!isContainer(value)) return 'it does not begin as an Avro container file';
  const reader = new ByteReader().reset(value, CONTAINER_MAGIC.length);
  const metadata = new Map<string, Buffer>();
  for (;;) {
    let count = reader.long('a count');
    if (count === 0 || reader.failure !== null) break;
    if (count < 0) {
      count = -count;
      reader.length('the metadata');
    }
    if (count > METADATA_ENTRIES_MAX - metadata.size)
      return `its metadata has more than ${METADATA_ENTRIES_MAX} entries`;
    for (let index = 0; index < count && reader.failure === null; index++) {
      const key = reader.text('a metadata key');
      const length = reader.length('a metadata value');
      metadata.set(key, reader.bytes.subarray(reader.pos, reader.pos + length));
      reader.pos += length;
    }
  }
  if (reader.overflow !== '') return 'a count in its head is past 2^53';
  const sync = reader.bytes.subarray(reader.pos, reader.pos + SYNC_BYTES);
  reader.skip(SYNC_BYTES);
  if (reader.failure !== null) return `its head is broken: ${reader.failure}`;
  return { bytes: reader.bytes, metadata, sync, blocksFrom: reader.pos };
}

/** All blocks with their bounds and sync markers checked, or in words what is wrong. */
export function containerBlocks(container: Container, countMax: number): readonly ContainerBlock[] | string {
  const reader = new ByteReader().reset(container.bytes, container.blocksFrom);
  const blocks: ContainerBlock[] = [];
  let total = 0;
  while (reader.pos < reader.end) {
    const count = reader.long('a count');
    const size = reader.length('a block');
    if (reader.failure !== null) return `block ${blocks.length} is broken: ${reader.failure}`;
    if (reader.overflow !== '' || count < 0) return `block ${blocks.length} has an impossible count`;
    total += count;
    if (total > countMax) return `it has more than ${countMax} events`;
    const from = reader.pos;
    reader.skip(size);
    const syncFrom = reader.pos;
    reader.skip(SYNC_BYTES);
    if (reader.failure !== null) return `block ${blocks.length} is cut off`;
    if (container.sync.compare(container.bytes, syncFrom, reader.pos) !== 0) {
      return `block ${blocks.length} has a wrong sync marker`;
    }
    blocks.push({ count, from, to: from + size });
  }
  return blocks;
}

export type Decompressed = { readonly data: Buffer } | { readonly tooLarge: boolean; readonly problem: string };

/** Undoes the container's codec; never gives more than `sizeMax` bytes. */
export function decompress(codec: string, data: Buffer, sizeMax: number): Decompressed {
  const options = { maxOutputLength: Math.max(sizeMax, 1) };
  try {
    switch (codec) {
      case 'null':
        return data.length > sizeMax ? tooLarge(sizeMax) : { data };
      case 'deflate':
        return { data: inflateRawSync(data, options) };
      case 'zstandard':
        return {
          data: zstdDecompressSync(data, {
            ...options,
            params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
          }),
        };
      case 'snappy': {
        const plain = snappyDecompress(data, sizeMax);
        if (plain === 'too large') return tooLarge(sizeMax);
        if (plain === null) return { tooLarge: false, problem: 'its snappy data are broken' };
        return { data: Buffer.from(plain.buffer, plain.byteOffset, plain.length) };
      }
      default:
        return {
          tooLarge: false,
          problem: `its codec "${codec.slice(0, 40)}" is none of null, deflate, zstandard, snappy`,
        };
    }
  } catch (error) {
    if (error instanceof RangeError) return tooLarge(sizeMax);
    return { tooLarge: false, problem: `its ${codec} data are broken` };
  }
}

function tooLarge(sizeMax: number): Decompressed {
  return { tooLarge: true, problem: `its data pass ${sizeMax} bytes when decompressed` };
}
