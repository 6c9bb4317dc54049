import { readFileSync } from 'node:fs';
import type { SuspenseCode } from '@headrace/rating/contract';
import { expect, test } from 'vitest';

/** Exhaustive by type: a code added to the contract does not compile until it stands here. */
const OUTCOMES: Record<SuspenseCode, 'rejected' | 'suspended'> = {
  SCHEMA_UNKNOWN: 'suspended',
  SCHEMA_INVALID: 'rejected',
  FIELD_MISSING: 'rejected',
  TIME_IN_FUTURE: 'suspended',
  TIME_TOO_OLD: 'rejected',
  QUANTITY_INVALID: 'suspended',
  DUPLICATE_CONFLICT: 'suspended',
  SIM_UNKNOWN: 'suspended',
  SIM_NOT_ACTIVE: 'suspended',
  SUBSCRIPTION_NOT_FOUND: 'suspended',
  ACCOUNT_BLOCKED: 'suspended',
  PLAN_NOT_EFFECTIVE: 'suspended',
  POOL_NOT_FOUND: 'suspended',
  ZONE_UNRESOLVED: 'suspended',
  SERVICE_UNRESOLVED: 'suspended',
  PRICE_NOT_FOUND: 'suspended',
  COST_NOT_FOUND: 'suspended',
  CURRENCY_MISMATCH: 'suspended',
  MESSAGE_TOO_LARGE: 'suspended',
  OVERFLOW: 'suspended',
};

test('docs/codes.md lists every code with its outcome, and no other', () => {
  const text = readFileSync(new URL('../../../docs/codes.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (rejected|suspended)/gm)].map(([, code, outcome]) => [
    code,
    outcome,
  ]);
  expect(rows).toHaveLength(Object.keys(OUTCOMES).length);
  expect(Object.fromEntries(rows)).toEqual(OUTCOMES);
});
