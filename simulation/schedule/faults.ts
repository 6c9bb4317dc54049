/**
 * What goes wrong, drawn from the seed. Each schedule has its own mix: most faults are off in most schedules, so that
 * each is met alone, with one other, and with all.
 *
 * 1. Every decision is drawn from one generator, in the order in which things happen, so that a seed replays exactly.
 * 2. After `calm` nothing goes wrong any more.
 */
import { Random } from '@headrace/testkit/random';
import type { LogRecord, PartitionLog } from '../log/partition-log.ts';
import type { RequestKind } from '../world/network.ts';
import type { SimulatedProcess, World } from '../world/world.ts';

/** Kinds of faults, as they are counted. */
export const FAULT_KINDS = [
  'crash',
  'crash-at-request',
  'freeze',
  'stop',
  'start',
  'expel',
  'lost-send',
  'unanswered-send',
  'stray-send',
  'lost-insert',
  'unanswered-insert',
  'stray-insert',
  'lost-commit',
  'unanswered-commit',
  'failed-fetch',
  'failed-lookup',
  'slow-request',
  'cut-fetch',
  'spoiled-fetch',
  'log-down',
  'store-down',
  'hole',
  'compaction',
  'retention',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Fates of a request. `lost` never arrives, `unanswered` arrives, `stray` arrives after the sender has given up. */
export type Fate = 'well' | 'lost' | 'unanswered' | 'stray';

const SPOILED_TOPICS = ['usage.guided', 'usage.rated', 'usage.suspense', 'invoice.totals'];

interface Rates {
  readonly request: number;
  readonly fetch: number;
  readonly crashAtRequest: number;
  readonly slow: number;
  readonly cut: number;
  readonly spoil: number;
  readonly hole: number;
  readonly compaction: number;
}

export class Faults {
  readonly random: Random;
  readonly counts = new Map<FaultKind, number>();
  readonly rates: Rates;
  readonly #world: World;
  readonly #spoiled = new Set<string>();
  /** Set by the schedule: what a crash in the middle of a request does to its process. */
  crash: (owner: SimulatedProcess) => void = () => undefined;
  #calm = false;

  constructor(world: World, seed: number, intensity: number) {
    this.#world = world;
    this.random = new Random(seed, 2);
    const rate = (most: number) => (this.random.below(3) === 0 ? this.random.fraction() * most * intensity : 0);
    this.rates = {
      request: rate(0.25),
      fetch: rate(0.1),
      crashAtRequest: rate(0.02),
      slow: rate(0.2),
      cut: rate(0.5),
      spoil: rate(0.05),
      hole: rate(0.2),
      compaction: rate(0.3),
    };
  }

  get calm(): boolean {
    return this.#calm;
  }

  stop(): void {
    this.#calm = true;
  }

  note(kind: FaultKind, what: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.#world.trace.add(`FAULT ${kind} ${what}`);
  }

  fateOf(owner: SimulatedProcess, kind: RequestKind, what: string): Fate {
    if (kind === 'fetch' || kind === 'lookup' || kind === 'query') {
      if (!this.#happens(this.rates.fetch)) return 'well';
      this.note(kind === 'fetch' ? 'failed-fetch' : 'failed-lookup', `${owner.name} ${what}`);
      return 'lost';
    }
    if (!this.#happens(this.rates.request)) return 'well';
    const fates: readonly [Fate, Fate, Fate] = ['lost', 'unanswered', kind === 'commit' ? 'unanswered' : 'stray'];
    const fate = this.random.pick(fates);
    this.note(`${fate}-${kind}` as FaultKind, `${owner.name} ${what}`);
    return fate;
  }

  /** The process may end between having sent a request and its answer. */
  afterRequest(owner: SimulatedProcess, kind: RequestKind, what: string): void {
    const [most, rate] = kind === 'fetch' ? [0.05, this.rates.crashAtRequest * 0.05] : [1, this.rates.crashAtRequest];
    if (most === 0 || !this.#happens(rate)) return;
    this.note('crash-at-request', `${owner.name} in ${kind} ${what}`);
    // Before the request arrives, between, or after the answer has been sent.
    this.#world.schedule(null, this.random.below(8), () => this.crash(owner));
  }

  /** Milliseconds on the way. */
  trip(msMax: number): number {
    const usual = this.random.fraction() * msMax;
    if (!this.#happens(this.rates.slow)) return usual;
    this.counts.set('slow-request', (this.counts.get('slow-request') ?? 0) + 1);
    return usual + this.random.below(500);
  }

  cut(records: LogRecord[]): LogRecord[] {
    if (records.length < 2 || !this.#happens(this.rates.cut)) return records;
    this.counts.set('cut-fetch', (this.counts.get('cut-fetch') ?? 0) + 1);
    return records.slice(0, 1 + this.random.below(records.length - 1));
  }

  /** The bytes as they arrive: once damaged, and whole when they are fetched again. */
  spoil(owner: SimulatedProcess, log: PartitionLog, { offset, value }: LogRecord): Buffer | null {
    if (value === null || value.length === 0 || !SPOILED_TOPICS.includes(log.topic)) return value;
    const place = `${log.topic}/${log.partition}@${offset} by ${owner.name}`;
    if (!this.#happens(this.rates.spoil) || this.#spoiled.has(place)) return value;
    this.#spoiled.add(place);
    const damaged = Buffer.from(value);
    const at = this.random.below(damaged.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << this.random.below(8));
    this.note('spoiled-fetch', `${place} byte ${at}`);
    return damaged;
  }

  leavesHole(log: PartitionLog): boolean {
    if (log.topic === 'reference.log' || !this.#happens(this.rates.hole)) return false;
    this.note('hole', `${log.topic}/${log.partition} at ${log.end}`);
    return true;
  }

  compacts(log: PartitionLog): boolean {
    if (log.topic !== 'rater.checkpoints' || !this.#happens(this.rates.compaction)) return false;
    this.note('compaction', `${log.topic}/${log.partition}`);
    return true;
  }

  #happens(rate: number): boolean {
    return rate > 0 && !this.#calm && this.random.fraction() < rate;
  }
}
