/** One case of the flatness benchmark: a rater with its book and facts, rounds of events, and whether the sum is right. */
import {
  createRater,
  EventTable,
  type GuidedFact,
  OUTCOME_RATED,
  type RatedOutcome,
  type Rater,
  type ReferenceFact,
  validatePriceBook,
} from '@headrace/rating';
import { hashText, Random } from '@headrace/testkit/random';
import { cpuMs } from './cpu-time.ts';
import type { FlatCase, FlatUse } from './flat-case.ts';

export type CollectGarbage = (type: 'minor' | 'major') => void;

const BLOCK_EVENTS = 4_096;
/** Microseconds: 2026-11-01. Every round is a day, so that none finds a larger table of duplicate keys than another. */
const FIRST_DAY = Date.UTC(2026, 10, 1) * 1000;
const DAY = 86_400_000_000;
/** Rounds, warm-up included, that fit into the month. */
export const ROUNDS_MAX = 30;

/** The events of one round, made before its time runs and used for one case after the other. */
export class RoundEvents {
  readonly #blocks: EventTable[] = [];
  readonly #events: number;
  readonly #seed: number;

  constructor(events: number, seed: string) {
    this.#events = events;
    this.#seed = hashText(seed);
  }

  /** The same users by number, fractions of quantities and keys for every case. Notes in `use` who uses how much. */
  make({ users }: FlatCase, round: number, use: readonly FlatUse[]): readonly EventTable[] {
    const random = new Random(this.#seed, round);
    for (const block of this.#blocks) block.clear();
    for (let number = 0; number < this.#events; number += 1) {
      const user = random.below(users.length);
      const { profile, context, least } = users[user];
      const quantity = least + Math.floor((random.fraction() * least) / 8);
      const eventTime = FIRST_DAY + round * DAY + Math.floor((number * DAY) / this.#events);
      use[user].events += 1;
      use[user].quantity += quantity;
      this.#block(number).add({
        id: '',
        key: [random.next(), random.next(), random.next(), random.next()],
        payload: [1, 1],
        profile,
        context,
        eventTime,
        endTime: eventTime,
        receivedAt: eventTime,
        utcOffsetMinutes: 0,
        bytesUp: 0,
        bytesDown: quantity,
        seconds: 0,
        units: 0,
        amount: undefined,
        amountCurrency: '',
        imei: '',
        session: '',
      });
    }
    return this.#blocks;
  }

  /** Lets go of the events, so that what is measured next is not theirs. */
  clear(): void {
    for (const block of this.#blocks) block.clear();
  }

  #block(number: number): EventTable {
    const index = Math.floor(number / BLOCK_EVENTS);
    this.#blocks[index] ??= new EventTable();
    return this.#blocks[index];
  }
}

export class FlatRun {
  readonly rater: Rater;
  readonly #case: FlatCase;
  readonly #use: readonly FlatUse[];
  #amount = 0n;

  constructor(flatCase: FlatCase) {
    this.#case = flatCase;
    this.rater = raterOf(flatCase.book, flatCase.facts);
    this.#use = flatCase.users.map(() => ({ events: 0, quantity: 0 }));
  }

  /** Rates a round's events. @returns nanoseconds of processor time an event */
  round(events: RoundEvents, round: number, collectGarbage: CollectGarbage): number {
    const blocks = events.make(this.#case, round, this.#use);
    collectGarbage('minor');
    let count = 0;
    let milliseconds = 0;
    for (const block of blocks) {
      const started = cpuMs();
      const outcome = this.rater.rate(block);
      milliseconds += cpuMs() - started;
      count += block.count;
      this.#amount += checkedAmount(block, outcome);
    }
    return (milliseconds * 1e6) / count;
  }

  /** @throws Error if all events together cost something else than they must */
  check(what: string): void {
    const owed = this.#case.owed(this.#use);
    if (owed !== this.#amount)
      throw new Error(`${what}: events cost ${this.#amount}, and must cost ${owed} (1e-12 EUR)`);
  }
}

/** The sum of a block's amounts. @throws Error unless every event was rated, in parts that add up */
function checkedAmount(block: EventTable, { lines, outcomes, suspended }: RatedOutcome): bigint {
  if (suspended.length > 0) throw new Error(`an event was suspended: ${suspended[0].code}, ${suspended[0].detail}`);
  if (outcomes.some((outcome) => outcome !== OUTCOME_RATED)) throw new Error('an event was not rated');
  let quantity = 0;
  for (let event = 0; event < block.count; event += 1) quantity += block.bytesDown[event];
  // Sums of safe integers, handed over to the exact one before they are none.
  let exact = 0n;
  let amount = 0;
  for (let line = 0; line < lines.count; line += 1) {
    quantity -= lines.quantity[line];
    const sum = amount + lines.amount[line];
    if (Number.isSafeInteger(sum)) {
      amount = sum;
    } else {
      exact += BigInt(amount) + lines.amountOf(line);
      amount = 0;
    }
  }
  if (quantity !== 0) throw new Error(`lines are ${quantity} octets short of their events`);
  return exact + BigInt(amount);
}

/** @throws Error if book or facts are refused */
function raterOf(book: object, facts: Iterable<ReferenceFact>): Rater {
  const validated = validatePriceBook(book);
  if ('problems' in validated) {
    const [{ path, problem }] = validated.problems;
    throw new Error(`the book of the benchmark is none: ${path}: ${problem}`);
  }
  const rater = createRater();
  apply(rater, [{ kind: 'priceBook', id: 'book', book }]);
  let piece: ReferenceFact[] = [];
  for (const fact of facts) {
    if (piece.push(fact) < BLOCK_EVENTS) continue;
    apply(rater, piece);
    piece = [];
  }
  apply(rater, piece);
  return rater;
}

function apply(rater: Rater, facts: readonly ReferenceFact[]): void {
  const guided: GuidedFact[] = facts.map((fact) => ({
    position: 0,
    receivedAt: 0,
    kind: fact.kind,
    fact: JSON.stringify(fact),
  }));
  const { refused } = rater.applyFacts(guided);
  if (refused.length > 0) throw new Error(`a fact was refused: ${refused[0].reason}`);
}
