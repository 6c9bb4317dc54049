import type { Context, Profile } from '@headrace/rating/contract';
import avsc from 'avsc';
import { describe, expect, it } from 'vitest';
import { decodeContexts, encodeContexts } from '../../src/blocks/context-dictionary.ts';
import { decodeProfiles, encodeProfiles } from '../../src/blocks/profile-dictionary.ts';
import { latestSchema } from '../../src/index.ts';

const profile = (n: number): Profile => ({
  usageAccount: `account-${n % 3}`,
  subscription: `sub-${n}`,
  sim: `8901${n}`,
  plan: 'plan ü',
  pool: n % 2 === 0 ? '' : 'pool-1',
  poolAccount: n % 2 === 0 ? '' : 'root',
  poolRule: n % 2 === 0 ? '' : 'stacked',
  ratingKey: 'root',
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  simState: 'active',
});

function encoded(count: number): { profiles: Profile[]; bytes: Buffer } {
  const profiles = Array.from({ length: count }, (_, n) => profile(n));
  return { profiles, bytes: Buffer.from(encodeProfiles(new Map(profiles.map((entry, index) => [entry, index])))) };
}

describe('the dictionary of profiles', () => {
  it.each([0, 1, 500])('is what a generic decoder reads by the schema: %i profiles', (count) => {
    const { profiles, bytes } = encoded(count);
    const type = avsc.Type.forSchema(JSON.parse(latestSchema('guided-profiles').schema));
    const generic = type.fromBuffer(bytes) as Record<string, string>[];
    expect(generic.map((entry) => Object.values(entry))).toEqual(profiles.map((entry) => Object.values(entry)));
    const dictionary = decodeProfiles(Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(2)]), 3, 3 + bytes.length);
    if (typeof dictionary === 'string') throw new Error(dictionary);
    expect(dictionary.profiles).toEqual(profiles);
  });

  it('keeps where the fields lie that rated lines repeat', () => {
    const { bytes } = encoded(2);
    const dictionary = decodeProfiles(bytes, 0, bytes.length);
    if (typeof dictionary === 'string') throw new Error(dictionary);
    const run = bytes.subarray(dictionary.from[1], dictionary.to[1]).toString('utf8');
    // Each length is one byte below 0x20.
    expect(run.replaceAll(/[^ -~ü]/g, '|')).toBe('|account-1|sub-1|89011|plan ü|pool-1');
  });

  it('refuses every cut and every changed length, in words', () => {
    const { bytes } = encoded(3);
    for (let to = 0; to < bytes.length; to += 1) expect(typeof decodeProfiles(bytes, 0, to)).toBe('string');
    const huge = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f]);
    expect(decodeProfiles(huge, 0, huge.length)).toContain('impossible');
    expect(typeof decodeProfiles(Buffer.concat([bytes, Buffer.alloc(1)]), 0, bytes.length + 1)).toBe('string');
  });
});

describe('the dictionary of contexts', () => {
  const contexts: Context[] = [
    { source: 's', service: 'data', plmn: '26201', rat: 'LTE', apn: 'iot', ratingGroup: -1, rawEncoding: 'message' },
    {
      source: 's',
      service: 'data',
      plmn: '',
      rat: '',
      apn: '',
      ratingGroup: 7,
      rawEncoding: `datum:${'ü'.repeat(9_000)}`,
    },
  ];
  const bytes = Buffer.from(encodeContexts(new Map(contexts.map((entry, index) => [entry, index]))));

  it('is what a generic decoder reads by the schema, a long writer schema included', () => {
    const type = avsc.Type.forSchema(JSON.parse(latestSchema('guided-contexts').schema));
    const generic = type.fromBuffer(bytes) as Record<string, unknown>[];
    expect(generic.map((entry) => Object.values(entry))).toEqual(contexts.map((entry) => Object.values(entry)));
    const read = (from: Buffer): unknown => {
      const dictionary = decodeContexts(from, 0, from.length);
      return typeof dictionary === 'string' ? dictionary : dictionary.contexts;
    };
    expect(read(bytes)).toEqual(contexts);
    expect(read(Buffer.from(encodeContexts(new Map())))).toEqual([]);
  });

  it('refuses every cut, in words', () => {
    for (let to = 0; to < 200; to += 1) expect(typeof decodeContexts(bytes, 0, to)).toBe('string');
    expect(typeof decodeContexts(bytes, 0, bytes.length - 1)).toBe('string');
  });
});
