/** Runs many schedules and reports. */
import { createHash } from 'node:crypto';
import { realTimers } from '../world/real-timers.ts';
import type { FaultKind } from './faults.ts';
import { runSchedule, type ScheduleResult } from './schedule.ts';

export interface SimulateOptions {
  readonly seeds: string;
  readonly json: boolean;
  readonly trace: boolean;
  readonly mutation?: string | undefined;
  readonly 'keep-going': boolean;
}

const PROGRESS_MS = 5_000;
const TRACE_LINES = 120;

export async function simulate(options: SimulateOptions): Promise<number> {
  const { first, last } = range(options.seeds);
  const faults = new Map<FaultKind, number>();
  const failed: ScheduleResult[] = [];
  const began = realTimers.now();
  let told = began;
  let schedules = 0;
  const digest = createHash('sha256');
  for (let seed = first; seed <= last; seed += 1) {
    const result = await runSchedule(seed);
    schedules += 1;
    digest.update(result.digest);
    for (const [kind, count] of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
    if (result.problems.length > 0) {
      failed.push(result);
      if (failed.length === 1 || options.trace) process.stderr.write(story(result, options));
      if (!options['keep-going']) break;
    }
    if (realTimers.now() - told > PROGRESS_MS) {
      told = realTimers.now();
      process.stderr.write(`${schedules} of ${last - first + 1} schedules, ${failed.length} failed\n`);
    }
  }
  const seconds = (realTimers.now() - began) / 1000;
  const { user, system } = process.cpuUsage();
  report(options.json, {
    schedules,
    faults,
    failed,
    seconds,
    processorSeconds: (user + system) / 1e6,
    digest: digest.digest('hex'),
  });
  return failed.length === 0 ? 0 : 1;
}

/** @throws RangeError where it is neither a seed nor a range of seeds */
function range(text: string): { first: number; last: number } {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text);
  const first = Number(match?.[1] ?? Number.NaN);
  const last = Number(match?.[2] ?? first);
  if (match === null || last < first) throw new RangeError(`--seeds is A..B or A, not ${text}`);
  return { first, last };
}

/** What happened in a failing schedule. */
function story({ seed, trace, problems, steps, elapsedMs }: ScheduleResult, options: SimulateOptions): string {
  const { mutation } = options;
  const lines = options.trace
    ? trace
    : trace.filter((line) => line.includes('FAULT')).concat('…', trace.slice(-TRACE_LINES));
  return [
    `seed ${seed} fails after ${Math.round(elapsedMs)} simulated ms and ${steps} steps:`,
    ...lines,
    ...problems.map((problem) => `PROBLEM ${problem}`),
    `replay: npm run simulate -- --seeds ${seed} --trace${mutation === undefined ? '' : ` --mutation ${mutation}`}`,
    '',
  ].join('\n');
}

interface Summary {
  readonly schedules: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly failed: readonly ScheduleResult[];
  readonly seconds: number;
  readonly processorSeconds: number;
  /** Of all traces: the same seeds give the same. */
  readonly digest: string;
}

function report(json: boolean, summary: Summary): void {
  const { schedules, faults, failed, seconds, processorSeconds, digest } = summary;
  const byKind = Object.fromEntries([...faults].sort(([a], [b]) => (a < b ? -1 : 1)));
  const firstFailingSeed = failed[0]?.seed ?? null;
  const failures = failed.length;
  if (json) {
    const figures = { schedules, faults: byKind, failures, firstFailingSeed, seconds, processorSeconds, digest };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    return;
  }
  const total = Object.values(byKind).reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `${schedules} schedules in ${seconds.toFixed(1)} s (processor ${processorSeconds.toFixed(1)} s), ${total} faults:\n`,
  );
  for (const [kind, count] of Object.entries(byKind)) process.stdout.write(`  ${kind.padEnd(18)} ${count}\n`);
  process.stdout.write(failures === 0 ? 'all ended right\n' : `${failures} failed, first seed ${firstFailingSeed}\n`);
}
