import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationPage, variables } from '../scripts/configuration.ts';

it('docs/configuration.md is what the schemas of the services say (node scripts/configuration.ts writes it)', () => {
  const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
  expect(page).toBe(configurationPage());
});

it('every variable says what it is for', () => {
  expect(variables().filter(({ what }) => what === '')).toEqual([]);
});
