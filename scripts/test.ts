/**
 * `npm test`: real servers once, then lint, type check and tests of every package as cached tasks, then one line that
 * adds up the tests. Options go on to turbo: `npm test -- --filter @headrace/stream`, `npm test -- --force`.
 *
 * 1. The servers are stopped last, whatever happened, Ctrl-C included.
 * 2. The exit status is turbo's; a test file that could not even be read counts as a failed test.
 */
import { spawn } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { chooseServers, type Servers } from '@headrace/embedded';
import { messageOf } from '@headrace/platform';

const root = resolve(import.meta.dirname, '..');
const TASKS = ['lint', 'lint:root', 'typecheck', 'typecheck:root', 'test'];
const TURBO_OPTIONS = [
  '--concurrency=2',
  '--continue=always',
  '--output-logs=errors-only',
  '--ui=stream',
  '--no-update-notifier',
];
const RESULTS = '{benchmarks,simulation,test,{packages,services}/*}/.cache/vitest.json';

/** What of vitest's JSON report is read here. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

interface Sums {
  passed: number;
  failed: number;
  skipped: number;
}

function resultFiles(): string[] {
  return globSync(RESULTS, { cwd: root }).map((file) => join(root, file));
}

function addUp(files: readonly string[]): Sums {
  const sums: Sums = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    const report: VitestReport = JSON.parse(readFileSync(file, 'utf8'));
    sums.passed += report.numPassedTests;
    sums.failed += report.numFailedTests;
    sums.skipped += report.numPendingTests;
    sums.failed += report.testResults.filter(
      (result) => result.status === 'failed' && result.assertionResults.length === 0,
    ).length;
  }
  return sums;
}

/** Runs turbo and gives its exit status. Once `signal` fires it is asked to end, and its end is awaited. */
function runTurbo(servers: Servers, signal: AbortSignal): Promise<number> {
  const bin = join(root, 'node_modules/.bin');
  const turbo = spawn(join(bin, 'turbo'), ['run', ...TASKS, ...TURBO_OPTIONS, ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...servers.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      // Part of a test's cache key: a pass with one kind of server says little about another.
      HEADRACE_SERVER_KINDS: `${servers.kafka.kind}/${servers.clickhouse.kind}`,
      TURBO_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
    },
  });
  signal.addEventListener('abort', () => turbo.kill('SIGTERM'), { once: true });
  return new Promise((resolvePromise, reject) => {
    turbo.once('error', reject);
    turbo.once('exit', (status, by) => resolvePromise(status ?? 128 + (by === null ? 0 : constants.signals[by])));
  });
}

async function main(): Promise<number> {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted.abort(name));
  // Old results must not be counted; those of cached tasks come back with them.
  for (const file of resultFiles()) rmSync(file);
  const servers = await chooseServers({ log: (line) => process.stdout.write(`${line}\n`) });
  try {
    const status = interrupted.signal.aborted ? 130 : await runTurbo(servers, interrupted.signal);
    const sums = addUp(resultFiles());
    const skipped = sums.skipped === 0 ? '' : `, ${sums.skipped} skipped`;
    process.stdout.write(`${sums.passed} passed, ${sums.failed} failed${skipped}\n`);
    return interrupted.signal.aborted ? 130 : status;
  } finally {
    await servers.stop();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  return 1;
});
