/** A real broker: starts, answers, keeps to itself, and leaves nothing behind. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type RunningKafka, startKafka } from '../../src/kafka/index.ts';
import { answeringCluster } from '../../src/kafka/ready.ts';

const STARTER = join(import.meta.dirname, 'starter.ts');
const GONE_MS_MAX = 60_000;

// Several starts in one test, each of which may take a minute on a busy machine.
vi.setConfig({ testTimeout: 600_000 });

const running: RunningKafka[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((kafka) => kafka.stop()));
});

async function start(options: Parameters<typeof startKafka>[0] = {}): Promise<RunningKafka> {
  const kafka = await startKafka(options);
  running.push(kafka);
  return kafka;
}

function portOf(kafka: { brokers: string }): number {
  return Number(kafka.brokers.split(':')[1]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The folder of a broker's data, from the command line of its process. */
function folderOf(pid: number): string {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  return join(String(words.at(-1)), '..');
}

async function untilGone(pid: number, folder: string): Promise<void> {
  for (const end = Date.now() + GONE_MS_MAX; Date.now() < end; await sleep(50)) {
    if (!isAlive(pid) && !existsSync(folder)) return;
  }
}

describe('startKafka', () => {
  it('gives two starters at once a broker each, and stop removes process and data', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.brokers).not.toBe(two.brokers);
    expect(await answeringCluster(portOf(one))).not.toBe(await answeringCluster(portOf(two)));
    expect(await answeringCluster(portOf(one))).toBeTypeOf('string');
    expect(await answeringCluster(portOf(two))).toBeTypeOf('string');
    const folder = folderOf(one.pid);
    expect(readdirSync(folder)).toContain('data');
    await one.stop();
    expect({ alive: isAlive(one.pid), data: existsSync(folder) }).toEqual({ alive: false, data: false });
    expect(await answeringCluster(portOf(two))).toBeTypeOf('string');
    await one.stop();
  });

  it('keeps the data of a folder that it was given, and starts with it again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'headrace-test-'));
    try {
      const first = await start({ dir });
      const identity = readFileSync(join(dir, 'data/meta.properties'), 'utf8');
      await first.stop();
      const again = await start({ dir });
      expect(await answeringCluster(portOf(again))).toBeTypeOf('string');
      expect(readFileSync(join(dir, 'data/meta.properties'), 'utf8')).toBe(identity);
      await expect(startKafka({ dir })).rejects.toThrow(`The folder ${dir} is in use by another Kafka.`);
      await again.stop();
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('says which port is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      await expect(startKafka({ port })).rejects.toMatchObject({
        code: 'SERVER_PORT_IN_USE',
        message: expect.stringContaining(`Port ${port} of 127.0.0.1`),
      });
    } finally {
      server.close();
    }
  });

  it.runIf(process.platform === 'linux')('ends, with its data, when its starter is killed outright', async () => {
    const starter = spawn(process.execPath, ['--no-warnings', STARTER], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: starter.stdout });
    const line = await new Promise<string>((resolve) => lines.once('line', resolve));
    const { pid }: { pid: number } = JSON.parse(line);
    const folder = folderOf(pid);
    expect({ alive: isAlive(pid), data: existsSync(folder) }).toEqual({ alive: true, data: true });
    starter.kill('SIGKILL');
    await untilGone(pid, folder);
    expect({ alive: isAlive(pid), data: existsSync(folder) }).toEqual({ alive: false, data: false });
  });

  it('tells when the broker ends by itself, and keeps its log', async () => {
    const said: string[] = [];
    const kafka = await start({ log: (line) => said.push(line) });
    process.kill(kafka.pid, 'SIGKILL');
    for (const end = Date.now() + GONE_MS_MAX; Date.now() < end && said.length < 1; ) await sleep(50);
    const logFile = /Kafka ended by itself \(signal SIGKILL\); its log: (.+)$/.exec(String(said.at(-1)))?.[1];
    expect(existsSync(String(logFile))).toBe(true);
    rmSync(String(logFile));
  });
});
