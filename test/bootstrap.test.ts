/** `scripts/bootstrap.mjs` in a made-up clone with a made-up npm. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = resolve(import.meta.dirname, '../scripts/bootstrap.mjs');
let clone = '';

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'headrace-test-'));
  mkdirSync(join(clone, 'scripts'));
  copyFileSync(SCRIPT, join(clone, 'scripts/bootstrap.mjs'));
  lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/other-platform': { version: '1.0.0', optional: true } });
  npm(`
    const { cpSync, mkdirSync, symlinkSync, appendFileSync, readFileSync, writeFileSync, rmSync } = require('node:fs');
    appendFileSync('runs', process.argv.slice(2).join(' ') + '\\n');
    rmSync('node_modules', { recursive: true, force: true });
    mkdirSync('node_modules/.bin', { recursive: true });
    symlinkSync(${JSON.stringify(process.execPath)}, 'node_modules/.bin/node');
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    delete packages['node_modules/other-platform'];
    writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
  `);
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

function lock(packages: Record<string, unknown>): void {
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
}

function npm(script: string): void {
  writeFileSync(join(clone, 'npm.cjs'), script);
}

function bootstrap(): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(clone, 'scripts/bootstrap.mjs')], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { ...process.env, npm_execpath: join(clone, 'npm.cjs') },
  });
  return { status, stdout, stderr };
}

function runs(): number {
  const file = join(clone, 'runs');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0;
}

describe('bootstrap', () => {
  it('installs a clean clone once, says so, and then does nothing', () => {
    const first = bootstrap();
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toBe('Installing the packages of package-lock.json (they are not there yet): npm ci\n');
    expect(readFileSync(join(clone, 'runs'), 'utf8')).toMatch(/^ci /);
    expect(bootstrap()).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(runs()).toBe(1);
  });

  it('installs again when the lockfile wants another version, a new package or a new room', () => {
    bootstrap();
    lock({ 'node_modules/a': { version: '1.0.1' } });
    expect(bootstrap().stdout).toContain('node_modules/a is 1.0.0, not 1.0.1');
    lock({ 'node_modules/a': { version: '1.0.1' }, 'node_modules/b': { version: '1.0.0' } });
    expect(bootstrap().stdout).toContain('node_modules/b is missing');
    lock({ 'node_modules/a': { version: '1.0.1' }, 'node_modules/room': { resolved: 'packages/room', link: true } });
    expect(bootstrap().stdout).toContain('node_modules/room is missing');
    expect(runs()).toBe(4);
  });

  it('passes on that npm failed', () => {
    npm('process.exit(7)');
    expect(bootstrap()).toMatchObject({ status: 1, stderr: expect.stringContaining('npm ci failed with status 7') });
  });

  it("says it when npm left out the project's own Node", () => {
    npm(`
      const { mkdirSync, writeFileSync } = require('node:fs');
      mkdirSync('node_modules');
      writeFileSync('node_modules/.package-lock.json', require('node:fs').readFileSync('package-lock.json'));
    `);
    expect(bootstrap()).toMatchObject({ status: 1, stderr: expect.stringContaining('npm rebuild node') });
  });
});
