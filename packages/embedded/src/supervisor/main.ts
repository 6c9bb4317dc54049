/**
 * A small process that stands between a starter and a server. It owns the server's process group and its temporary
 * data, and outlives the starter by as long as it takes to end the one and remove the other.
 *
 * 1. It leads a session of its own, so Ctrl-C in a terminal reaches the starter alone, which stops things in order.
 * 2. The pipe from the starter closes however the starter dies, `kill -9` included; then the server is ended.
 * 3. It ends itself only after the server has.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { takeLock } from '../lock-file.ts';
import { LOCKED, type Report, type Spec, STOP } from './protocol.ts';

let child: ChildProcess | null = null;
let spec: Spec | null = null;
let stopping = false;

function report(message: Report): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function signalGroup(signal: NodeJS.Signals): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already: what was wanted.
  }
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  if (child === null || spec === null) process.exit(0);
  signalGroup(spec.stopMs === 0 ? 'SIGKILL' : 'SIGTERM');
  setTimeout(() => signalGroup('SIGKILL'), spec.stopMs).unref();
}

function fail(reason: string): void {
  report({ event: 'failed', reason });
  process.exitCode = 1;
  process.stdin.destroy();
}

function unlock({ lockFile }: Spec): void {
  if (lockFile !== undefined) rmSync(lockFile, { force: true });
}

function start(line: string): void {
  const given: Spec = JSON.parse(line);
  spec = given;
  if (given.lockFile !== undefined && !takeLock(given.lockFile)) {
    fail(LOCKED);
    return;
  }
  const out = openSync(given.logFile, 'a');
  child = spawn(given.command, given.args, { cwd: given.cwd, stdio: ['ignore', out, out], detached: true });
  child.once('spawn', () => report({ event: 'started', pid: child?.pid ?? 0 }));
  child.once('error', (error) => {
    unlock(given);
    fail(error.message);
  });
  child.once('exit', (status, signal) => {
    const gone = stopping ? [...given.removeAlways, ...given.removeWhenStopped] : given.removeAlways;
    for (const path of gone) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    unlock(given);
    report({ event: 'exited', status, signal });
    process.stdin.destroy();
  });
}

// A parent that is gone cannot read: that must not end the supervisor before its work is done.
process.stdout.on('error', () => undefined);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (spec === null) start(line);
  else if (line === STOP) stop();
});
lines.once('close', stop);
