/**
 * Snappy decompression (the raw format that Avro uses, followed there by a big-endian CRC-32 of the uncompressed
 * bytes). Grammar: varint size, then elements: a tag whose low two bits say literal, or copy with a 1, 2 or 4 byte
 * offset. Null for anything that is not exactly that.
 */

import { crc32 } from 'node:zlib';

/** The uncompressed bytes; null if broken, and 'too large' if they would pass `sizeMax`. */
export function snappyDecompress(data: Uint8Array, sizeMax: number): Uint8Array | 'too large' | null {
  if (data.length < 5) return null;
  const body = data.subarray(0, data.length - 4);
  let size = 0;
  let at = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= body.length || shift > 28) return null;
    const byte = body[at++] as number;
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (size > sizeMax) return 'too large';
  // A copy element of 3 bytes gives 64 at most: more than that is a lie about the size, refused before allocating.
  if (size > body.length * 32) return null;
  const out = new Uint8Array(size);
  if (!expand(body, at, out)) return null;
  const sum = Buffer.from(data.buffer, data.byteOffset + data.length - 4, 4).readUInt32BE(0);
  return crc32(out) === sum ? out : null;
}

function expand(body: Uint8Array, start: number, out: Uint8Array): boolean {
  let at = start;
  let to = 0;
  while (at < body.length) {
    const tag = body[at++] as number;
    const kind = tag & 3;
    if (kind === 0) {
      let length = tag >>> 2;
      if (length >= 60) {
        const width = length - 59;
        length = little(body, at, width);
        at += width;
      }
      length += 1;
      if (length > body.length - at || length > out.length - to) return false;
      out.set(body.subarray(at, at + length), to);
      at += length;
      to += length;
      continue;
    }
    const width = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    if (width > body.length - at) return false;
    const offset = little(body, at, width) + (kind === 1 ? (tag >>> 5) * 256 : 0);
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    at += width;
    if (offset === 0 || offset > to || length > out.length - to) return false;
    for (let index = 0; index < length; index++) out[to + index] = out[to + index - offset] as number;
    to += length;
  }
  return to === out.length;
}

function little(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = width - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
