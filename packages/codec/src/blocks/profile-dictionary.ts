/**
 * The dictionary of profiles of a guided usage block (guided-profiles.v1), in Avro binary: a block of an IoT fleet has
 * almost as many profiles as events, so they are written and read as events are, and the fields that a rated line
 * repeats (usage_account..pool) are copied from here unchanged.
 */

import type { Profile } from '@headrace/rating/contract';
import { ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';

export const PROFILES_KEY = 'headrace.profiles';
const PROFILE_BYTES_GUESS = 160;

export interface ProfileDictionary {
  readonly profiles: readonly Profile[];
  /** Range of usage_account..pool of each profile in the block: from inclusive, to exclusive. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export function encodeProfiles(profiles: ReadonlyMap<Profile, number>): Uint8Array {
  const writer = new ByteWriter(profiles.size * PROFILE_BYTES_GUESS);
  if (profiles.size > 0) {
    writer.long(profiles.size);
    for (const profile of profiles.keys()) {
      writer.text(profile.usageAccount);
      writer.text(profile.subscription);
      writer.text(profile.sim);
      writer.text(profile.plan);
      writer.text(profile.pool);
      writer.text(profile.poolAccount);
      writer.text(profile.poolRule);
      writer.text(profile.ratingKey);
      writer.text(profile.currency);
      writer.text(profile.timeZone);
      writer.text(profile.simState);
    }
  }
  writer.long(0);
  return writer.view();
}

/** The dictionary, or in words why it cannot be read. `bytes` holds it from `from` (inclusive) to `to` (exclusive). */
export function decodeProfiles(bytes: Buffer, from: number, to: number): ProfileDictionary | string {
  const reader = new ByteReader().reset(bytes, from, to);
  const count = reader.long('the count of profiles');
  // A profile has at least one byte for each of its fields.
  if (count < 0 || count > to - from) return `it has an impossible count of profiles, ${count}`;
  const dictionary = { profiles: new Array<Profile>(count), from: new Int32Array(count), to: new Int32Array(count) };
  for (let index = 0; index < count; index++) {
    dictionary.from[index] = reader.pos;
    const usageAccount = reader.repeatedText('usage_account');
    const subscription = reader.text('subscription');
    const sim = reader.text('sim');
    const plan = reader.repeatedText('plan');
    const pool = reader.repeatedText('pool');
    dictionary.to[index] = reader.pos;
    dictionary.profiles[index] = {
      usageAccount,
      subscription,
      sim,
      plan,
      pool,
      poolAccount: reader.repeatedText('pool_account'),
      poolRule: reader.repeatedText('pool_rule'),
      ratingKey: reader.repeatedText('rating_key'),
      currency: reader.repeatedText('currency'),
      timeZone: reader.repeatedText('time_zone'),
      simState: reader.repeatedText('sim_state'),
    };
    if (reader.failure !== null) return `profile ${index}: ${reader.failure}`;
  }
  if (count > 0 && reader.long('the end') !== 0) return 'it has more than one array block';
  if (reader.failure !== null || reader.overflow !== '' || reader.oversized !== '' || reader.pos !== to) {
    return `it does not end where it should (${reader.failure ?? (reader.oversized || reader.overflow || 'bytes follow')})`;
  }
  return dictionary;
}
