/** Settlement as a process, as a billing run starts it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployment } from './support/deployment.ts';
import { account, book, data, prices, sim, subscription } from './support/world.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

function billing(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...words], { env: { ...process.env, ...env } });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, out, error })));
}

describe('words', () => {
  it.each<[string[], RegExp]>([
    [[], /the one command is "settle"/],
    [['bill'], /the one command is "settle"/],
    [['settle', '--period', 'november'], /"november" is no period: write YYYY-MM/],
    [['settle', '--quarter'], /--quarter/],
  ])('%j are refused', async (words, sentence) => {
    const { status, out, error } = await billing(words);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(error).toMatch(sentence);
  });

  it('help', async () => {
    expect(await billing(['--help'])).toMatchObject({ status: 0, error: '', out: expect.stringContaining('settle') });
  });
});

describe('a run', () => {
  let world: Deployment;

  beforeAll(async () => {
    world = await Deployment.open();
    await world.know(book({ p: { prices } }), account('acme'), subscription('S', 'acme', 'p'), sim('S'));
    await world.rate(data('a', 'S', '2026-11-01T12:00:00Z', 100));
  });

  afterAll(() => world.close());

  it('says what it did, in words and as JSON', async () => {
    const first = await billing(['settle', '--period', '2026-11'], world.env);
    expect(first).toMatchObject({ status: 0, error: '' });
    expect(first.out).toMatch(/^2026-11: 0 adjustments; 1 events, settlement [0-9a-f]{32}\n$/);
    const again = await billing(['settle', '--json'], world.env);
    expect(JSON.parse(again.out)).toMatchObject({
      periods: [{ repeated: true, row: { events_rated: 1 } }],
      refused: [],
    });
  });

  it('tells in a sentence what is missing', async () => {
    const { status, error } = await billing(['settle'], { ...world.env, CLICKHOUSE_DATABASE: 'nothing_here' });
    expect(status).toBe(1);
    expect(error).toMatch(/^billing: CLICKHOUSE_SCHEMA: .*npx headrace init/);
  });
});
