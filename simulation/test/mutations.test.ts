/** The mutations still find what they break, and the document lists them all. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { edited } from '../mutations/mutate.ts';
import { MUTATIONS } from '../mutations/mutations.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/fault-laboratory.md'), 'utf8');

describe('mutations', () => {
  it.each(MUTATIONS)('$name breaks text that is there once', ({ edits }) => {
    for (const edit of edits) {
      const text = readFileSync(join(root, edit.file), 'utf8');
      expect(edited(text, edit)).not.toBe(text);
    }
  });

  it('stand in the document, each with the seed that shows it', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+?) \| (\d+) \|$/gm)].map(([, name, breaks]) => ({
      name,
      breaks,
    }));
    expect(rows).toEqual(MUTATIONS.map(({ name, breaks }) => ({ name, breaks })));
    const seeds = [...page.matchAll(/^\| `[a-z-]+` \| .+? \| (\d+) \|$/gm)].map((match) => Number(match[1]));
    expect(Math.max(...seeds)).toBeLessThanOrEqual(200);
  });
});
