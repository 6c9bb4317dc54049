/** The shell as processes: what stands on standard output, exit statuses, signals, and the end of the parent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function launch(file: string, env: NodeJS.ProcessEnv, args: readonly string[] = []) {
  const path = fileURLToPath(new URL(`fixtures/${file}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.err += chunk.toString();
  });
  const exit = once(child, 'close').then(([status]) => status as number | null);
  const until = async (test: () => boolean) => {
    while (!test()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { child, output, exit, until, ready: () => until(() => output.out.includes('\n')) };
}

function portOf(out: string): number {
  const line = JSON.parse(out) as { event: string; port: number };
  expect(line.event).toBe('ready');
  return line.port;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

describe('runService', () => {
  it('says ready, serves health, metrics and actions, and drains on SIGTERM', async () => {
    const { child, output, exit, ready } = launch('probe.ts', { PROBE: 'runs' });
    await ready();
    const base = `http://127.0.0.1:${portOf(output.out)}`;
    const health = await fetch(`${base}/health`);
    expect([health.status, await health.json()]).toEqual([200, { ok: true, detail: { probe: 'runs' } }]);
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toContain('headrace_probe_total 5');
    expect(metrics).toContain('headrace_up{service="probe"} 1');
    expect(await (await fetch(`${base}/actions/check`, { method: 'POST' })).json()).toEqual({ checked: '3' });
    expect((await fetch(`${base}/actions/toString`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${base}/nothing`)).status).toBe(404);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(output.err).toContain('drained');
    expect(output.out.trim().split('\n')).toHaveLength(1);
  });

  it('answers 503 when a service makes no progress', async () => {
    const { output, ready } = launch('probe.ts', { PROBE: 'sick' });
    await ready();
    expect((await fetch(`http://127.0.0.1:${portOf(output.out)}/health`)).status).toBe(503);
  });

  it('ends with one sentence and status 1 on a wrong setting', async () => {
    const { output, exit } = launch('probe.ts', {});
    expect(await exit).toBe(1);
    expect(output.err).toBe(
      'probe: CONFIG_INVALID: The configuration cannot be used. PROBE is not set (what to do).\n',
    );
  });

  it('ends with one sentence and status 1 when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { output, exit } = launch('probe.ts', { PROBE: 'runs', HTTP_PORT: String(port) });
    expect(await exit).toBe(1);
    other.close();
    expect(output.err).toBe(
      `probe: HTTP_PORT_IN_USE: Port ${port} on 127.0.0.1 is in use: set HTTP_PORT to another port, or to 0 for a free one.\n`,
    );
  });

  it('drains and ends with 1 on an operating error while running, without a stack', async () => {
    const { output, exit } = launch('probe.ts', { PROBE: 'fails' });
    expect(await exit).toBe(1);
    expect(output.err).toContain('probe: BLOCK_GAP: Partition 1 lacks blocks: send them again.\n');
    expect(output.err).toContain('drained');
    expect(output.err).not.toContain('    at ');
  });

  it('drains and ends with 70 on a broken invariant', async () => {
    const { output, exit } = launch('probe.ts', { PROBE: 'breaks' });
    expect(await exit).toBe(70);
    expect(output.err).toContain('an invariant');
    expect(output.err).toContain('drained');
  });

  it('can be stopped while it starts', async () => {
    const { child, output, exit, until } = launch('probe.ts', { PROBE: 'waits', HTTP_PORT: '0' });
    await until(() => output.err.includes('starting'));
    child.kill('SIGINT');
    expect(await exit).toBe(0);
    expect(output.out).toBe('');
  });

  it('ends at once on a second signal', async () => {
    const { child, output, exit, ready, until } = launch('probe.ts', { PROBE: 'hangs' });
    await ready();
    child.kill('SIGINT');
    await until(() => output.err.includes('drained'));
    child.kill('SIGINT');
    expect(await exit).toBe(130);
  });

  it.each(['pipe', 'ipc'])('ends when its parent is killed outright (%s)', async (link) => {
    const { child, output, ready } = launch('parent.ts', {}, [link]);
    await ready();
    const pid = Number(output.out);
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
