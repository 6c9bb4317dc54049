import type { Context, Profile } from '@headrace/rating/contract';
import avsc from 'avsc';
import { describe, expect, it } from 'vitest';
import { contextDictionary, keptContexts, readContext } from '../../src/blocks/context-dictionary.ts';
import { type Dictionary, encodeDictionary } from '../../src/blocks/dictionary.ts';
import {
  keptProfiles,
  PROFILE_ACCOUNT_TO,
  PROFILE_FROM,
  PROFILE_POOL_ACCOUNT_TO,
  PROFILE_POSITIONS,
  PROFILE_TO,
  profileDictionary,
  readProfile,
} from '../../src/blocks/profile-dictionary.ts';
import { KeptBytes } from '../../src/bytes/kept-bytes.ts';
import { murmur3 } from '../../src/bytes/murmur3.ts';
import { ByteReader } from '../../src/bytes/reader.ts';
import { latestSchema } from '../../src/index.ts';

function encode<T extends object>(entries: readonly T[], kept: KeptBytes<T>): Buffer {
  return Buffer.from(encodeDictionary(new Map(entries.map((entry, index) => [entry, index])), kept));
}

/** All entries, or in words why they cannot be read. */
function read<T>(
  dictionary: Dictionary,
  bytes: Buffer,
  entry: (reader: ByteReader) => T,
  from = 0,
  to = bytes.length,
): readonly T[] | string {
  const reader = new ByteReader();
  const problem = dictionary.read(reader.reset(bytes, from, to), to - from);
  if (problem !== null) return problem;
  const entries: T[] = [];
  for (let index = 0; index < dictionary.count; index += 1) {
    const wrong = dictionary.open(reader, bytes, index);
    if (wrong !== null) return wrong;
    entries.push(entry(reader));
  }
  return entries;
}

/** The generic decoder's entries without their digests, and whether each digest is that of what follows. */
function generic(subject: string, bytes: Buffer): readonly unknown[][] {
  const schema = JSON.parse(latestSchema(subject).schema) as { items: { fields: { name: string }[] } };
  const whole = avsc.Type.forSchema(schema as unknown as avsc.Schema);
  const [, ...rest] = schema.items.fields;
  const contents = avsc.Type.forSchema({ ...schema.items, fields: rest } as unknown as avsc.Schema);
  return (whole.fromBuffer(bytes) as Record<string, unknown>[]).map(({ digest, ...entry }) => {
    const encoded = contents.toBuffer(entry);
    const words = new Uint32Array(4);
    murmur3(encoded, encoded.length, 0, words);
    expect(Array.from({ length: 4 }, (_, word) => (digest as Buffer).readUInt32BE(4 * word))).toEqual([...words]);
    return Object.values(entry);
  });
}

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
  return { profiles, bytes: encode(profiles, keptProfiles()) };
}

describe('the dictionary of profiles', () => {
  it.each([0, 1, 500])('is what a generic decoder reads by the schema: %i profiles', (count) => {
    const { profiles, bytes } = encoded(count);
    expect(generic('guided-profiles', bytes)).toEqual(profiles.map((entry) => Object.values(entry)));
    const padded = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(2)]);
    expect(read(profileDictionary(), padded, readProfile, 3, 3 + bytes.length)).toEqual(profiles);
  });

  it('keeps where the fields lie that rated lines repeat', () => {
    const { bytes } = encoded(2);
    const dictionary = profileDictionary();
    read(dictionary, bytes, readProfile);
    const at = (position: number): number => dictionary.at[PROFILE_POSITIONS + position] ?? -1;
    // Each length is one byte below 0x20.
    const run = (from: number, to: number): string =>
      bytes
        .subarray(at(from), at(to))
        .toString('utf8')
        .replaceAll(/[^ -~ü]/g, '|');
    expect(run(PROFILE_FROM, PROFILE_TO)).toBe('|account-1|sub-1|89011|plan ü|pool-1');
    expect(run(PROFILE_FROM, PROFILE_ACCOUNT_TO)).toBe('|account-1');
    expect(run(PROFILE_TO, PROFILE_POOL_ACCOUNT_TO)).toBe('|root');
  });

  it('gives entries the same bytes from the second time on, and after it forgot them', () => {
    const { profiles, bytes } = encoded(500);
    const kept = keptProfiles();
    for (let time = 0; time < 3; time += 1) expect(encode(profiles, kept).equals(bytes)).toBe(true);
    const writeName = (writer: { text(value: string): void }, { name }: { name: string }): void => writer.text(name);
    const small = new KeptBytes(writeName, 4);
    const [a, b] = [{ name: 'abcdef' }, { name: 'ghi' }];
    for (const value of [a, b, a, a, b]) {
      const { from, to } = small.rangeOf(value);
      expect(small.source.bytes.toString('latin1', from + 1, to)).toBe(value.name);
    }
  });

  it('knows entries by digest: one for equal ones, others for all others', () => {
    const dictionary = profileDictionary();
    const digests = (profiles: readonly Profile[]): string[] => {
      read(dictionary, encode(profiles, keptProfiles()), readProfile);
      return profiles.map((_, index) => dictionary.digest.subarray(4 * index, 4 * index + 4).join());
    };
    const first = digests(Array.from({ length: 500 }, (_, n) => profile(n)));
    expect(new Set(first).size).toBe(500);
    expect(digests(Array.from({ length: 500 }, (_, n) => profile(n)))).toEqual(first);
    const [plain] = digests([profile(1)]);
    for (const field of Object.keys(profile(1)))
      expect(digests([{ ...profile(1), [field]: 'other' }])).not.toEqual([plain]);
  });

  it('refuses every cut and every changed length, in words', () => {
    const { bytes } = encoded(3);
    const problem = (of: Buffer, to = of.length): unknown => read(profileDictionary(), of, readProfile, 0, to);
    for (let to = 0; to < bytes.length; to += 1) expect(typeof problem(bytes, to)).toBe('string');
    expect(problem(Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f]))).toContain('impossible');
    expect(problem(Buffer.from([0x03]))).toContain('impossible');
    expect(typeof problem(Buffer.concat([bytes, Buffer.alloc(1)]))).toBe('string');
  });

  it('refuses every changed byte: by its bounds, or by the digest when the entry is asked for', () => {
    const { bytes } = encoded(2);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(typeof read(profileDictionary(), changed, readProfile), `byte ${at}`).toBe('string');
    }
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
  const bytes = encode(contexts, keptContexts());

  it('is what a generic decoder reads by the schema, a long writer schema included', () => {
    expect(generic('guided-contexts', bytes)).toEqual(contexts.map((entry) => Object.values(entry)));
    expect(read(contextDictionary(), bytes, readContext)).toEqual(contexts);
    expect(read(contextDictionary(), encode([], keptContexts()), readContext)).toEqual([]);
  });

  it('refuses every cut, in words', () => {
    const problem = (to: number): unknown => read(contextDictionary(), bytes, readContext, 0, to);
    for (let to = 0; to < 200; to += 1) expect(typeof problem(to)).toBe('string');
    expect(typeof problem(bytes.length - 1)).toBe('string');
  });
});
