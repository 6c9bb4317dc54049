/**
 * A 128-bit digest of a text: MurmurHash3 (x86, 128 bits) over its UTF-16 code units, two bytes each, the low byte first.
 * For telling things apart that nobody makes up with bad intent; equal texts give equal digests on every machine.
 */

/** Four words of 32 bits. */
export type Digest128 = readonly [number, number, number, number];

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

export function digest128(text: string): Digest128 {
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  const { length } = text;
  // Eight code units are one block of 16 bytes; past the end there are zeros, which the length in the end tells apart.
  for (let at = 0; at < length; at += 8) {
    h1 ^= Math.imul(rotate(Math.imul(word(text, at), C1), 15), C2);
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(word(text, at + 2), C2), 16), C3);
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotate(Math.imul(word(text, at + 4), C3), 17), C4);
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotate(Math.imul(word(text, at + 6), C4), 18), C1);
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  h1 = (h1 ^ length) | 0;
  h2 = (h2 ^ length) | 0;
  h3 = (h3 ^ length) | 0;
  h4 = (h4 ^ length) | 0;
  h1 = (h1 + h2 + h3 + h4) | 0;
  const mixed = [h1, (h2 + h1) | 0, (h3 + h1) | 0, (h4 + h1) | 0].map(finish);
  const [m1 = 0, m2 = 0, m3 = 0, m4 = 0] = mixed;
  const sum = (m1 + m2 + m3 + m4) | 0;
  return [sum >>> 0, (m2 + sum) >>> 0, (m3 + sum) >>> 0, (m4 + sum) >>> 0];
}

/** The digest's words as 32 hexadecimal digits: how an event's key is written. */
export function hexOf(words: ArrayLike<number>, first = 0): string {
  let text = '';
  for (let word = first; word < first + 4; word += 1) text += (words[word] as number).toString(16).padStart(8, '0');
  return text;
}

function word(text: string, at: number): number {
  const low = at < text.length ? text.charCodeAt(at) : 0;
  const high = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  return low | (high << 16);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function finish(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
