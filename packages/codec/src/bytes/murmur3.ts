/**
 * MurmurHash3 x86 128 (public domain, Austin Appleby): a fast digest of good spread, of which the reference values
 * stand in the test. It is no cryptographic hash: who chooses the bytes can make collisions.
 */

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/** Digest of bytes [0, length) into four words. */
export function murmur3(bytes: Uint8Array, length: number, seed: number, out: Uint32Array): void {
  let h1 = seed;
  let h2 = seed;
  let h3 = seed;
  let h4 = seed;
  const blocks = length & ~15;
  for (let at = 0; at < blocks; at += 16) {
    h1 ^= Math.imul(rotate(Math.imul(word(bytes, at), C1), 15), C2);
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(word(bytes, at + 4), C2), 16), C3);
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotate(Math.imul(word(bytes, at + 8), C3), 17), C4);
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotate(Math.imul(word(bytes, at + 12), C4), 18), C1);
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  const rest = length - blocks;
  if (rest > 12) h4 ^= Math.imul(rotate(Math.imul(tail(bytes, blocks + 12, length), C4), 18), C1);
  if (rest > 8) h3 ^= Math.imul(rotate(Math.imul(tail(bytes, blocks + 8, length), C3), 17), C4);
  if (rest > 4) h2 ^= Math.imul(rotate(Math.imul(tail(bytes, blocks + 4, length), C2), 16), C3);
  if (rest > 0) h1 ^= Math.imul(rotate(Math.imul(tail(bytes, blocks, length), C1), 15), C2);
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = finish((h2 + h1) | 0);
  h3 = finish((h3 + h1) | 0);
  h4 = finish((h4 + h1) | 0);
  h1 = finish(h1);
  h1 = (h1 + h2 + h3 + h4) | 0;
  out[0] = h1;
  out[1] = (h2 + h1) | 0;
  out[2] = (h3 + h1) | 0;
  out[3] = (h4 + h1) | 0;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** At most four bytes from `at`, little-endian; those at `end` and beyond count 0. */
function tail(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let index = Math.min(end, at + 4) - 1; index >= at; index--) value = (value << 8) | (bytes[index] as number);
  return value;
}

function finish(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
