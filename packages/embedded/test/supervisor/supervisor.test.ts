/** The supervisor with small commands: what it removes, keeps and ends. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Supervised, supervise } from '../../src/supervisor/index.ts';
import { LOCKED, type Spec } from '../../src/supervisor/protocol.ts';

const END_MS_MAX = 20_000;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headrace-test-'));
  mkdirSync(join(folder, 'data'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function specOf(script: string, more: Partial<Spec> = {}): Spec {
  const logFile = join(folder, 'log');
  return {
    command: '/bin/sh',
    args: ['-c', script],
    cwd: folder,
    logFile,
    removeAlways: [join(folder, 'data')],
    removeWhenStopped: [logFile],
    stopMs: 0,
    ...more,
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilEnded(process: Supervised): Promise<string | null> {
  for (const end = Date.now() + END_MS_MAX; Date.now() < end && process.ended() === null; ) await sleep(20);
  return process.ended();
}

describe('supervise', () => {
  async function untilReady(): Promise<void> {
    for (const end = Date.now() + END_MS_MAX; Date.now() < end && !existsSync(join(folder, 'ready')); ) await sleep(20);
    rmSync(join(folder, 'ready'));
  }

  it('ends the command and its children on stop, and removes data and log', async () => {
    const process = await supervise(specOf('sleep 1000 & echo begun; wait'));
    await process.stop();
    expect(process.ended()).toBe('signal SIGKILL');
    expect({ data: existsSync(join(folder, 'data')), log: existsSync(join(folder, 'log')) }).toEqual({
      data: false,
      log: false,
    });
    await process.stop();
  });

  it('asks first where it is told to, and kills what does not listen', async () => {
    const polite = await supervise(
      specOf("trap 'echo asked > asked; exit 0' TERM; sleep 1000 & echo > ready; wait", { stopMs: 10_000 }),
    );
    await untilReady();
    await polite.stop();
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('asked\n');
    expect(polite.ended()).toBe('exit status 0');
    const deaf = await supervise(specOf("trap '' TERM; echo > ready; while :; do sleep 0.1; done", { stopMs: 300 }));
    await untilReady();
    await deaf.stop();
    expect(deaf.ended()).toBe('signal SIGKILL');
  });

  it('keeps the log of a command that ended by itself, and tells', async () => {
    const process = await supervise(specOf('echo last words; sleep 0.2; exit 3'));
    const told = new Promise<string>((resolve) => process.onUnexpectedEnd(resolve));
    expect(await untilEnded(process)).toBe('exit status 3');
    expect(await told).toBe('exit status 3');
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('last words\n');
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('runs one command at a time on the same data, and takes over the lock of one that is gone', async () => {
    const lockFile = join(folder, 'lock');
    const first = await supervise(specOf('sleep 1000', { lockFile }));
    await expect(supervise(specOf('sleep 1000', { lockFile }))).rejects.toThrow(LOCKED);
    expect(first.ended()).toBeNull();
    await first.stop();
    // No process has this id: it is above what Linux gives.
    writeFileSync(lockFile, '4194305');
    const second = await supervise(specOf('sleep 1000', { lockFile }));
    await second.stop();
    expect(existsSync(lockFile)).toBe(false);
  });

  it('leaves its work to the starter when it is killed itself', async () => {
    const command = await supervise(specOf('echo $PPID > supervisor; echo > ready; exec sleep 1000'));
    await untilReady();
    process.kill(Number(readFileSync(join(folder, 'supervisor'), 'utf8')), 'SIGKILL');
    expect(await untilEnded(command)).toBe('the supervisor ended with SIGKILL');
    for (const end = Date.now() + END_MS_MAX; Date.now() < end && isAlive(command.pid); ) await sleep(20);
    expect({ alive: isAlive(command.pid), data: existsSync(join(folder, 'data')) }).toEqual({
      alive: false,
      data: false,
    });
    await command.stop();
  });

  it('rejects a command that is not there', async () => {
    await expect(supervise(specOf('', { command: '/nowhere/command' }))).rejects.toThrow('ENOENT');
  });
});
