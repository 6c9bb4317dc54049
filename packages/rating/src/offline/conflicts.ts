/**
 * Conflicts: event keys that came with two payloads. Until someone decides, settlement bills neither, so they have to be
 * known before the first event is settled: a pass of its own over all events, in any order.
 *
 * Memory: 24 bytes a key plus load, and the keys in conflict.
 */
import type { GuidedEvents } from '../contract.ts';
import { hexOf } from '../digest.ts';
import { ABSENT, DIFFERENT, KeyTable } from '../fold/key-table.ts';

export class Conflicts {
  readonly #table = new KeyTable();
  readonly #keys = new Set<string>();

  add(events: Pick<GuidedEvents, 'count' | 'eventKey' | 'payloadDigest'>): void {
    for (let event = 0; event < events.count; event += 1) {
      const seen = this.#table.look(events, event);
      if (seen === ABSENT) this.#table.add(events, event);
      else if (seen === DIFFERENT) this.#keys.add(hexOf(events.eventKey, event * 4));
    }
  }

  /** Keys in conflict, as `hexOf` writes them: what a settlement leaves out. */
  get keys(): ReadonlySet<string> {
    return this.#keys;
  }

  /** Distinct keys seen. */
  get count(): number {
    return this.#table.count;
  }

  /** Bytes that the table holds. */
  get bytes(): number {
    return this.#table.bytes;
  }
}
