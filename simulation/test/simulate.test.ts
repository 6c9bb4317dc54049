/** A short run of the laboratory, from outside as a person runs it; npm run simulate has the long ones. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../main.ts');

interface Report {
  readonly schedules: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly failures: number;
  readonly firstFailingSeed: number | null;
  readonly digest: string;
}

async function simulate(...given: string[]): Promise<{ report: Report; story: string }> {
  const run = promisify(execFile)(process.execPath, [main, '--json', ...given], { maxBuffer: 1 << 26 });
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  return { report: JSON.parse(stdout), story: stderr };
}

describe('the simulation', () => {
  it('ends right in every schedule, with faults of every kind', async () => {
    const { report, story } = await simulate('--seeds', '1..40');
    expect(report.failures, story).toBe(0);
    expect(report.schedules).toBe(40);
    const kinds = [
      'crash',
      'freeze',
      'expel',
      'stray-send',
      'unanswered-insert',
      'lost-commit',
      'spoiled-fetch',
      'hole',
    ];
    for (const kind of kinds) expect(report.faults[kind], kind).toBeGreaterThan(0);
  });

  it('replays a seed exactly', async () => {
    const [once, again] = [await simulate('--seeds', '5..8'), await simulate('--seeds', '5..8')];
    expect(again.report.digest).toBe(once.report.digest);
    expect((await simulate('--seeds', '6..9')).report.digest).not.toBe(once.report.digest);
  });

  it.each(['token-without-offset', 'x-ahead-of-the-facts'])('notices %s, and tells the seed', async (mutation) => {
    const { report, story } = await simulate('--seeds', '1..60', '--mutation', mutation);
    expect(report.failures).toBe(1);
    expect(story).toContain(`seed ${report.firstFailingSeed} fails`);
    expect(story).toMatch(/PROBLEM /);
  });
});
