/** Every way to start a service starts it with the same memory settings. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { MEMORY_FLAGS, MEMORY_VARIABLES, memoryEnvironment } from '../src/index.ts';

const root = resolve(import.meta.dirname, '../../..');
const variables = Object.entries(MEMORY_VARIABLES).map(([name, value]) => `${name}=${value}`);
const LONG_RUNNING = 'services/{guide,rater,loader,aggregator,assurance}/package.json';

it.each(globSync(LONG_RUNNING, { cwd: root }))('%s', (path) => {
  const { scripts } = JSON.parse(readFileSync(resolve(root, path), 'utf8')) as { scripts: Record<string, string> };
  expect(scripts.start).toBe(`${variables.join(' ')} node ${MEMORY_FLAGS} src/main.ts`);
});

it('the image', () => {
  const text = readFileSync(resolve(root, 'deploy/Dockerfile'), 'utf8');
  expect(text).toContain(`ENV ${variables.join(' ')} NODE_OPTIONS=${MEMORY_FLAGS}\n`);
});

it('options of Node that are given stay, and win', () => {
  expect(memoryEnvironment({ NODE_OPTIONS: '--enable-source-maps' }).NODE_OPTIONS).toBe(
    `${MEMORY_FLAGS} --enable-source-maps`,
  );
  expect(memoryEnvironment({}).NODE_OPTIONS).toBe(MEMORY_FLAGS);
});
