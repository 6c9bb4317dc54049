/**
 * Coverage: how far each source of a reader has been read, by the ranges that blocks carry (design: Blocks).
 *
 * It owns the verdict on a block's range and the covered positions; not what is done about a gap or a breach.
 *
 * Invariants:
 * 1. A covered position never falls in either part, and rises only by `advance`.
 * 2. Pure: no I/O, no clock. The same calls give the same verdicts and the same snapshot.
 *
 *   check(from, to)     from = covered, to above      apply
 *                       to at or below covered        duplicate (same last range, other digest: breach)
 *                       from above covered            gap
 *                       anything else                 breach
 */
import { POSITION_START, type Position } from '@headrace/codec/block';
import type { CoverageEntry, CoverageVerdict } from './types.ts';

/** `below`: a is at or below b in both parts and they differ; `crossing`: one part is lower and the other higher. */
type Order = 'equal' | 'below' | 'above' | 'crossing';

/** How two positions stand to each other. */
export function comparePositions(a: Position, b: Position): Order {
  if (a.offset === b.offset && a.x === b.x) return 'equal';
  if (a.offset <= b.offset && a.x <= b.x) return 'below';
  if (a.offset >= b.offset && a.x >= b.x) return 'above';
  return 'crossing';
}

export class Coverage {
  readonly #entries = new Map<string, CoverageEntry>();

  static restore(entries: Iterable<CoverageEntry>): Coverage {
    const coverage = new Coverage();
    for (const entry of entries) coverage.#entries.set(entry.source, entry);
    return coverage;
  }

  /** The verdict on a block of `source` that covers (from, to]; changes nothing. */
  check(source: string, from: Position, to: Position, digest: string): CoverageVerdict {
    // A block leads upwards, always: neither part falls and one rises.
    if (comparePositions(from, to) !== 'below') return 'breach';
    const covered = this.covered(source);
    const end = comparePositions(to, covered);
    if (end === 'equal' || end === 'below') return this.#repeats(source, from, to, digest) ? 'duplicate' : 'breach';
    const start = comparePositions(from, covered);
    if (start === 'equal') return 'apply';
    if (start === 'above') return 'gap';
    return 'breach';
  }

  /** Moves the covered position to the end of a block that was applied. */
  advance(source: string, to: Position, digest: string): void {
    const covered = this.covered(source);
    if (comparePositions(covered, to) !== 'below') {
      throw new RangeError(`coverage of ${source} cannot move from ${text(covered)} to ${text(to)}`);
    }
    this.#entries.set(source, { source, covered: to, lastFrom: covered, digest });
  }

  covered(source: string): Position {
    return this.#entries.get(source)?.covered ?? POSITION_START;
  }

  /** By source name, so that equal coverage gives equal bytes. */
  snapshot(): CoverageEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  /** False if this is the last range that was applied, but with other contents. */
  #repeats(source: string, from: Position, to: Position, digest: string): boolean {
    const last = this.#entries.get(source);
    if (last === undefined || last.digest === '' || digest === '') return true;
    const same = comparePositions(from, last.lastFrom) === 'equal' && comparePositions(to, last.covered) === 'equal';
    return !same || digest === last.digest;
  }
}

function text(position: Position): string {
  return `(${position.offset}, ${position.x})`;
}
