/** The options that every command over a file of usage has, and what they open. */
import type { BookFile } from '../book-file.ts';
import { CommandFailed, UsageError, wholeNumber } from '../command.ts';
import { Progress } from '../output/progress.ts';
import { sizeOf, UsageFile, type UsageFormat } from '../usage/usage-file.ts';
import { Defaults } from './defaults.ts';
import { Subscribers } from './subscribers.ts';
import { Tally } from './tally.ts';

export const USAGE_OPTIONS = {
  usage: { type: 'string' },
  subscribers: { type: 'string' },
  plan: { type: 'string' },
  source: { type: 'string' },
  format: { type: 'string' },
  strict: { type: 'boolean' },
  problems: { type: 'string' },
  progress: { type: 'boolean' },
} as const;

export const USAGE_HELP = `  --usage FILE         JSON lines, CSV or an Avro container file; - is standard input
  --subscribers FILE   accounts, pools, subscriptions and SIMs: reference facts as JSON lines, or CSV
                       (subscription, account, plan, pool, iccid, ...); see docs/command-line.md
  --plan NAME          without --subscribers: the plan of every SIM, where the book has several
  --source NAME        the source of events that name none
  --format FORMAT      jsonl, csv or avro; else told by the file's name and first bytes
  --strict             the first bad line or event that cannot be rated ends the run with status 1
  --problems N         list at most N problems (100); all are counted
  --progress           tell progress on standard error, also when nobody watches`;

const FORMATS: readonly UsageFormat[] = ['jsonl', 'csv', 'avro'];
const PROBLEMS_LISTED = 100;

export interface UsageValues {
  readonly usage?: string | undefined;
  readonly subscribers?: string | undefined;
  readonly plan?: string | undefined;
  readonly source?: string | undefined;
  readonly format?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly problems?: string | undefined;
  readonly progress?: boolean | undefined;
}

export interface UsageInput {
  readonly file: UsageFile;
  readonly subscribers: Subscribers;
  readonly tally: Tally;
  readonly progress: Progress;
  /** What was taken for granted, in words; null if nothing was. */
  readonly assumed: string | null;
}

/**
 * @param listed problems that are listed, for a command that does not leave it to its user
 * @throws CommandFailed with every problem of the subscribers' file
 */
export async function openUsage(values: UsageValues, book: BookFile, listed?: number): Promise<UsageInput> {
  const { usage, problems, strict = false } = values;
  if (usage === undefined) throw new UsageError('--usage FILE is needed: JSON lines, CSV or an Avro container file.');
  const file = openUsageFile(usage, values);
  const size = await sizeOf(usage);
  const defaults = new Defaults(book.book, values.plan);
  return {
    file,
    subscribers: await openSubscribers(values.subscribers, defaults),
    tally: new Tally({ strict, listed: listed ?? problemsListed(problems) }),
    progress: new Progress(values.progress === true, size),
    assumed: values.subscribers === undefined ? defaults.told : null,
  };
}

/** How many problems the option asks to list. */
export function problemsListed(problems: string | undefined): number {
  return wholeNumber('problems', problems, PROBLEMS_LISTED, Number.MAX_SAFE_INTEGER);
}

export function openUsageFile(path: string, { format, source = '' }: UsageValues): UsageFile {
  return new UsageFile(path, { format: formatOption(format), source });
}

function formatOption(format: string | undefined): UsageFormat | undefined {
  const known = FORMATS.find((candidate) => candidate === format);
  if (format !== undefined && known === undefined) {
    throw new UsageError(`--format takes ${FORMATS.join(', ')}, not "${format}".`);
  }
  return known;
}

async function openSubscribers(path: string | undefined, defaults: Defaults): Promise<Subscribers> {
  if (path === undefined) return Subscribers.ofUsage(defaults);
  const subscribers = await Subscribers.ofFile(path, defaults);
  if (subscribers instanceof Subscribers) return subscribers;
  throw new CommandFailed(`the subscribers cannot be used:\n  ${subscribers.slice(0, 100).join('\n  ')}`);
}
