/**
 * Which guided partition a rating key belongs to: FNV-1a (32 bit) over the key's UTF-8 bytes, modulo the count. Fixed
 * for a topic generation; a change of it would split meters, so it is part of the format.
 */
const encoder = new TextEncoder();

export function ratingKeyHash(ratingKey: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(ratingKey)) hash = Math.imul(hash ^ byte, 0x01000193);
  // FNV's low bits are weak for keys that differ in the last digit only; fold the high ones in.
  hash ^= hash >>> 15;
  return hash >>> 0;
}

/** @returns partition in 0 .. count - 1 */
export function guidedPartition(ratingKey: string, count: number): number {
  return ratingKeyHash(ratingKey) % count;
}
