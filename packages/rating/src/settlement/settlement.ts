/**
 * Settlement: the final rating of events, in canonical order, against all facts. The close of a period, late usage, a
 * corrected book, a retroactive change and the trial of a new book are all this fold with other inputs.
 *
 *   facts -> add(events)* -> close() -> totals, pools with shares, what was not rated
 *
 * 1. Canonical order is the caller's to make (a query or a file sorts better) and is checked here: a batch with an event
 *    out of order, in itself or after the batch before, is refused before anything of it is rated.
 * 2. Facts come first, all of them, so pools have their final size and nothing has to be given back.
 * 3. Keys in conflict bill nothing: their events are left out, whichever payload they carry. `Conflicts` finds them.
 * 4. Whose an event is (its profile) is as the caller resolved it; for retroactive moves, resolve it anew.
 */
import type { Balance, GuidedFact, RatedOutcome, RaterStatistics, SuspendedUsage, TrueUp } from '../contract.ts';
import { OUTCOME_DUPLICATE, OUTCOME_RATED, OUTCOME_SUSPENDED } from '../contract.ts';
import { hexOf } from '../digest.ts';
import { createRater } from '../fold/rater.ts';
import { compareEvents } from '../offline/canonical-order.ts';
import type { IdentifiedEvents } from '../offline/event-table.ts';
import type { RoundingMode } from '../price-book/price-book.ts';
import { RatingError } from '../rating-error.ts';
import { LineTotals } from './line-totals.ts';
import { type PoolBill, PoolOverage } from './pool-overage.ts';
import { allEvents, selectedEvents } from './selected-events.ts';
import { mergeTotals, type Total } from './totals.ts';
import { trueUpTotals } from './true-up-totals.ts';
import { type Unrated, UnratedUsage } from './unrated.ts';

/** Facts are applied in pieces of so many. */
const FACTS_AT_ONCE = 4096;

export interface SettlementOptions {
  /** Event keys (`hexOf`) whose events bill nothing: conflicts that nobody has decided. */
  readonly leaveOut?: ReadonlySet<string>;
}

export interface CloseOptions {
  /** False while the scopes of commitments still run, for a bill before the last: no true-ups. True unless given. */
  readonly commitments?: boolean;
  /** How a pool's overage is rounded before it is shared out; half-up unless given. */
  readonly invoiceRounding?: RoundingMode;
}

export interface EventCounts {
  readonly rated: number;
  readonly duplicate: number;
  /** Conflicts that were left out included. */
  readonly suspended: number;
}

export interface SettledBill {
  /** What lines and true-ups add up to; true-ups have the tag `adjustment`. Sorted. */
  readonly totals: readonly Total[];
  readonly trueUps: readonly TrueUp[];
  readonly pools: readonly PoolBill[];
  readonly events: EventCounts;
  readonly unrated: readonly Unrated[];
}

export class Settlement {
  /** Facts that cannot hold, with the reason in words. They changed nothing. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
  readonly #rater = createRater();
  readonly #leaveOut: ReadonlySet<string>;
  readonly #totals = new LineTotals();
  readonly #overage = new PoolOverage();
  readonly #unrated = new UnratedUsage();
  readonly #counts = { rated: 0, duplicate: 0, suspended: 0 };
  #lastTime = Number.NEGATIVE_INFINITY;
  #lastId = '';

  constructor(facts: Iterable<GuidedFact>, options: SettlementOptions = {}) {
    this.#leaveOut = options.leaveOut ?? new Set();
    const refused: { readonly id: string; readonly reason: string }[] = [];
    let piece: GuidedFact[] = [];
    for (const fact of facts) {
      piece.push(fact);
      if (piece.length < FACTS_AT_ONCE) continue;
      refused.push(...this.#rater.applyFacts(piece).refused);
      piece = [];
    }
    if (piece.length > 0) refused.push(...this.#rater.applyFacts(piece).refused);
    this.refused = refused;
  }

  /**
   * Rates the next events. Batches may be of any size; an empty one is nothing. The lines are valid until the next call.
   * @throws RatingError NOT_IN_ORDER if an event stands before the one that came last
   */
  add(events: IdentifiedEvents): RatedOutcome {
    this.#checkOrder(events);
    const outcome = this.#rate(events);
    this.#totals.add(outcome.lines, events);
    this.#overage.add(outcome.lines, events);
    this.#unrated.add(outcome.suspended, events);
    for (const result of outcome.outcomes) {
      if (result === OUTCOME_RATED) this.#counts.rated += 1;
      else if (result === OUTCOME_DUPLICATE) this.#counts.duplicate += 1;
      else this.#counts.suspended += 1;
    }
    return outcome;
  }

