/**
 * The starter's side of the supervisor: starts a command that ends with this process, however this process ends.
 * State: starting ─▶ running ─▶ ended. A handle never goes back.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Report, type Spec, STOP } from './protocol.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

export interface Supervised {
  /** Process id of the command, not of the supervisor. */
  readonly pid: number;
  /** How the command ended, in words; null while it runs. */
  ended(): string | null;
  /** Called once if the command ends without having been asked to. */
  onUnexpectedEnd(listener: (how: string) => void): void;
  /** Ends the command and resolves when it is gone and its temporary data is removed. May be called again. */
  stop(): Promise<void>;
}

/** Starts a command under a supervisor. Rejects if it cannot be started at all. */
export async function supervise(spec: Spec): Promise<Supervised> {
  const supervisor = spawn(process.execPath, ['--no-warnings', MAIN], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  // A supervisor that dies early makes the pipe fail; its exit event tells the same.
  supervisor.stdin.on('error', () => undefined);
  const listeners: ((how: string) => void)[] = [];
  const reports = createInterface({ input: supervisor.stdout });
  let ended: string | null = null;
  let stopping = false;
  const end = (how: string): void => {
    if (ended !== null) return;
    ended = how;
    if (!stopping) for (const listener of listeners) listener(how);
  };
  const pid = await new Promise<number>((resolve, reject) => {
    supervisor.once('error', reject);
    supervisor.once('exit', (status, signal) => {
      reject(new Error(`the supervisor ended with ${signal ?? `status ${status}`}`));
      end(`the supervisor ended with ${signal ?? `status ${status}`}`);
    });
    reports.on('line', (line) => {
      const report: Report = JSON.parse(line);
      if (report.event === 'started') resolve(report.pid);
      else if (report.event === 'failed') reject(new Error(report.reason));
      else end(report.signal === null ? `exit status ${report.status}` : `signal ${report.signal}`);
    });
    supervisor.stdin.write(`${JSON.stringify(spec)}\n`);
  });
  supervisor.once('exit', (_status, signal) => {
    // One that ended by itself has done its work, and the number of its command may be another's by now.
    if (signal !== null) afterSupervisor(pid, spec);
  });
  letGo(supervisor);
  return {
    pid,
    ended: () => ended,
    onUnexpectedEnd: (listener) => listeners.push(listener),
    stop: async () => {
      stopping = true;
      if (supervisor.exitCode !== null || supervisor.signalCode !== null) return;
      supervisor.ref();
      const exit = once(supervisor, 'exit');
      supervisor.stdin.end(`${STOP}\n`);
      await exit;
    },
  };
}

/** A forgotten `stop` must not keep this process alive: its end closes the pipe, and that stops the command. */
function letGo(supervisor: ChildProcess): void {
  supervisor.unref();
  for (const stream of [supervisor.stdin, supervisor.stdout]) {
    if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
  }
}

/** A supervisor that was itself killed leaves its work to us. */
function afterSupervisor(pid: number, spec: Spec): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The command went before its supervisor.
  }
  for (const path of spec.removeAlways) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
