/**
 * Avro object container files, written and read:
 *
 *   file   = 'Obj' 0x01, metadata, sync (16 bytes), block*
 *   metadata = (count (long, > 0), (key (string), value (bytes)){count})*, 0x00
 *   block  = count (long), size in bytes (long), data, sync
 *
 * A negative count of metadata is followed by a size in bytes. Codecs: null, and deflate without the zlib header.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader, MalformedAvro } from './decoder.ts';
import { ByteSink } from './encoder.ts';

const MAGIC = Buffer.from([0x4f, 0x62, 0x6a, 0x01]);
const SYNC_BYTES = 16;
/** A block that inflates to more is refused, so that a crafted one cannot take all memory. */
const BLOCK_BYTES_MAX = 64 * 1024 * 1024;

export interface ContainerBlock {
  readonly records: number;
  readonly data: Uint8Array;
}

export interface ContainerFile {
  readonly codec: 'null' | 'deflate';
  readonly schema: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly sync: Uint8Array;
  readonly blocks: readonly ContainerBlock[];
}

export function writeContainer(file: ContainerFile): Buffer {
  const sink = new ByteSink(file.blocks.reduce((sum, block) => sum + block.data.length + 64, 8192));
  sink.append(MAGIC);
  const metadata = Object.entries({ 'avro.schema': file.schema, 'avro.codec': file.codec, ...file.metadata });
  sink.long(metadata.length);
  for (const [key, value] of metadata) {
    sink.string(key);
    const bytes = Buffer.from(value);
    sink.long(bytes.length);
    sink.append(bytes);
  }
  sink.byte(0);
  sink.append(file.sync);
  for (const block of file.blocks) {
    const data = file.codec === 'deflate' ? deflateRawSync(block.data, { level: 1 }) : block.data;
    sink.long(block.records);
    sink.long(data.length);
    sink.append(data);
    sink.append(file.sync);
  }
  return sink.bytes.subarray(0, sink.length);
}

export interface ContainerContents {
  readonly schema: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly blocks: readonly { readonly records: number; readonly data: Buffer }[];
}

export function isContainer(bytes: Buffer): boolean {
  return bytes.length >= MAGIC.length && bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/** @throws MalformedAvro where any part is unreadable: the whole file then counts as one event. */
export function readContainer(bytes: Buffer): ContainerContents {
  const reader = new ByteReader(bytes);
  if (!reader.take(MAGIC.length).equals(MAGIC)) throw new MalformedAvro('Not a container file.');
  const metadata = readMetadata(reader);
  const codec = metadata['avro.codec'] ?? 'null';
  const schema = metadata['avro.schema'];
  if (schema === undefined) throw new MalformedAvro('The file has no schema.');
  if (codec !== 'null' && codec !== 'deflate') throw new MalformedAvro(`The codec ${codec} is not known.`);
  const sync = reader.take(SYNC_BYTES);
  const blocks = [];
  while (!reader.done) {
    const records = reader.long();
    const data = reader.take(reader.long());
    if (records < 0) throw new MalformedAvro('A block has a negative count.');
    if (!reader.take(SYNC_BYTES).equals(sync)) throw new MalformedAvro('A block does not end with the sync marker.');
    blocks.push({ records, data: codec === 'deflate' ? inflate(data) : data });
  }
  return { schema, metadata, blocks };
}

function readMetadata(reader: ByteReader): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (let count = reader.long(); count !== 0; count = reader.long()) {
    if (count < 0) {
      count = -count;
      reader.long();
    }
    for (; count > 0; count--) {
      const key = reader.string();
      metadata[key] = reader.string();
    }
  }
  return metadata;
}

function inflate(data: Buffer): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: BLOCK_BYTES_MAX });
  } catch (cause) {
    throw new MalformedAvro('A block cannot be inflated.', { cause });
  }
}
