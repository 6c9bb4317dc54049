/**
 * An Avro container file of any size, block by block. Each block goes to the decoder as a container file of its own (the
 * file's head, then the block), so that its limits and its look at the writer schema are those of a message of
 * usage.events.
 *
 * 1. Memory holds one block.
 * 2. A block that cannot be read is refused whole; where the next one begins is known, so reading goes on there.
 */
import { type DecodedMessage, MESSAGE_BYTES_MAX, type UsageDecoder } from '@headrace/codec';
import { openContainer, SYNC_BYTES } from '@headrace/codec/avro/container';
import { ByteReader } from '@headrace/codec/bytes/reader';

/** Within so many bytes the file's metadata, the schema among them, must end. */
const HEAD_BYTES_MAX = 1024 * 1024;
/** Two longs of ten bytes. */
const BLOCK_HEAD_BYTES_MAX = 20;

export interface AvroBlock {
  /** From 1. */
  readonly number: number;
  readonly decoded: DecodedMessage;
}

export async function* readAvroFile(
  chunks: AsyncIterable<Buffer>,
  decoder: UsageDecoder,
): AsyncGenerator<AvroBlock, void> {
  const source = new Buffered(chunks);
  const container = openContainer(await source.peek(HEAD_BYTES_MAX));
  if (typeof container === 'string') {
    yield { number: 1, decoded: refused(`The container file is unreadable: ${container}.`) };
    return;
  }
  const head = Buffer.from(container.bytes.subarray(0, container.blocksFrom));
  source.drop(head.length);
  for (let number = 1; ; number += 1) {
    const begin = await source.peek(BLOCK_HEAD_BYTES_MAX);
    if (begin.length === 0) return;
    const reader = new ByteReader().reset(begin);
    reader.long('a count');
    const size = reader.long('a size');
    const length = reader.pos + size + SYNC_BYTES;
    if (reader.failure !== null || reader.overflow !== '' || size < 0) {
      yield { number, decoded: refused(`Block ${number} has an impossible head; the rest of the file is lost.`) };
      return;
    }
    if (length > MESSAGE_BYTES_MAX) {
      yield { number, decoded: tooLarge(number, length) };
      if (!(await source.skip(length))) return;
      continue;
    }
    const block = await source.peek(length);
    if (block.length < length) {
      yield { number, decoded: refused(`The file ends inside block ${number}: it was cut off.`) };
      return;
    }
    const whole = block.subarray(0, length);
    yield { number, decoded: decoder.decodeMessage(Buffer.concat([head, whole])) };
    source.drop(length);
  }
}

function refused(detail: string): DecodedMessage {
  return { kind: 'refused', code: 'SCHEMA_INVALID', outcome: 'suspended', detail };
}

function tooLarge(number: number, length: number): DecodedMessage {
  const detail = `Block ${number} has ${length} bytes; ${MESSAGE_BYTES_MAX} are taken at most: write smaller blocks.`;
  return { kind: 'refused', code: 'MESSAGE_TOO_LARGE', outcome: 'suspended', detail };
}

/** Bytes that were read and not yet used. */
class Buffered {
  readonly #chunks: AsyncIterator<Buffer>;
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** At least `count` bytes, or all that there are. */
  async peek(count: number): Promise<Buffer> {
    const parts = [this.#bytes];
    let length = this.#bytes.length;
    while (length < count && !this.#ended) {
      const next = await this.#chunks.next();
      if (next.done === true) this.#ended = true;
      else {
        parts.push(next.value);
        length += next.value.length;
      }
    }
    if (parts.length > 1) this.#bytes = Buffer.concat(parts);
    return this.#bytes;
  }

  drop(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
  }

  /** Drops bytes that need not be held at once. @returns false if there were fewer */
  async skip(count: number): Promise<boolean> {
    let left = count;
    while (left > 0) {
      const bytes = await this.peek(1);
      if (bytes.length === 0) return false;
      const dropped = Math.min(left, bytes.length);
      this.drop(dropped);
      left -= dropped;
    }
    return true;
  }
}
