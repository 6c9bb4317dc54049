/**
 * The entries of a block's dictionary, each once, with a digest of its contents. Entries are told apart by their fields in
 * the order of `fields`, so two objects with equal fields are one entry.
 */
import { type Digest128, digest128 } from '../digest.ts';

const CAPACITY_MIN = 16;

export class Dictionary<Entry extends object> {
  readonly #fields: readonly (keyof Entry)[];
  readonly #entries: Entry[] = [];
  readonly #byText = new Map<string, number>();
  /** Callers mostly hand in the same objects: those need no text. */
  readonly #byObject = new Map<Entry, number>();
  /** Outlives `clear`. */
  readonly #digests = new WeakMap<Entry, { readonly text: string; readonly digest: Digest128 }>();
  /** Four words an entry. */
  digest = new Uint32Array(CAPACITY_MIN * 4);

  constructor(fields: readonly (keyof Entry)[]) {
    this.#fields = fields;
  }

  get count(): number {
    return this.#entries.length;
  }

  at(index: number): Entry {
    const entry = this.#entries[index];
    if (entry === undefined) throw new RangeError(`entry ${index} of a dictionary with ${this.#entries.length}`);
    return entry;
  }

  /** The index of an entry, which is added if it is new. */
  indexOf(entry: Entry): number {
    const known = this.#byObject.get(entry);
    if (known !== undefined) return known;
    const { text, digest } = this.#described(entry);
    let index = this.#byText.get(text);
    if (index === undefined) {
      index = this.#entries.push(entry) - 1;
      this.#byText.set(text, index);
      if (this.digest.length < (index + 1) * 4) this.#grow();
      this.digest.set(digest, index * 4);
    }
    this.#byObject.set(entry, index);
    return index;
  }

  clear(): void {
    this.#entries.length = 0;
    this.#byText.clear();
    this.#byObject.clear();
  }

  #described(entry: Entry): { readonly text: string; readonly digest: Digest128 } {
    let described = this.#digests.get(entry);
    if (described === undefined) {
      const text = JSON.stringify(this.#fields.map((field) => entry[field]));
      described = { text, digest: digest128(text) };
      this.#digests.set(entry, described);
    }
    return described;
  }

  #grow(): void {
    const grown = new Uint32Array(this.digest.length * 2);
    grown.set(this.digest);
    this.digest = grown;
  }
}
