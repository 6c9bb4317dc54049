/**
 * A block as a container file: metadata `avro.schema` (the schema file's text, with its logical types), `avro.codec`
 * null, `headrace.block` (the header), and what else its kind needs. Written with one Avro block, or none when it
 * holds no records; read with any number.
 *
 * The digest is SHA-256 over the metadata (each entry as key, 0x00, length in decimal, 0x00, value; the header with an
 * empty digest), then the count of records in decimal and 0x00, then the records. It covers the header and the
 * dictionaries, because the transport checks no CRC and a wrong dictionary would charge the wrong account.
 *
 * Invariants:
 * 1. Equal inputs give equal bytes: the sync marker is the first half of the digest.
 * 2. A reader that checked the digest (verifyBlock) has seen every byte that means something.
 */

import { createHash } from 'node:crypto';
import { HeadraceError } from '@headrace/platform';
import {
  CONTAINER_MAGIC,
  type Container,
  type ContainerBlock,
  containerBlocks,
  openContainer,
  SYNC_BYTES,
} from '../avro/container.ts';
import { BLOCK_LINES_MAX, type BlockHeader } from '../block.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { type HeaderInput, headerJson, parseHeader } from './header.ts';

export const HEADER_KEY = 'headrace.block';
const HEAD_BYTES_GUESS = 16 * 1024;

export interface BlockInput {
  readonly header: HeaderInput;
  /** As in the schema file. */
  readonly schemaText: string;
  /** The encoded records, one after the other. */
  readonly records: Uint8Array;
  readonly count: number;
  /** More file metadata; written in the order of their names. */
  readonly extra?: Readonly<Record<string, string | Uint8Array>>;
}

/** The block, in a buffer of its own. */
export function encodeBlock(block: BlockInput): Uint8Array {
  const { records, count, extra = {} } = block;
  const fixed: [string, string | Uint8Array][] = [
    ['avro.schema', block.schemaText],
    ['avro.codec', 'null'],
    ...Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  const hash = digestOf([...fixed, [HEADER_KEY, headerJson(block.header, '')]], count, [records]);
  const head = new ByteWriter(HEAD_BYTES_GUESS);
  head.append(CONTAINER_MAGIC);
  head.long(fixed.length + 1);
  for (const [key, text] of fixed) writeMetadata(head, key, text);
  writeMetadata(head, HEADER_KEY, headerJson(block.header, hash.toString('hex')));
  head.long(0);
  const sync = hash.subarray(0, SYNC_BYTES);
  head.append(sync);
  if (count === 0) return head.copy();
  head.long(count);
  head.long(records.length);
  // Of its own and of the exact size, so that it can move to another thread without another copy.
  const file = Buffer.allocUnsafeSlow(head.length + records.length + SYNC_BYTES);
  file.set(head.view());
  file.set(records, head.length);
  file.set(sync, head.length + records.length);
  return file;
}

function writeMetadata(writer: ByteWriter, key: string, value: string | Uint8Array): void {
  writer.text(key);
  if (typeof value === 'string') writer.text(value);
  else writer.sized(value);
}

function digestOf(
  metadata: Iterable<readonly [string, string | Uint8Array]>,
  count: number,
  records: Iterable<Uint8Array>,
): Buffer {
  const hash = createHash('sha256');
  for (const [key, value] of metadata) {
    hash.update(`${key}\0${typeof value === 'string' ? Buffer.byteLength(value) : value.length}\0`);
    hash.update(value);
  }
  hash.update(`${count}\0`);
  for (const part of records) hash.update(part);
  return hash.digest();
}

export interface BlockProblem {
  readonly header: null;
  /** In words. */
  readonly problem: string;
}

interface OpenBlock {
  readonly container: Container;
  readonly header: BlockHeader;
}

function open(value: Uint8Array): OpenBlock | string {
  const container = openContainer(value);
  if (typeof container === 'string') return container;
  const text = container.metadata.get(HEADER_KEY);
  if (text === undefined) return `its metadata has no ${HEADER_KEY}`;
  const header = parseHeader(text.toString('utf8'));
  if (typeof header === 'string') return header;
  const codec = container.metadata.get('avro.codec')?.toString('latin1') ?? 'null';
  return codec === 'null' ? { container, header } : `its codec is "${codec.slice(0, 40)}", not null`;
}

/** Reads the file metadata only, whatever the records hold. */
export function readBlockHeader(
  value: Uint8Array,
): { readonly header: BlockHeader; readonly problem: null } | BlockProblem {
  const opened = open(value);
  return typeof opened === 'string' ? { header: null, problem: opened } : { header: opened.header, problem: null };
}

/** Bounds, sync markers and the digest of the records. */
export function verifyBlock(
  value: Uint8Array,
): { readonly header: BlockHeader; readonly count: number; readonly problem: null } | BlockProblem {
  const opened = open(value);
  if (typeof opened === 'string') return { header: null, problem: opened };
  const { container, header } = opened;
  const blocks = containerBlocks(container, BLOCK_LINES_MAX);
  if (typeof blocks === 'string') return { header: null, problem: blocks };
  const count = countOf(blocks);
  const metadata = [...container.metadata].map(
    ([key, text]) => [key, key === HEADER_KEY ? headerJson(header, '') : text] as const,
  );
  const records = blocks.map((block) => container.bytes.subarray(block.from, block.to));
  const digest = digestOf(metadata, count, records);
  if (digest.toString('hex') !== header.digest || !digest.subarray(0, SYNC_BYTES).equals(container.sync)) {
    return { header: null, problem: 'its contents have another digest than its header says' };
  }
  return { header, count, problem: null };
}

/** A block opened for decoding. */
export interface BlockFile {
  readonly header: BlockHeader;
  readonly bytes: Buffer;
  readonly blocks: readonly ContainerBlock[];
  readonly count: number;
  /** The metadata under a key; a view into the bytes. */
  metadataBytes(key: string): Buffer;
}

/** Opens a block of one of the kinds for decoding, without its digest. Throws BLOCK_MALFORMED. */
export function openBlock(value: Uint8Array, kind: BlockHeader['kind']): BlockFile {
  const opened = open(value);
  if (typeof opened === 'string') throw malformed(kind, opened);
  const { container, header } = opened;
  if (header.kind !== kind) throw malformed(kind, `it is a ${header.kind} block`);
  const blocks = containerBlocks(container, BLOCK_LINES_MAX);
  if (typeof blocks === 'string') throw malformed(kind, blocks);
  return {
    header,
    bytes: container.bytes,
    blocks,
    count: countOf(blocks),
    metadataBytes: (key) => {
      const bytes = container.metadata.get(key);
      if (bytes === undefined) throw malformed(kind, `its metadata has no ${key}`);
      return bytes;
    },
  };
}

function countOf(blocks: readonly ContainerBlock[]): number {
  return blocks.reduce((sum, block) => sum + block.count, 0);
}

export function malformed(kind: string, problem: string): HeadraceError {
  return new HeadraceError(
    'BLOCK_MALFORMED',
    `A ${kind} block cannot be read: ${problem}. Fetch it anew; if it stays so, its writer is another version.`,
  );
}
