/**
 * Counters by (owner, item, cycle): what a meter or an individual bucket has used. 20 bytes an entry plus load, in open
 * addressing with the same ordered layout as `key-table.ts`: a function of the set of entries, not of their history.
 *
 * 1. A counter that was never set is 0; `has` tells it from one that was set to 0.
 * 2. Entries are ordered by (hash, owner, item, cycle) and never removed.
 */

const WORDS = 3;
const CAPACITY_MIN = 64;
const OVERFLOW_SLOTS_MAX = 512;
const TWO_32 = 2 ** 32;

/** One counter, for snapshots. */
export interface Counter {
  readonly owner: number;
  readonly item: number;
  readonly cycle: number;
  readonly used: number;
}

/** Bytes of a counter in a snapshot: three 32-bit words and a double. */
export const COUNTER_BYTES = 20;

function hashOf(owner: number, item: number, cycle: number): number {
  let hash = Math.imul(owner ^ Math.imul(item, 0x85ebca6b) ^ Math.imul(cycle, 0xc2b2ae35), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

export class CounterTable {
  #capacity = CAPACITY_MIN;
  // The owner is kept plus one, so that a first word of 0 is a free slot.
  #keys = new Uint32Array(slotsFor(CAPACITY_MIN) * WORDS);
  #values = new Float64Array(slotsFor(CAPACITY_MIN));
  #count = 0;
  /** While entries are appended: the slot after the last one. */
  #nextSlot = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#keys.byteLength + this.#values.byteLength;
  }

  get(owner: number, item: number, cycle: number): number {
    return this.valueAt(this.slot(owner, item, cycle));
  }

  /** True if the counter was ever set, to whatever value. */
  has(owner: number, item: number, cycle: number): boolean {
    return this.slot(owner, item, cycle) >= 0;
  }

  /** Where a counter is, or a negative number if it was never set; valid until the next `set`. */
  slot(owner: number, item: number, cycle: number): number {
    return this.#find(hashOf(owner, item, cycle), owner, item, cycle);
  }

  /** The value at a slot that `slot` gave. */
  valueAt(slot: number): number {
    return slot < 0 ? 0 : (this.#values[slot] as number);
  }

  set(owner: number, item: number, cycle: number, used: number): void {
    const hash = hashOf(owner, item, cycle);
    let slot = this.#find(hash, owner, item, cycle);
    if (slot >= 0) {
      this.#values[slot] = used;
      return;
    }
    if ((this.#count + 1) * 4 > this.#capacity * 3) {
      this.#grow();
      slot = this.#find(hash, owner, item, cycle);
    }
    while (!this.#insert(-1 - slot, owner, item, cycle, used)) this.#extend();
  }

  /** Adds to a counter; one that was never set is 0. */
  add(owner: number, item: number, cycle: number, more: number): void {
    const slot = this.slot(owner, item, cycle);
    if (slot >= 0) this.#values[slot] = (this.#values[slot] as number) + more;
    else this.set(owner, item, cycle, more);
  }

  /**
   * The table that gave these entries, in their order. It is made in its final size, since sorted entries would all crowd
   * into the first slots of a small one.
   */
  static of(count: number, entries: Iterable<Counter>): CounterTable {
    const table = new CounterTable();
    let capacity = CAPACITY_MIN;
    while (count * 4 > capacity * 3) capacity = nextCapacity(capacity);
    table.#resize(capacity);
    for (const { owner, item, cycle, used } of entries) table.#append(owner, item, cycle, used);
    return table;
  }

  *entries(): Generator<Counter> {
    for (let slot = 0; slot < this.#values.length; slot += 1) {
      const owner = this.#keys[slot * WORDS] as number;
      if (owner === 0) continue;
      yield {
        owner: owner - 1,
        item: this.#keys[slot * WORDS + 1] as number,
        cycle: this.#keys[slot * WORDS + 2] as number,
        used: this.#values[slot] as number,
      };
    }
  }

  /** The slot of a counter, or where it would have to be inserted, as -1 - slot. */
  #find(hash: number, owner: number, item: number, cycle: number): number {
    const keys = this.#keys;
    const slots = this.#values.length;
    let slot = Math.floor((hash * this.#capacity) / TWO_32);
    for (; slot < slots; slot += 1) {
      const at = slot * WORDS;
      const w0 = keys[at] as number;
      if (w0 === 0) break;
      const w1 = keys[at + 1] as number;
      const w2 = keys[at + 2] as number;
      if (w0 === owner + 1 && w1 === item && w2 === cycle) return slot;
      const other = hashOf(w0 - 1, w1, w2);
      if (other < hash) continue;
      if (other > hash) break;
      if (w0 - 1 > owner || (w0 - 1 === owner && (w1 > item || (w1 === item && w2 > cycle)))) break;
    }
    return -1 - slot;
  }

  #insert(slot: number, owner: number, item: number, cycle: number, used: number): boolean {
    const slots = this.#values.length;
    let free = slot;
    while (free < slots && this.#keys[free * WORDS] !== 0) free += 1;
    if (free >= slots) return false;
    if (free > slot) {
      this.#keys.copyWithin((slot + 1) * WORDS, slot * WORDS, free * WORDS);
      this.#values.copyWithin(slot + 1, slot, free);
    }
    this.#put(slot, owner + 1, item, cycle, used);
    this.#count += 1;
    return true;
  }

  #put(slot: number, ownerPlusOne: number, item: number, cycle: number, used: number): void {
    this.#keys[slot * WORDS] = ownerPlusOne;
    this.#keys[slot * WORDS + 1] = item;
    this.#keys[slot * WORDS + 2] = cycle;
    this.#values[slot] = used;
  }

  /** Moves all entries, in order, to arrays half as large again. */
  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#resize(nextCapacity(this.#capacity));
    for (let slot = 0; slot < values.length; slot += 1) {
      const at = slot * WORDS;
      const owner = keys[at] as number;
      if (owner === 0) continue;
      this.#append(owner - 1, keys[at + 1] as number, keys[at + 2] as number, values[slot] as number);
    }
  }

  /** Empties the table and gives it another capacity. */
  #resize(capacity: number): void {
    this.#capacity = capacity;
    this.#keys = new Uint32Array(slotsFor(capacity) * WORDS);
    this.#values = new Float64Array(slotsFor(capacity));
    this.#count = 0;
    this.#nextSlot = 0;
  }

  /** Adds an entry that belongs after all that are there. */
  #append(owner: number, item: number, cycle: number, used: number): void {
    const home = Math.floor((hashOf(owner, item, cycle) * this.#capacity) / TWO_32);
    const slot = Math.max(home, this.#nextSlot);
    if (slot >= this.#values.length) this.#extend();
    this.#put(slot, owner + 1, item, cycle, used);
    this.#nextSlot = slot + 1;
    this.#count += 1;
  }

  /** Doubles the slots after the last home, for the rare cluster at the end. */
  #extend(): void {
    const slots = this.#values.length;
    const extended = slots + (slots - this.#capacity);
    const keys = new Uint32Array(extended * WORDS);
    keys.set(this.#keys);
    this.#keys = keys;
    const values = new Float64Array(extended);
    values.set(this.#values);
    this.#values = values;
  }
}

function nextCapacity(capacity: number): number {
  return Math.floor(capacity / 2) * 3;
}

function slotsFor(capacity: number): number {
  return capacity + Math.min(capacity, OVERFLOW_SLOTS_MAX);
}
