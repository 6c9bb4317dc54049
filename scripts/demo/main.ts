/** `npm run demo`: see --help. Exit status: 0 everything balances, 1 it does not or failed, 2 wrong options, 130 interrupted. */
import { messageOf } from '@headrace/platform';
import { DemoFailure } from './failure.ts';
import { HELP, parseOptions, UsageError } from './options.ts';
import { watchNpm } from './orphan.ts';
import { LiveLine } from './progress.ts';

const INTERRUPTED = 130;
/** One Ctrl-C may come as two signals, to the process and to its group. */
const SAME_MS = 1_000;

const live = new LiveLine({
  isTTY: process.stderr.isTTY === true,
  columns: process.stderr.columns ?? 80,
  write: (text) => void process.stderr.write(text),
});

/** Ctrl-C once stops in order; twice ends at once, and what hangs on this process ends with it. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  let at = 0;
  const interrupt = (): void => {
    if (interrupted.signal.aborted) {
      if (performance.now() - at > SAME_MS) process.exit(INTERRUPTED);
      return;
    }
    at = performance.now();
    live.say('Stopping.');
    interrupted.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  watchNpm(() => {
    if (!interrupted.signal.aborted) interrupt();
  });
  return interrupted.signal;
}

// A reader that went away, as with a pipe into head, must not keep the demo from stopping in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const signal = interruption();
  // Not above: a wrong option is told at once, not after everything is loaded.
  const { runDemo } = await import('./run.ts');
  try {
    const balanced = await runDemo(options, { live, print: (text) => void process.stdout.write(text), signal });
    return balanced ? 0 : 1;
  } catch (error) {
    // At once: a download that was given up would keep this process.
    if (signal.aborted) process.exit(INTERRUPTED);
    throw error;
  }
}

process.exitCode = await main().catch((error: unknown) => {
  live.end();
  process.stderr.write(`${messageOf(error)}\n`);
  const expected =
    error instanceof DemoFailure ||
    error instanceof UsageError ||
    (error instanceof Error && error.name === 'HeadraceError');
  if (!expected && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return error instanceof UsageError ? 2 : 1;
});
