/** Columns that grow: typed arrays with a length of their own, for state with an entry for each subscription. */

const CAPACITY_MIN = 64;

/** Doubles up to a million entries, then grows by a quarter, so that large columns waste little. */
function larger(capacity: number): number {
  return capacity < 1_000_000 ? capacity * 2 : capacity + (capacity >>> 2);
}

export class IntegerColumn {
  values = new Int32Array(CAPACITY_MIN);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Int32Array(larger(this.length));
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.values[index] as number;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }
}

export class TimeColumn {
  values = new Float64Array(CAPACITY_MIN);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Float64Array(larger(this.length));
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.values[index] as number;
  }
}

/** Names by number, in the order they became known. */
export class Names {
  readonly list: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of a name, new if need be. */
  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.list.length);
    this.list.push(name);
    return this.list.length - 1;
  }

  /** The number of a known name. */
  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  name(number: number): string {
    return this.list[number] ?? '';
  }
}
