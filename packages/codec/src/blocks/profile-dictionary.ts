/**
 * The dictionary of profiles of a guided usage block (guided-profiles.v1), in Avro binary: a block of an IoT fleet has
 * almost as many profiles as events, so they are written and read as events are, and the fields that a rated line
 * repeats (usage_account..pool, and the payer) are copied from here unchanged.
 */

import type { Profile } from '@headrace/rating/contract';
import { KeptBytes } from '../bytes/kept-bytes.ts';
import type { ByteReader } from '../bytes/reader.ts';
import type { ByteWriter } from '../bytes/writer.ts';
import { Dictionary, writeEntry } from './dictionary.ts';

export const PROFILES_KEY = 'headrace.profiles';
/** Some 150,000 profiles. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

/** Positions of an entry in `Dictionary.at`. */
export const PROFILE_FROM = 0;
export const PROFILE_ACCOUNT_TO = 1;
/** Behind pool, where pool_account begins. */
export const PROFILE_TO = 2;
export const PROFILE_POOL_ACCOUNT_TO = 3;
/** How many there are, with the end of the entry. */
export const PROFILE_POSITIONS = 5;
const FIELDS_BEHIND_POOL_ACCOUNT = 5;

export function keptProfiles(): KeptBytes<Profile> {
  return new KeptBytes((writer, profile) => writeEntry(writer, profile, writeProfile), KEPT_BYTES_MAX);
}

function writeProfile(writer: ByteWriter, profile: Profile): void {
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

export function profileDictionary(): Dictionary {
  return new Dictionary(PROFILE_POSITIONS, findProfile);
}

function findProfile(reader: ByteReader, at: Int32Array, position: number): void {
  at[position + PROFILE_FROM] = reader.pos;
  reader.skipText('usage_account');
  at[position + PROFILE_ACCOUNT_TO] = reader.pos;
  reader.skipText('subscription');
  reader.skipText('sim');
  reader.skipText('plan');
  reader.skipText('pool');
  at[position + PROFILE_TO] = reader.pos;
  reader.skipText('pool_account');
  at[position + PROFILE_POOL_ACCOUNT_TO] = reader.pos;
  for (let field = 0; field < FIELDS_BEHIND_POOL_ACCOUNT; field++) reader.skipText('a field of the profile');
}

export function readProfile(reader: ByteReader): Profile {
  return {
    usageAccount: reader.repeatedText('usage_account'),
    subscription: reader.text('subscription'),
    sim: reader.text('sim'),
    plan: reader.repeatedText('plan'),
    pool: reader.repeatedText('pool'),
    poolAccount: reader.repeatedText('pool_account'),
    poolRule: reader.repeatedText('pool_rule'),
    ratingKey: reader.repeatedText('rating_key'),
    currency: reader.repeatedText('currency'),
    timeZone: reader.repeatedText('time_zone'),
    simState: reader.repeatedText('sim_state'),
  };
}
