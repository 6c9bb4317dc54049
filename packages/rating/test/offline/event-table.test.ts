/** Events in tables: columns that grow, and dictionaries that know equal entries. */
import { describe, expect, it } from 'vitest';
import { EventTable, hexOf, offlineEvent, type Profile } from '../../src/index.ts';

const context = { source: 's', service: 'data', plmn: '', rat: '', apn: '', ratingGroup: -1, rawEncoding: 'message' };

function profile(subscription: string): Profile {
  const account = { usageAccount: 'A', pool: '', poolAccount: '', poolRule: '', ratingKey: 'A', currency: 'EUR' };
  return { ...account, subscription, sim: subscription, plan: 'p', timeZone: 'UTC', simState: 'active' };
}

function event(id: string, of: Profile, more: { bytesUp?: number; amount?: bigint } = {}) {
  return offlineEvent({ id, profile: of, context, eventTime: 1_000_000, ...more });
}

describe('EventTable', () => {
  it('grows, and starts anew with the same columns', () => {
    const table = new EventTable();
    for (let index = 0; index < 1000; index += 1)
      table.add(event(`e${index}`, profile(`S${index % 7}`), { bytesUp: index }));
    expect(table).toMatchObject({ count: 1000, profileCount: 7, contextCount: 1 });
    expect([table.eventId(999), table.bytesUp[999], table.profileAt(table.profile[999] ?? -1).subscription]).toEqual([
      'e999',
      999,
      'S5',
    ]);
    const { eventTime } = table;
    table.clear();
    expect(table).toMatchObject({ count: 0, profileCount: 0, contextCount: 0 });
    expect(table.eventTime).toBe(eventTime);
    expect(() => table.profileAt(0)).toThrow(RangeError);
  });

  it('knows an entry by its fields, and gives it the same digest whenever and in whatever table', () => {
    const [one, two] = [new EventTable(), new EventTable()];
    one.add(event('a', profile('X')));
    one.add(event('b', profile('Y')));
    one.add(event('c', profile('Y')));
    two.add(event('d', profile('Y')));
    expect([...one.profile.subarray(0, 3)]).toEqual([0, 1, 1]);
    expect(hexOf(one.profileDigest, 4)).toBe(hexOf(two.profileDigest, 0));
    expect(hexOf(one.profileDigest, 0)).not.toBe(hexOf(one.profileDigest, 4));
  });

  it('tells payloads apart by what is charged, not by when it came', () => {
    const plain = event('a', profile('X'));
    expect(event('a', profile('X'), { bytesUp: 1 }).payload).not.toEqual(plain.payload);
    expect(event('a', profile('X'), { amount: 0n }).payload).not.toEqual(plain.payload);
    const later = offlineEvent({
      id: 'a',
      profile: profile('X'),
      context,
      eventTime: 1_000_000,
      receivedAt: 5_000_000,
    });
    expect([later.key, later.payload]).toEqual([plain.key, plain.payload]);
  });
});
