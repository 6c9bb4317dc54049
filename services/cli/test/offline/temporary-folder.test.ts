/** What was sorted on disk is gone when the command ends, also when somebody ends it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TemporaryFolder } from '../../src/offline/temporary-folder.ts';

const MODULE = new URL('../../src/offline/temporary-folder.ts', import.meta.url).href;

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('after %s, with the status that shells expect', async (signal, status) => {
  const script = `import { TemporaryFolder } from '${MODULE}';
    process.stdout.write(new TemporaryFolder().path);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [path] = await once(child.stdout, 'data');
  expect(existsSync(String(path))).toBe(true);
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([status, null]);
  expect(existsSync(String(path))).toBe(false);
});

it('when it is removed, and then nothing is left to do at the end', () => {
  const before = process.listenerCount('exit');
  const folder = new TemporaryFolder();
  folder.remove();
  expect(existsSync(folder.path)).toBe(false);
  expect(process.listenerCount('exit')).toBe(before);
});
