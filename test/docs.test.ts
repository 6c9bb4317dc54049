/** What the documents name is there: files behind links and in backquotes, scripts behind `npm run`. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const pages = ['README.md', 'ARCHITECTURE.md', ...globSync('{docs,schemas}/**/*.md', { cwd: root })];

it.each(pages)('%s names only what exists', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => join(dirname(page), match[1]));
  const quoted = [...text.matchAll(/`((?:packages|services|schemas|scripts|test|docs|deploy|benchmarks)\/[\w./-]+)`/g)];
  const missing = [...links, ...quoted.map((match) => match[1])].filter((path) => !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});

it('the scripts that the documents tell to run exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const told = pages.flatMap((page) => [
    ...readFileSync(join(root, page), 'utf8').matchAll(/npm run ([\w:-]+)( -w)?/g),
  ]);
  // `npm run start -w services/x` is a script of that package.
  const missing = told.filter((match) => match[2] === undefined && !(match[1] in scripts)).map((match) => match[1]);
  expect(missing).toEqual([]);
});
