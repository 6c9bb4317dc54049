/**
 * `npm run demo` as its users meet it: the JSON contract, the same totals however it is shared out, and that nothing is
 * left behind whether it ends by itself, by Ctrl-C or by `kill -9`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger, readConfig } from '@headrace/platform';
import { clickhouseSettings, clickhouseSettingsSchema, Store } from '@headrace/store';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const MAIN = join(ROOT, 'scripts/demo/main.ts');
const SMALL = ['--scale', 'XS', '--events', '1500', '--seed', process.env.HEADRACE_SEED ?? '7'];
const RUN_MS_MAX = 300_000;
const STOP_MS_MAX = 60_000;

/** What the contract names; `eventsPerSecond` and `peakRssMiB` have keys of their own. */
const KEYS = [
  ...['seed', 'events', 'published', 'received', 'rated', 'duplicate', 'rejected', 'suspended', 'lines', 'loadedLines'],
  ...[
    'distinctLines',
    'amount',
    'auditedAmount',
    'accountsCompared',
    'accountsDiffering',
    'findings',
    'eventsPerSecond',
  ],
  ...['seconds', 'peakRssMiB', 'totalsDigest', 'kafka', 'clickhouse'],
];

interface Demo {
  readonly child: ChildProcess;
  /** All that it said so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<number | null>;
}

const running: ChildProcess[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function startDemo(args: readonly string[], env: NodeJS.ProcessEnv = {}, command = [NODE, MAIN]): Demo {
  const [program = NODE, ...before] = command;
  const child = spawn(program, [...before, ...args], {
    cwd: ROOT,
    env: { ...process.env, npm_lifecycle_event: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((done) => child.once('close', (status) => done(status)));
  return { child, out: () => out, err: () => err, ended };
}

/** Resolves when the demo has said it on standard error. */
async function untilSaid(demo: Demo, words: string): Promise<void> {
  for (const end = Date.now() + RUN_MS_MAX; !demo.err().includes(words); await sleep(100)) {
    if (demo.child.exitCode !== null || Date.now() > end) throw new Error(`it did not say "${words}":\n${demo.err()}`);
  }
}

/** The processes that descend from one, as they are now. */
function descendantsOf(pid: number): { readonly pid: number; readonly command: string }[] {
  const listed = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).stdout.trim().split('\n');
  const all = listed.map((line) => {
    const [, own = '', parent = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid: Number(own), parent: Number(parent), command };
  });
  const found: { pid: number; command: string }[] = [];
  const waiting = [pid];
  for (let parent = waiting.shift(); parent !== undefined; parent = waiting.shift()) {
    for (const process of all.filter((one) => one.parent === parent)) {
      found.push(process);
      waiting.push(process.pid);
    }
  }
  return found.filter(({ command }) => !command.startsWith('ps '));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Those of the processes that are still there after as long as a stop may take. */
async function survivors(processes: readonly { readonly pid: number; readonly command: string }[]) {
  for (const end = Date.now() + STOP_MS_MAX; Date.now() < end; await sleep(200)) {
    if (!processes.some(({ pid }) => isAlive(pid))) return [];
  }
  return processes.filter(({ pid }) => isAlive(pid));
}

/** Servers of the demo's own, with a folder of this test's own for all temporary data. */
function ownServers(): { readonly folder: string; readonly env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-test-demo-'));
  folders.push(folder);
  return { folder, env: { KAFKA_BROKERS: '', CLICKHOUSE_URL: '', HEADRACE_SERVERS: 'embedded', TMPDIR: folder } };
}

async function demoDatabases(): Promise<string[]> {
  const settings = clickhouseSettings(readConfig(clickhouseSettingsSchema));
  const store = await Store.connect({ ...settings, database: 'default' }, createLogger('test', { level: 'error' }));
  try {
    const rows = await store.query<{ name: string }>(
      "SELECT name FROM system.databases WHERE name LIKE 'headrace_demo_%' ORDER BY name",
    );
    return rows.map(({ name }) => name);
  } finally {
    await store.close();
  }
}

describe('npm run demo', () => {
  it('balances, tells it in JSON, and settles the same totals however it is shared out', {
    timeout: 2 * RUN_MS_MAX,
  }, async () => {
    const before = await demoDatabases();
    const summaries: Record<string, unknown>[] = [];
    for (const [partitions, threads] of [
      ['1', '1'],
      ['4', '2'],
    ]) {
      const demo = startDemo([...SMALL, '--partitions', partitions ?? '', '--threads', threads ?? '', '--json']);
      expect(await demo.ended, demo.err()).toBe(0);
      expect(demo.out().trimEnd().split('\n'), 'standard output is the JSON object alone').toHaveLength(1);
      summaries.push(JSON.parse(demo.out()));
    }
    for (const summary of summaries) {
      expect(Object.keys(summary)).toEqual(expect.arrayContaining(KEYS));
      const { received, rated, duplicate, rejected, suspended, published } = summary as Record<string, number>;
      expect(received).toBe(published);
      expect(Number(rated) + Number(duplicate) + Number(rejected) + Number(suspended)).toBe(received);
      expect(summary.amount).toEqual(summary.auditedAmount);
      expect(Object.keys(summary.amount as object).length).toBeGreaterThan(0);
      expect(summary.wholesaleAmount).toEqual(summary.auditedWholesaleAmount);
      expect(summary.adjustments, 'the order of events decides, so settlement has something to do').toBeGreaterThan(0);
      expect(summary).toMatchObject({
        seed: SMALL[5],
        events: 1500,
        accountsDiffering: 0,
        findings: 0,
        balanced: true,
      });
      expect(summary.distinctLines).toBe(summary.lines);
      expect(summary.loadedLines).toBe(summary.lines);
      expect(summary.totalsDigest).toMatch(/^[0-9a-f]{64}$/);
      expect(Object.keys(summary.eventsPerSecond as object)).toEqual(['publish', 'guide', 'rate', 'load', 'endToEnd']);
    }
    expect(new Set(summaries.map(({ totalsDigest }) => totalsDigest)).size).toBe(1);
    expect(await demoDatabases(), 'nothing is left on servers that are not ours').toEqual(before);
  });

  it('names the service that dies, stops everything else, and fails', { timeout: RUN_MS_MAX }, async () => {
    const demo = startDemo([...SMALL, '--keep']);
    await untilSaid(demo, 'left running until Ctrl-C');
    expect(demo.out()).toContain('Everything balances.');
    const processes = descendantsOf(demo.child.pid ?? 0);
    const rater = processes.find(({ command }) => command.includes('services/rater/'));
    expect(rater, 'the rater is a process of its own').toBeDefined();
    process.kill(rater?.pid ?? 0, 'SIGKILL');
    expect(await demo.ended).toBe(1);
    expect(demo.err()).toContain('the rater ended by itself with signal SIGKILL');
    expect(await survivors(processes)).toEqual([]);
    const logs = /The logs are kept in (\S+)/.exec(demo.err())?.[1] ?? '';
    expect(readdirSync(logs)).toContain('rater.log');
    folders.push(resolve(logs, '..'));
  });

  it('stops every process and removes its data on Ctrl-C, npm in between', { timeout: RUN_MS_MAX }, async () => {
    const { folder, env } = ownServers();
    const demo = startDemo(SMALL, env, ['npm', 'run', 'demo', '--']);
    await untilSaid(demo, 'Reference data:');
    const processes = descendantsOf(demo.child.pid ?? 0);
    expect(processes.filter(({ command }) => command.includes('/services/'))).toHaveLength(5);
    demo.child.kill('SIGINT');
    expect(await demo.ended).not.toBe(0);
    expect(await survivors(processes)).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith('headrace-'))).toEqual([]);
  });

