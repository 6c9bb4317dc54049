import { describe, expect, it } from 'vitest';
import { isProfile, parseTimeMicros, type ReferenceFact, ReferenceIndex, type Resolution } from '../../src/index.ts';

const T = (text: string): number => parseTimeMicros(text);
const START = '2026-01-01T00:00:00Z';
const MID = '2026-11-15T00:00:00Z';

const account = (name: string, more: object = {}): ReferenceFact => ({
  kind: 'account',
  id: `account/${name}/${JSON.stringify(more)}`,
  account: name,
  parent: null,
  currency: 'EUR',
  timeZone: 'UTC',
  status: 'open',
  validFrom: START,
  ...more,
});
const pool = (name: string, owner: string, more: object = {}): ReferenceFact => ({
  kind: 'pool',
  id: `pool/${name}/${owner}/${JSON.stringify(more)}`,
  pool: name,
  account: owner,
  rule: 'stacked',
  validFrom: START,
  ...more,
});
const subscription = (name: string, owner: string, more: object = {}): ReferenceFact => ({
  kind: 'subscription',
  id: `subscription/${name}/${owner}/${JSON.stringify(more)}`,
  subscription: name,
  account: owner,
  plan: 'iot',
  pool: null,
  state: 'active',
  validFrom: START,
  ...more,
});
const sim = (name: string, of: string, more: object = {}): ReferenceFact => ({
  kind: 'sim',
  id: `sim/${name}/${JSON.stringify(more)}`,
  sim: name,
  imsi: null,
  msisdn: null,
  subscription: of,
  state: 'active',
  validFrom: START,
  ...more,
});

function indexOf(...messages: ReferenceFact[][]): ReferenceIndex {
  const index = new ReferenceIndex();
  messages.forEach((facts, position) => {
    index.applyMessage(position, JSON.stringify(facts));
  });
  return index;
}

const shown = (resolution: Resolution): string =>
  isProfile(resolution)
    ? `${resolution.usageAccount}/${resolution.subscription}/${resolution.plan}/${resolution.pool}`
    : resolution.code;

describe('resolving an event to its profile', () => {
  const index = indexOf(
    [account('A'), account('A1', { parent: 'A' }), pool('P', 'A'), pool('Q', 'A', { rule: 'fleet', validFrom: MID })],
    [
      subscription('s', 'A1', { pool: 'P' }),
      subscription('s', 'A1', { plan: 'mobile', pool: 'Q', validFrom: MID }),
      subscription('other', 'A'),
    ],
    [
      sim('8901', 's', { imsi: '26201', msisdn: '49170' }),
      sim('8902', 'other', { msisdn: '49170', validFrom: '2026-12-01T00:00:00Z' }),
      sim('8903', 'gone'),
      sim('8904', 'other', { state: 'retired', validFrom: MID }),
      sim('8905', 'other', { state: 'suspended' }),
    ],
  );
  const X = 3;

  it.each([
    ['by ICCID, before the move of plan and pool', '8901', null, null, '2026-11-14T23:59:59Z', 'A1/s/iot/P'],
    ['by ICCID, at the instant of the move', '8901', null, null, MID, 'A1/s/mobile/Q'],
    ['by IMSI', null, '26201', null, MID, 'A1/s/mobile/Q'],
    ['by MSISDN', null, null, '49170', MID, 'A1/s/mobile/Q'],
    ['an identity that no SIM has', '9999', null, null, MID, 'SIM_UNKNOWN'],
    ['the first identity present decides', '9999', '26201', null, MID, 'SIM_UNKNOWN'],
    ['before the SIM is valid', '8901', null, null, '2025-12-31T00:00:00Z', 'SIM_NOT_ACTIVE'],
    ['a SIM whose subscription does not exist', '8903', null, null, MID, 'SUBSCRIPTION_NOT_FOUND'],
    ['a retired SIM', '8904', null, null, MID, 'SIM_NOT_ACTIVE'],
    ['a suspended SIM is rated all the same', '8905', null, null, MID, 'A/other/iot/'],
  ])('%s', (_title, iccid, imsi, msisdn, time, expected) => {
    expect(shown(index.resolve(iccid, imsi, msisdn, T(time), X))).toBe(expected);
  });

  it('gives the root account as rating key and the pool with who pays for it', () => {
    const profile = index.resolve('8901', null, null, T(MID), X);
    expect(profile).toMatchObject({ ratingKey: 'A', poolAccount: 'A', poolRule: 'fleet', currency: 'EUR' });
  });

  it('gives the same object for the same combination, so that blocks can number profiles', () => {
    expect(index.resolve('8901', null, null, T(MID), X)).toBe(index.resolve(null, '26201', null, T(MID) + 1, X));
  });

  it('sees nothing that the log did not know at X', () => {
    expect(shown(index.resolve('8901', null, null, T(MID), 2))).toBe('SIM_UNKNOWN');
    const later = indexOf(
      [account('A')],
      [subscription('s', 'A')],
      [sim('1', 's')],
      [subscription('s', 'A', { plan: 'retroactive', validFrom: MID })],
    );
    expect(shown(later.resolve('1', null, null, T(MID), 3))).toBe('A/s/iot/');
    expect(shown(later.resolve('1', null, null, T(MID), 4))).toBe('A/s/retroactive/');
  });

  it('refuses usage of an account that is blocked at the time of the event', () => {
    const blocked = indexOf(
      [account('A'), account('A', { status: 'blocked', validFrom: MID })],
      [subscription('s', 'A')],
      [sim('1', 's')],
    );
    expect(shown(blocked.resolve('1', null, null, T(MID) - 1, 3))).toBe('A/s/iot/');
    expect(shown(blocked.resolve('1', null, null, T(MID), 3))).toBe('ACCOUNT_BLOCKED');
  });

  it('says when a pool is named before it exists', () => {
    const early = indexOf(
      [account('A'), pool('P', 'A', { validFrom: MID })],
      [subscription('s', 'A', { pool: 'P' })],
      [sim('1', 's')],
    );
    expect(shown(early.resolve('1', null, null, T(MID) - 1, 3))).toBe('POOL_NOT_FOUND');
  });
});