  close({ commitments = true, invoiceRounding = 'half-up' }: CloseOptions = {}): SettledBill {
    const trueUps = commitments ? this.#rater.trueUps().filter(({ amount }) => amount !== 0n) : [];
    return {
      totals: mergeTotals([...this.#totals.totals(), ...trueUpTotals(trueUps)]),
      trueUps,
      pools: this.#overage.bills(this.#rater.poolStatements(), invoiceRounding),
      events: { ...this.#counts },
      unrated: this.#unrated.list(),
    };
  }

  /** Every bucket as it stands after the events so far, valid or not at a time in microseconds. */
  balances(time: number): readonly Balance[] {
    return this.#rater.balances(time);
  }

  statistics(): RaterStatistics {
    return this.#rater.statistics();
  }

  #checkOrder(events: IdentifiedEvents): void {
    let lastTime = this.#lastTime;
    let lastId = this.#lastId;
    for (let event = 0; event < events.count; event += 1) {
      const time = events.eventTime[event] as number;
      const id = events.eventId(event);
      if (time < lastTime || (time === lastTime && compareEvents(lastTime, lastId, time, id) > 0)) {
        throw new RatingError(
          'NOT_IN_ORDER',
          `event '${id}' stands before '${lastId}': sort by event time, then by id`,
        );
      }
      lastTime = time;
      lastId = id;
    }
    this.#lastTime = lastTime;
    this.#lastId = lastId;
  }

  #rate(events: IdentifiedEvents): RatedOutcome {
    const kept = this.#leaveOut.size === 0 ? undefined : this.#kept(events);
    if (kept === undefined || kept.length === events.count) return this.#rater.rate(allEvents(events));
    return asOfAll(this.#rater.rate(selectedEvents(events, kept)), events, kept);
  }

  #kept(events: IdentifiedEvents): Int32Array {
    const kept: number[] = [];
    for (let event = 0; event < events.count; event += 1) {
      if (!this.#leaveOut.has(hexOf(events.eventKey, event * 4))) kept.push(event);
    }
    return Int32Array.from(kept);
  }
}

/** What became of the kept events, told of all: indexes are those of the whole batch again. */
function asOfAll(outcome: RatedOutcome, events: IdentifiedEvents, kept: Int32Array): RatedOutcome {
  const { lines } = outcome;
  for (let line = 0; line < lines.count; line += 1) {
    const event = lines.event[line] as number;
    if (event >= 0) lines.event[line] = kept[event] as number;
  }
  const outcomes = new Uint8Array(events.count).fill(OUTCOME_SUSPENDED);
  const suspended: SuspendedUsage[] = outcome.suspended.map((usage) => ({
    ...usage,
    event: kept[usage.event] as number,
  }));
  let next = 0;
  for (let event = 0; event < events.count; event += 1) {
    if (kept[next] === event) {
      outcomes[event] = outcome.outcomes[next] as number;
      next += 1;
    } else suspended.push(conflict(events, event));
  }
  return { lines, outcomes, suspended: suspended.sort((a, b) => a.event - b.event) };
}

function conflict(events: IdentifiedEvents, event: number): SuspendedUsage {
  const bytes = (events.bytesUp[event] as number) + (events.bytesDown[event] as number);
  const seconds = events.seconds[event] as number;
  const [unit, quantity] =
    bytes > 0 ? ['bytes', bytes] : seconds > 0 ? ['seconds', seconds] : ['messages', events.units[event] as number];
  return {
    event,
    code: 'DUPLICATE_CONFLICT',
    detail: 'its key came with two payloads; settlement bills neither until someone decides',
    unit,
    quantity,
    estimatedValue: 0n,
    currency: '',
  } as const;
}
