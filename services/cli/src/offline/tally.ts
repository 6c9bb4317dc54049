/** What became of the records of a file: counted, and what is wrong listed on standard error with its place. */
import type { Refusal } from '@headrace/codec';
import type { SettledBill } from '@headrace/rating';
import { CommandFailed } from '../command.ts';
import { grouped } from '../output/progress.ts';

export interface TallyOptions {
  /** The first problem ends the run. */
  readonly strict: boolean;
  /** Problems that are listed; the others are counted only. */
  readonly listed: number;
}

export class Tally {
  readonly #options: TallyOptions;
  /** Counts by `outcome code`, for example `suspended SIM_UNKNOWN`. */
  readonly #codes = new Map<string, number>();
  #told = 0;
  received = 0;
  rated = 0;
  duplicate = 0;
  rejected = 0;
  suspended = 0;

  constructor(options: TallyOptions) {
    this.#options = options;
  }

  /** @throws CommandFailed if the run is strict */
  refuse(place: string, { code, outcome, detail }: Refusal): void {
    const line = `${place}: ${code} (${outcome}): ${detail}`;
    if (this.#options.strict) throw new CommandFailed(line);
    this[outcome] += 1;
    this.#count(`${outcome} ${code}`, 1);
    if (this.#told < this.#options.listed) process.stderr.write(`${line}\n`);
    if (this.#told === this.#options.listed && this.#told > 0) {
      process.stderr.write('More problems are counted and not listed; --problems N lists N of them.\n');
    }
    this.#told += 1;
  }

  /** Notes what a settlement did with the events that guiding did not refuse. */
  settled({ events, unrated }: Pick<SettledBill, 'events' | 'unrated'>): void {
    this.rated += events.rated;
    this.duplicate += events.duplicate;
    this.suspended += events.suspended;
    for (const { code, events: count } of unrated) this.#count(`suspended ${code}`, count);
  }

  /** One line for people; every event is in exactly one of its counts. */
  get told(): string {
    const counts = [
      `${grouped(this.received)} events`,
      `${grouped(this.rated)} rated`,
      `${grouped(this.duplicate)} duplicate`,
      `${grouped(this.rejected)} rejected`,
      `${grouped(this.suspended)} suspended`,
    ];
    const codes = [...this.#codes].sort().map(([name, count]) => `${grouped(count)} ${name}`);
    return `${counts.join(', ')}.${codes.length === 0 ? '' : ` Not rated: ${codes.join(', ')}.`}`;
  }

  /** For machines. */
  get counts(): Readonly<Record<string, unknown>> {
    const { received, rated, duplicate, rejected, suspended } = this;
    return { received, rated, duplicate, rejected, suspended, codes: Object.fromEntries([...this.#codes].sort()) };
  }

  #count(name: string, count: number): void {
    this.#codes.set(name, (this.#codes.get(name) ?? 0) + count);
  }
}