describe('facts that cannot hold are refused, in words, and change nothing', () => {
  it.each([
    ['unknown parent', [account('A', { parent: 'none' })], 'parent account none is unknown'],
    ['another parent', [account('A'), account('B'), account('A', { parent: 'B' })], 'cannot move from parent'],
    ['pool of an unknown account', [pool('P', 'none')], 'account none is unknown'],
    ['pool under another root', [account('A'), account('B'), pool('P', 'A'), pool('P', 'B')], 'cannot move from root'],
    ['subscription of an unknown account', [subscription('s', 'none')], 'account none is unknown'],
    [
      'subscription in an unknown pool',
      [account('A'), subscription('s', 'A', { pool: 'none' })],
      'pool none is unknown',
    ],
    [
      'subscription in a pool of another root',
      [account('A'), account('B'), pool('P', 'B'), subscription('s', 'A', { pool: 'P' })],
      'one rating key must see everything',
    ],
    [
      'subscription to another root',
      [account('A'), account('B'), subscription('s', 'A'), subscription('s', 'B')],
      'cannot move from root account A to B',
    ],
    [
      'top-up of an unknown subscription',
      [{ kind: 'topUp', id: 't', grant: 'g', subscription: 's', addOn: 'a', validFrom: START, validTo: MID } as const],
      'subscription s is unknown',
    ],
    [
      'another count of guided partitions',
      [
        { kind: 'guidedPartitions', id: 'g1', generation: 1, count: 4 } as const,
        { kind: 'guidedPartitions', id: 'g2', generation: 2, count: 8 } as const,
      ],
      'cannot start another generation',
    ],
    ['an invalid price book', [{ kind: 'priceBook', id: 'b', book: { format: 1 } } as const], 'name'],
  ])('%s', (_title, facts, reason) => {
    const index = indexOf([...facts] as ReferenceFact[]);
    expect(index.refusals).toHaveLength(1);
    expect(index.refusals[0].reason).toContain(reason);
    expect(index.factsOf(0, JSON.stringify(facts))).toHaveLength(facts.length - 1);
  });

  it('counts a message that is no JSON array as one refusal', () => {
    const index = new ReferenceIndex();
    expect(index.applyMessage(0, '{')).toHaveLength(1);
    expect(index.applyMessage(1, '{}')).toHaveLength(1);
    expect(index.end).toBe(2);
  });

  it('takes a repeated id for nothing', () => {
    const index = indexOf([account('A')], [account('A'), account('B')]);
    expect(index.refusals).toHaveLength(0);
    expect(index.factsOf(1, JSON.stringify([account('A'), account('B')])).map(({ id }) => id)).toEqual([
      account('B').id,
    ]);
  });
});
