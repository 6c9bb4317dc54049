import { describe, expect, test } from 'vitest';
import { assignSticky, type MemberClaim } from '../src/assigner.ts';
import { seeded, testSeed } from './support.ts';

const topics = [
  { topic: 'a', partitions: [0, 1, 2, 3, 4, 5, 6, 7] },
  { topic: 'b', partitions: [0] },
];
const count = (owned: Record<string, readonly number[]>) => Object.values(owned).flat().length;
const claims = (assignment: Map<string, Record<string, number[]>>): MemberClaim[] =>
  [...assignment].map(([memberId, owned]) => ({ memberId, owned }));

describe('the assignment', () => {
  test('gives everything to one member', () => {
    const all = assignSticky([{ memberId: 'm', owned: {} }], topics).get('m');
    expect(all).toEqual({ a: [0, 1, 2, 3, 4, 5, 6, 7], b: [0] });
  });

  test('moves only what a newcomer needs', () => {
    const before = assignSticky([{ memberId: 'm', owned: {} }], topics);
    const after = assignSticky([...claims(before), { memberId: 'n', owned: {} }], topics);
    expect(count(after.get('n') ?? {})).toBe(4);
    expect(count(after.get('m') ?? {})).toBe(5);
  });

  test('two that claim one partition: one gets it', () => {
    const after = assignSticky(
      ['m', 'n'].map((memberId) => ({ memberId, owned: { a: [0, 1], z: [3] } })),
      topics,
    );
    expect([...after.values()].map(count).sort()).toEqual([4, 5]);
  });

  const seed = testSeed();
  test(`each partition once, balanced, and little moves (TEST_SEED=${seed})`, () => {
    const random = seeded(seed);
    let assignment = new Map<string, Record<string, number[]>>();
    for (let round = 0; round < 300; round += 1) {
      const members = claims(assignment).filter(() => random() > 0.3);
      members.push({ memberId: `m${Math.floor(random() * 1e6)}`, owned: {} });
      const kept = members.reduce((sum, { owned }) => sum + count(owned), 0);
      assignment = assignSticky(members, topics);
      const sizes = [...assignment.values()].map(count);
      const keys = [...assignment.values()].flatMap((owned) =>
        Object.entries(owned).flatMap(([topic, partitions]) => partitions.map((p) => `${topic}/${p}`)),
      );
      expect(new Set(keys).size).toBe(9);
      expect(keys.length).toBe(9);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      const stayed = members.reduce((sum, { memberId, owned }) => {
        const now = assignment.get(memberId) ?? {};
        return sum + Object.entries(owned).flatMap(([t, ps]) => ps.filter((p) => now[t]?.includes(p))).length;
      }, 0);
      // A member gives up only what is above its share.
      const share = Math.floor(9 / members.length);
      const surplus = members.reduce((sum, { owned }) => sum + Math.max(0, count(owned) - share), 0);
      expect(kept - stayed).toBeLessThanOrEqual(surplus);
    }
  });
});
