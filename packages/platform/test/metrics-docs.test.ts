/** docs/metrics.md lists the metrics that the sources make, no more and no fewer. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

function made(): Set<string> {
  const names = new Set<string>();
  for (const path of globSync('{services/*/src,packages/platform/src}/**/*.ts', { cwd: root })) {
    const text = readFileSync(resolve(root, path), 'utf8');
    for (const [, name] of text.matchAll(/\.(?:counter|gauge|histogram)\(\s*'([a-z_]+)'/g))
      names.add(`headrace_${name}`);
  }
  return names;
}

function documented(): Set<string> {
  const text = readFileSync(resolve(root, 'docs/metrics.md'), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `headrace_'));
  return new Set(
    rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(headrace_\w+)`/g)].map(([, name]) => String(name))),
  );
}

it('every metric is documented, and every documented one exists', () => {
  expect([...documented()].sort()).toEqual([...made()].sort());
});
