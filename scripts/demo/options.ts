/** What `npm run demo` takes on its command line. Pure. */
import { parseArgs } from 'node:util';
import type { Scale, WorkloadOptions } from '@headrace/testkit';

/** Chosen so that the demo ends within two minutes on two cores. */
export const EVENTS_DEFAULT = 200_000;
const SCALES: readonly Scale[] = ['XS', 'S', 'M'];

export interface DemoOptions {
  /** Any text; a number is the same as its decimal text. */
  readonly seed: string;
  readonly events: number;
  readonly scale: Scale;
  readonly giant: boolean;
  /** Raw and guided partitions. */
  readonly partitions: number;
  /** Rating threads. */
  readonly threads: number;
  readonly keep: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `npm run demo -- [options]

Starts real servers and every stage of Headrace, publishes the reference workload as a mediation system would, settles the
bill, and ends with an account of every event and every unit of money beside that of an independent auditor. The exit
status is 0 only if everything balances.

  --events N       distinct usage events (default ${EVENTS_DEFAULT})
  --seed S         seed of the workload (default 1)
  --scale S|M      S: 100 thousand SIMs (default), M: 1 million; XS: 1 thousand, for tests
  --giant          one account gets 40 % and one pool 25 % of all events
  --partitions P   raw partitions and guided partitions (default 4)
  --threads T      rating threads (default 2)
  --keep           leave everything running after the account, until Ctrl-C
  --json           standard output is one JSON object
  --help           this text

Servers: KAFKA_BROKERS and CLICKHOUSE_URL from the environment, else Docker, else embedded ones that are removed after use.
`;

/** A command line that cannot be used; the message is one sentence. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      events: { type: 'string' },
      seed: { type: 'string' },
      scale: { type: 'string' },
      partitions: { type: 'string' },
      threads: { type: 'string' },
      giant: { type: 'boolean' },
      keep: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  for (const token of tokens) if (token.kind === 'option') checkToken(token.name, token.rawName, token.value);
  if (positionals.length > 0)
    throw new UsageError(`The demo takes no argument ${positionals[0]}; --help lists the options.`);
  const scale = SCALES.find((name) => name === (values.scale ?? 'S'));
  if (scale === undefined) throw new UsageError(`--scale is S or M, not ${values.scale}.`);
  return {
    seed: typeof values.seed === 'string' ? values.seed : '1',
    events: wholeNumber('events', values.events, EVENTS_DEFAULT, 1, 1_000_000_000),
    scale,
    giant: values.giant === true,
    partitions: wholeNumber('partitions', values.partitions, 4, 1, 64),
    threads: wholeNumber('threads', values.threads, 2, 1, 64),
    keep: values.keep === true,
    json: values.json === true,
    help: values.help === true,
  };
}

/** The workload that the options name. */
export function workloadOptions({ seed, events, scale, giant }: DemoOptions): WorkloadOptions {
  return { seed, events, scale, giant };
}

const FLAGS = ['giant', 'keep', 'json', 'help'];
const VALUES = ['events', 'seed', 'scale', 'partitions', 'threads'];

function checkToken(name: string, rawName: string, value: string | undefined): void {
  if (FLAGS.includes(name)) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
  } else if (!VALUES.includes(name)) {
    throw new UsageError(`There is no option ${rawName}; --help lists the options.`);
  } else if (value === undefined || value === '') {
    throw new UsageError(`${rawName} needs a value; --help lists the options.`);
  }
}

function wholeNumber(name: string, given: unknown, otherwise: number, least: number, most: number): number {
  if (given === undefined) return otherwise;
  const text = String(given);
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} is a whole number from ${least} to ${most}, not ${text}.`);
}
