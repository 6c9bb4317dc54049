/**
 * Bi-temporal history of one thing: what is valid when, as known at which position of the reference log.
 *
 * 1. Entries are sorted by (validFrom, position), ascending.
 * 2. A look-up at (time, x) sees only entries with position < x, and takes the last one with validFrom <= time.
 */

export interface Dated {
  /** Microseconds since 1970, inclusive. */
  readonly validFrom: number;
  /** Offset of the reference-log message that holds the fact. */
  readonly position: number;
}

/** Adds an entry in its place. Most arrive in order, so the search starts at the end. */
export function insertDated<T extends Dated>(entries: T[], entry: T): void {
  let at = entries.length;
  while (at > 0) {
    const before = entries[at - 1];
    if (before.validFrom < entry.validFrom) break;
    if (before.validFrom === entry.validFrom && before.position <= entry.position) break;
    at -= 1;
  }
  entries.splice(at, 0, entry);
}

/** The entry that holds at `time`, as known at `x` (exclusive), or undefined. */
export function entryAt<T extends Dated>(entries: readonly T[], time: number, x: number): T | undefined {
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const entry = entries[at];
    if (entry.validFrom <= time && entry.position < x) return entry;
  }
  return undefined;
}