  it('leaves no process and no data of servers behind when it is killed outright', {
    timeout: RUN_MS_MAX,
  }, async () => {
    const { folder, env } = ownServers();
    const demo = startDemo(SMALL, env);
    await untilSaid(demo, 'Reference data:');
    const processes = descendantsOf(demo.child.pid ?? 0);
    expect(processes.some(({ command }) => command.includes('kafka.Kafka'))).toBe(true);
    demo.child.kill('SIGKILL');
    await demo.ended;
    expect(await survivors(processes)).toEqual([]);
    // Only the logs of the run remain, for whoever wants to know.
    const data = readdirSync(folder).filter((name) => /^headrace-(kafka|clickhouse)-[^.]*$/.test(name));
    expect(data).toEqual([]);
  });

  it.each([
    [['--foo'], 'There is no option --foo; --help lists the options.'],
    [['--events', 'many'], '--events is a whole number from 1 to 1000000000, not many.'],
    [['--partitions', '0'], '--partitions is a whole number from 1 to 64, not 0.'],
    [['--scale', 'XXL'], '--scale is S or M, not XXL.'],
    [['now'], 'The demo takes no argument now; --help lists the options.'],
  ])('refuses %j in one sentence', async (args, sentence) => {
    const demo = startDemo(args);
    expect(await demo.ended).toBe(2);
    expect(demo.err().trim()).toBe(sentence);
    expect(demo.out()).toBe('');
  });

  it('explains itself', async () => {
    const demo = startDemo(['--help']);
    expect(await demo.ended).toBe(0);
    for (const option of ['events', 'seed', 'scale', 'giant', 'partitions', 'threads', 'keep', 'json']) {
      expect(demo.out()).toContain(`--${option}`);
    }
  });
});
