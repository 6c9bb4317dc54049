/**
 * Starts a real ClickHouse engine as a process of its own behind ClickHouse's HTTP interface, on loopback.
 *
 * It stops with stop(), and with this process, however this process ends. Temporary data go with it. Its log stays where
 * something failed, and the error names it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HeadraceError } from '@headrace/platform';
import type { Answer, Start, Told } from './child.ts';
import { LIBUV_THREADS } from './limits.ts';

export interface ClickHouseOptions {
  /** Keeps the data there; absent: a temporary folder. */
  readonly dir?: string;
  /** Absent or 0: a free port. */
  readonly port?: number;
  /** Absent: whoever asks may do everything. */
  readonly user?: string;
  readonly password?: string;
  readonly log?: (line: string) => void;
}

export interface RunningClickHouse {
  /** http://127.0.0.1:port, without credentials. */
  readonly url: string;
  readonly pid: number;
  /** Ends the process and removes temporary data. May be called twice. */
  stop(): Promise<void>;
}

const START_MS = 60_000;
const STOP_MS = 10_000;

/** Errors: SERVER_START_FAILED, with a sentence for a port in use, data in use by another process, or no engine. */
export async function startClickHouse(options: ClickHouseOptions = {}): Promise<RunningClickHouse> {
  const temporary = options.dir === undefined;
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'headrace-clickhouse-')));
  mkdirSync(dir, { recursive: true });
  const logFile = temporary ? `${dir}.log` : join(dir, 'server.log');
  const child = launch(logFile);
  const start: Start = {
    dir,
    temporary,
    logFile,
    port: options.port ?? 0,
    user: options.user ?? (options.password === undefined ? '' : 'default'),
    password: options.password ?? '',
  };
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const port = await answered(child, start);
    options.log?.(`ClickHouse (embedded) at http://127.0.0.1:${port}, data in ${dir}`);
    // From here on the process may end whenever its work is done; the child notices.
    child.unref();
    child.channel?.unref();
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= end(child, exited, temporary ? [dir, logFile] : []);
      return stopped;
    };
    return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop };
  } catch (cause) {
    await end(child, exited, temporary ? [dir] : []);
    throw startError(cause, start, logFile);
  }
}

function launch(logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return spawn(process.execPath, [fileURLToPath(new URL('./child.ts', import.meta.url))], {
      // Output goes to a file, not to a pipe: a pipe without a reader would stop the child.
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, UV_THREADPOOL_SIZE: String(LIBUV_THREADS), NODE_OPTIONS: '', TZ: 'UTC' },
    });
  } finally {
    closeSync(log);
  }
}

class StartFailure extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The port, once the child listens. */
function answered(child: ChildProcess, start: Start): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StartFailure('TIMEOUT', `no answer in ${START_MS} ms`)), START_MS);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      child.removeAllListeners('message');
      act();
    };
    child.on('message', (answer: Answer) => {
      if ('ready' in answer) settle(() => resolve(answer.ready.port));
      else settle(() => reject(new StartFailure(answer.failed.code, answer.failed.message)));
    });
    child.once('error', (cause) => settle(() => reject(new StartFailure('SPAWN', cause.message))));
    child.once('exit', (code, signal) => {
      settle(() => reject(new StartFailure('EXIT', `the process ended (${signal ?? code})`)));
    });
    const told: Told = { start };
    child.send(told, (cause) => {
      if (cause !== null) settle(() => reject(new StartFailure('SPAWN', cause.message)));
    });
  });
}

async function end(child: ChildProcess, exited: Promise<void>, remove: readonly string[]): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    child.ref();
    const told: Told = { stop: true };
    if (child.connected) child.send(told);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
  }
  for (const path of remove) rmSync(path, { recursive: true, force: true });
}

function startError(cause: unknown, start: Start, logFile: string): HeadraceError {
  const code = cause instanceof StartFailure ? cause.code : '';
  const context = { dir: start.dir, port: start.port, logFile };
  const message = cause instanceof Error ? cause.message : String(cause);
  if (code === 'EADDRINUSE') {
    const text = `Port ${start.port} on 127.0.0.1 is in use by another process; choose another port for ClickHouse, or 0 for a free one.`;
    return new HeadraceError('SERVER_START_FAILED', text, { cause, context });
  }
  const said = lastLines(logFile);
  if (/Cannot lock file/.test(said)) {
    const text = `The data in ${start.dir} are in use by another ClickHouse process; stop it or choose another folder.`;
    return new HeadraceError('SERVER_START_FAILED', text, { cause, context });
  }
  const text = `The embedded ClickHouse did not start: ${message}. Its log is ${logFile}.${said}`;
  return new HeadraceError('SERVER_START_FAILED', text, { cause, context });
}

function lastLines(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
    return lines === '' ? '' : `\n${lines}`;
  } catch {
    // Without a log there is nothing to add to the sentence.
    return '';
  }
}
