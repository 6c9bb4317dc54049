/**
 * Which facts were applied: 128-bit digests of their ids, so that a repeated fact is nothing. The digest mixes as MurmurHash3
 * (x86, 128 bit) over UTF-16 code units; ids come from our own reference data, so nobody is served by a collision.
 */
import { KeyTable, PRESENT } from './key-table.ts';

export class FactIds {
  table = new KeyTable();
  readonly #columns = { eventKey: new Uint32Array(4), payloadDigest: new Uint32Array([1, 0]) };

  has(id: string): boolean {
    digest(id, this.#columns.eventKey);
    return this.table.look(this.#columns, 0) === PRESENT;
  }

  add(id: string): void {
    digest(id, this.#columns.eventKey);
    if (this.table.look(this.#columns, 0) !== PRESENT) this.table.add(this.#columns, 0);
  }
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function finish(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const MULTIPLIERS = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;
const ROTATIONS = [15, 16, 17, 18] as const;
const MIX_ROTATIONS = [19, 17, 15, 13] as const;
const ADDENDS = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17] as const;

/** Four words a round (eight code units), each mixed into one lane and the lane into its neighbour. */
function digest(text: string, out: Uint32Array): void {
  const lanes = new Int32Array(4);
  const unit = (index: number): number => (index < text.length ? text.charCodeAt(index) : 0);
  for (let at = 0; at < text.length; at += 8) {
    for (let lane = 0; lane < 4; lane += 1) {
      const word = unit(at + lane * 2) | (unit(at + lane * 2 + 1) << 16);
      const multiplied = Math.imul(word, MULTIPLIERS[lane] as number);
      const mixed = Math.imul(rotate(multiplied, ROTATIONS[lane] as number), MULTIPLIERS[(lane + 1) % 4] as number);
      const rotated = rotate((lanes[lane] as number) ^ mixed, MIX_ROTATIONS[lane] as number);
      lanes[lane] = Math.imul(rotated + (lanes[(lane + 1) % 4] as number), 5) + (ADDENDS[lane] as number);
    }
  }
  for (let lane = 0; lane < 4; lane += 1) lanes[lane] = (lanes[lane] as number) ^ text.length;
  for (let round = 0; round < 2; round += 1) {
    const sum = lanes.reduce((total, value) => (total + value) | 0, 0);
    for (let lane = 0; lane < 4; lane += 1) lanes[lane] = finish((lanes[lane] as number) + sum);
  }
  out.set(lanes);
}
