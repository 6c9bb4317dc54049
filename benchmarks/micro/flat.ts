/**
 * Goal: what an event costs does not grow with its size, the tiers it passes, the buckets it does not touch, the members of
 * its pool or the size of the book. One table for each, over four orders of magnitude or more; every case has the same
 * number of events, of as many subscriptions, by the same code.
 *
 * 1. Raters of all cases of a table are made first and warmed up; then every round rates a new day's events by each of
 *    them, each round beginning with another case. Rounds are many and short, so that what the machine does meanwhile
 *    meets all cases.
 * 2. A ratio is taken within a round; the median over rounds counts, lowest and highest stand beside it. The control table,
 *    in which nothing differs, shows how far a ratio is from 1 by chance.
 * 3. It checks its result: every event is rated in parts that add up, and all events of a case together cost what tiers,
 *    pools and quantities add up to in BigInt, worked out without the engine.
 *
 * It is the fold alone, offline events in memory: no decoding, encoding, guiding, Kafka or ClickHouse; and no pauses for
 * reference facts, whose cost may well grow with what they are about.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from './cpu-time.ts';
import type { FlatTable, FlatTableName } from './flat-case.ts';
import { type CollectGarbage, FlatRun, ROUNDS_MAX, RoundEvents } from './flat-run.ts';
import { measureState, type StateRow } from './flat-state.ts';
import { flatTables } from './flat-tables.ts';

export interface FlatOptions {
  /** Events of a case in a round. */
  readonly events: number;
  readonly rounds: number;
  /** Orders of magnitude from the smallest to the largest case; as far as each table goes unless given. */
  readonly orders?: number;
  readonly seed: string;
  /** Only these tables, and no bytes of state; all unless given. */
  readonly tables?: readonly string[] | undefined;
  readonly progress: (what: string) => void;
}

export interface FlatRow {
  readonly label: string;
  readonly size: number;
  /** Nanoseconds of processor time an event: median, lowest and highest of the rounds. */
  readonly ns: number;
  readonly nsLow: number;
  readonly nsHigh: number;
}

export interface FlatTableResult {
  readonly name: FlatTableName;
  readonly title: string;
  readonly rows: readonly FlatRow[];
  /** Cost at the largest over cost at the smallest, of one round: median, lowest and highest. */
  readonly ratio: number;
  readonly ratioLow: number;
  readonly ratioHigh: number;
}

export interface FlatResult {
  readonly seed: string;
  readonly events: number;
  readonly rounds: number;
  readonly tables: readonly FlatTableResult[];
  readonly state: readonly StateRow[];
  /** Ratios in short: of the tables about one thing the highest. Null where none was measured. */
  readonly flat: Readonly<Record<FlatAxis, number | null>>;
  /** What `statistics` counts at the most subscriptions measured. */
  readonly bytesPerSubscription: number | null;
}

export type FlatAxis = 'eventSize' | 'tiers' | 'poolSize' | 'bookSize' | 'buckets' | 'ownGrants';

const AXES: Readonly<Record<FlatAxis, readonly FlatTableName[]>> = {
  eventSize: ['eventSize'],
  tiers: ['tiersPassed', 'tiersGraduated', 'tiersVolume'],
  poolSize: ['poolMembers', 'poolIdleMembers'],
  bookSize: ['bookSize', 'bookSpread'],
  buckets: ['bucketsOfPlan', 'grantsOfOthers'],
  ownGrants: ['grantsOfOwn'],
};

/** Rounds before those that count. */
const WARM_UPS = 3;
const ORDERS_MAX = 9;

/** Users that events are spread over, about: as the tables have them. */
const USERS = 2_000;

export function measureFlat(options: FlatOptions): FlatResult {
  const { events, rounds, orders = ORDERS_MAX, seed, progress } = options;
  if (rounds + WARM_UPS > ROUNDS_MAX)
    throw new RangeError(`at most ${ROUNDS_MAX - WARM_UPS} rounds: every round is a day of a month`);
  const eventsPerUser = Math.ceil((events * (rounds + WARM_UPS)) / USERS);
  const all = flatTables({ orders, eventsPerUser });
  const unknown = options.tables?.find((name) => all.every((table) => table.name !== name));
  if (unknown !== undefined) {
    throw new RangeError(`there is no table "${unknown}"; there are: ${all.map(({ name }) => name).join(', ')}`);
  }
  const wanted = all.filter(({ name }) => options.tables?.includes(name) ?? true);
  const collectGarbage = garbageCollector();
  // The state first, while the heap has nothing else that may go.
  const counts = [1_000, 10_000, 100_000].slice(0, Math.max(1, orders - 1));
  const state = options.tables === undefined ? counts.map((count) => measureState(count, seed, collectGarbage)) : [];
  // One after the other, so that the raters of a table are gone before the next.
  const tables = wanted.map((table) => {
    progress(table.title);
    return measureTable(table, options, collectGarbage);
  });
  const highest = (names: readonly FlatTableName[]): number | null => {
    const ratios = tables.filter(({ name }) => names.includes(name)).map(({ ratio }) => ratio);
    return ratios.length === 0 ? null : Math.max(...ratios);
  };
  return {
    seed,
    events,
    rounds,
    tables,
    state,
    flat: {
      eventSize: highest(AXES.eventSize),
      tiers: highest(AXES.tiers),
      poolSize: highest(AXES.poolSize),
      bookSize: highest(AXES.bookSize),
      buckets: highest(AXES.buckets),
      ownGrants: highest(AXES.ownGrants),
    },
    bytesPerSubscription: state.at(-1)?.counted ?? null,
  };
}

function measureTable(table: FlatTable, options: FlatOptions, collectGarbage: CollectGarbage): FlatTableResult {
  const { cases, name, title } = table;
  const runs = cases.map((entry) => new FlatRun(entry.make()));
  const events = new RoundEvents(options.events, `${options.seed}/${name}`);
  const ns: number[][] = cases.map(() => []);
  for (let round = 0; round < WARM_UPS + options.rounds; round += 1) {
    for (let turn = 0; turn < runs.length; turn += 1) {
      const index = (round + turn) % runs.length;
      const cost = runs[index].round(events, round, collectGarbage);
      if (round >= WARM_UPS) ns[index].push(cost);
    }
  }
  runs.forEach((run, index) => {
    run.check(`${name} ${cases[index].label}`);
  });
  const ratios = ns[ns.length - 1].map((cost, round) => cost / ns[0][round]);
  return {
    name,
    title,
    rows: cases.map(({ label, size }, index) => ({
      label,
      size,
      ns: median(ns[index]),
      nsLow: Math.min(...ns[index]),
      nsHigh: Math.max(...ns[index]),
    })),
    ratio: median(ratios),
    ratioLow: Math.min(...ratios),
    ratioHigh: Math.max(...ratios),
  };
}

/**
 * Garbage of making events is gone before the time of rating them runs (the young generation's: going over the books of all
 * cases each time would take longer than the rest), and no heap is measured with any.
 */
function garbageCollector(): CollectGarbage {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' | 'major' }) => void;
  return (type) => {
    collect({ type });
    // What the first one only made free to go: weak entries, memory of typed arrays.
    if (type === 'major') collect({ type });
  };
}
