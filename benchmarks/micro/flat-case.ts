/** What a case of the flatness benchmark is made of: a book, facts, who uses what, and what all of it must cost. */
import type { Context, Profile, ReferenceFact } from '@headrace/rating';

/** Somebody whose use is measured. Every event of it is `least` to an eighth more, in octets. */
export interface FlatUser {
  readonly profile: Profile;
  readonly context: Context;
  readonly least: number;
}

/** What a user used in all rounds. */
export interface FlatUse {
  events: number;
  quantity: number;
}

export interface FlatCase {
  readonly book: object;
  readonly facts: Iterable<ReferenceFact>;
  readonly users: readonly FlatUser[];
  /** What all use must have cost, in 1e-12 currency units; worked out in integers without the engine. */
  owed(use: readonly FlatUse[]): bigint;
}

/** Cases that differ in one size only, from the smallest to the largest. */
export interface FlatTable {
  readonly name: FlatTableName;
  /** What grows, and what stays as it is. */
  readonly title: string;
  readonly cases: readonly { readonly label: string; readonly size: number; make(): FlatCase }[];
}

export type FlatTableName =
  | 'control'
  | 'eventSize'
  | 'tiersPassed'
  | 'tiersGraduated'
  | 'tiersVolume'
  | 'poolMembers'
  | 'poolIdleMembers'
  | 'bookSize'
  | 'bookSpread'
  | 'bucketsOfPlan'
  | 'grantsOfOthers'
  | 'grantsOfOwn';

const USE_FROM = '2026-11-01T00:00:00Z';
const CONTEXT: Context = {
  source: 'bench',
  service: 'data',
  plmn: '26201',
  rat: 'LTE',
  apn: 'iot',
  ratingGroup: -1,
  rawEncoding: 'message',
};

/** Users share one object a network, as events of a block share an entry of its dictionary. */
const contexts = new Map<string, Context>();

export function contextIn(plmn: string): Context {
  const known = contexts.get(plmn);
  if (known !== undefined) return known;
  const context = { ...CONTEXT, plmn };
  contexts.set(plmn, context);
  return context;
}

export function userOf(
  number: number,
  plan: string,
  least: number,
  more: { pool?: string; poolRule?: string; plmn?: string } = {},
): FlatUser {
  const { pool = '', poolRule = '', plmn = '26201' } = more;
  const subscription = `sub-${number}`;
  return {
    profile: {
      usageAccount: 'ACCOUNT',
      subscription,
      sim: `8949000000${number}`,
      plan,
      pool,
      poolAccount: pool === '' ? '' : 'ACCOUNT',
      poolRule,
      ratingKey: 'ACCOUNT',
      currency: 'EUR',
      timeZone: 'UTC',
      simState: 'active',
    },
    context: contextIn(plmn),
    least,
  };
}

export function subscriptionFact(subscription: string, plan: string, pool: string | null = null): ReferenceFact {
  const id = `subscription/${subscription}`;
  const account = 'ACCOUNT';
  return { kind: 'subscription', id, subscription, account, plan, pool, state: 'active', validFrom: USE_FROM };
}

/** A top-up of a subscription, with the add-on `abroad`. */
export function grantFact(number: number, subscription: string): ReferenceFact {
  const grant = `grant-${number}`;
  const validTo = '2027-01-01T00:00:00Z';
  return { kind: 'topUp', id: grant, grant, subscription, addOn: 'abroad', validFrom: USE_FROM, validTo };
}

/** The facts about users themselves. */
export function factsOf(users: readonly FlatUser[]): ReferenceFact[] {
  return users.map(({ profile }) =>
    subscriptionFact(profile.subscription, profile.plan, profile.pool === '' ? null : profile.pool),
  );
}
