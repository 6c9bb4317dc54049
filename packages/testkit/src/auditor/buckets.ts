/** Buckets: which of them an event may draw on, in the order of the waterfall, and what is left in them. */
import { type Allowance, type BucketRule, holdsFor, type Rollover } from './book.ts';
import type { Calendar, Stretch } from './calendar.ts';
import type { Guided } from './outcomes.ts';
import type { PoolSizes } from './pool-size.ts';
import type { Grant, Reference } from './reference.ts';

export interface Bucket {
  readonly id: string;
  readonly size: bigint;
  used: bigint;
  /** Null: no limit. */
  readonly limit: bigint | null;
  /** By subscription, where there is a limit. */
  readonly usedBy: Map<string, bigint>;
}

export interface PoolBucket extends Bucket {
  readonly pool: string;
  readonly account: string;
  readonly rule: string;
  readonly period: string;
  /** What of the use that it was for no bucket covered. */
  overage: bigint;
}

/** A bucket with what decides its place in the waterfall. */
interface Candidate {
  readonly bucket: Bucket;
  readonly priority: number;
  readonly zones: number;
  readonly rolledOver: boolean;
  readonly expires: number;
  readonly granted: number;
}

const NO_GRANTS: readonly Grant[] = [];

export class Buckets {
  readonly #reference: Reference;
  readonly #poolSizes: PoolSizes;
  readonly #calendar: Calendar;
  readonly #buckets = new Map<string, Bucket>();
  readonly #pools = new Map<string, PoolBucket>();

  constructor(reference: Reference, poolSizes: PoolSizes, calendar: Calendar) {
    this.#reference = reference;
    this.#poolSizes = poolSizes;
    this.#calendar = calendar;
  }

  /** Pools that some event could draw on. */
  get pools(): readonly PoolBucket[] {
    return [...this.#pools.values()];
  }

  /** In the order in which they are drawn on. */
  eligible(guided: Guided, time: number, cycle: Stretch): readonly Bucket[] {
    const { plan, kind } = guided;
    const candidates: Candidate[] = [];
    const pool = this.#poolCandidate(guided, cycle);
    if (pool !== null) candidates.push(pool);
    for (const allowance of plan.allowances) {
      if (holdsFor(allowance, kind)) candidates.push(...this.#own(guided, allowance, time, cycle));
    }
    candidates.push(...this.#granted(guided, time));
    if (candidates.length > 1) candidates.sort(byWaterfall);
    return candidates.map((candidate) => candidate.bucket);
  }

  /** The bucket of this cycle, and what is left of the one before. */
  #own({ subscription, account }: Guided, allowance: Allowance, time: number, cycle: Stretch): Candidate[] {
    const { quantity, rollover, validFrom, identity } = allowance;
    if (validFrom > time) return [];
    const id = (of: Stretch): string => `a|${subscription.subscription}|${identity}|${of.name}`;
    const fresh = this.#bucket(id(cycle), allowance, quantity);
    const place = { granted: cycle.from, expires: cycle.to };
    const candidates = [candidateOf(fresh, allowance, { ...place, rolledOver: false })];
    if (rollover === null) return candidates;
    const before = this.#calendar.cycleOf(account.timeZone, cycle.from - 1);
    if (validFrom >= before.to) return candidates;
    const unused = quantity - (this.#buckets.get(id(before))?.used ?? 0n);
    const rolled = this.#bucket(`r|${id(cycle)}`, allowance, rolledOver(rollover, unused, quantity));
    return [...candidates, candidateOf(rolled, allowance, { ...place, rolledOver: true })];
  }

  #granted({ subscription, book, kind }: Guided, time: number): Candidate[] {
    const grants = this.#reference.grants.get(subscription.subscription) ?? NO_GRANTS;
    const candidates: Candidate[] = [];
    for (const { grant, addOn, from, to } of grants) {
      if (time < from || time >= to) continue;
      const rule = book.addOns.get(addOn);
      if (rule === undefined) throw new Error(`The top-up ${grant} names ${addOn}, which is not in the book.`);
      if (!holdsFor(rule, kind)) continue;
      const bucket = this.#bucket(`g|${grant}`, rule, rule.quantity);
      candidates.push(candidateOf(bucket, rule, { granted: from, expires: to, rolledOver: false }));
    }
    return candidates;
  }

  #poolCandidate({ pool, book, kind }: Guided, cycle: Stretch): Candidate | null {
    if (pool === null) return null;
    const rule = book.pools.get(pool.rule);
    if (rule === undefined || !holdsFor(rule, kind)) return null;
    const id = `p|${pool.pool}|${cycle.name}`;
    let bucket = this.#pools.get(id);
    if (bucket === undefined) {
      const size = this.#poolSizes.sizeOf(pool.pool, pool.rule, book, cycle);
      const terms = { pool: pool.pool, account: pool.account, rule: pool.rule, period: cycle.name };
      bucket = { ...newBucket(id, rule, size), ...terms, overage: 0n };
      this.#pools.set(id, bucket);
    }
    if (bucket.account !== pool.account || bucket.rule !== pool.rule) {
      throw new Error(`Pool ${pool.pool} changes inside a cycle, which the auditor does not follow.`);
    }
    return candidateOf(bucket, rule, { granted: cycle.from, expires: cycle.to, rolledOver: false });
  }

  #bucket(id: string, rule: BucketRule, size: bigint): Bucket {
    let bucket = this.#buckets.get(id);
    if (bucket === undefined) {
      bucket = newBucket(id, rule, size);
      this.#buckets.set(id, bucket);
    }
    return bucket;
  }
}

/** Draws at most what is wanted. @returns what the bucket covers */
export function draw(bucket: Bucket, subscription: string, wanted: bigint): bigint {
  const left = bucket.size - bucket.used;
  let covered = wanted < left ? wanted : left;
  if (bucket.limit !== null) {
    const own = bucket.usedBy.get(subscription) ?? 0n;
    if (covered > bucket.limit - own) covered = bucket.limit - own;
    bucket.usedBy.set(subscription, own + covered);
  }
  bucket.used += covered;
  return covered;
}

export function isPool(bucket: Bucket): bucket is PoolBucket {
  return 'pool' in bucket;
}

function newBucket(id: string, { limit }: BucketRule, size: bigint): Bucket {
  return { id, size, used: 0n, limit, usedBy: new Map() };
}

function rolledOver({ maximum, maximumPercent }: Rollover, unused: bigint, size: bigint): bigint {
  let rolled = unused;
  if (maximum !== null && rolled > maximum) rolled = maximum;
  if (maximumPercent !== null && rolled * 100n > size * maximumPercent) rolled = (size * maximumPercent) / 100n;
  return rolled;
}

function candidateOf(
  bucket: Bucket,
  { priority, zones }: BucketRule,
  place: Pick<Candidate, 'granted' | 'expires' | 'rolledOver'>,
): Candidate {
  // Narrower first: a bucket that holds everywhere is the widest.
  return { bucket, priority, zones: zones === null ? Number.POSITIVE_INFINITY : zones.length, ...place };
}

function byWaterfall(a: Candidate, b: Candidate): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.zones !== b.zones) return a.zones < b.zones ? -1 : 1;
  if (a.rolledOver !== b.rolledOver) return a.rolledOver ? -1 : 1;
  if (a.expires !== b.expires) return a.expires - b.expires;
  if (a.granted !== b.granted) return a.granted - b.granted;
  return a.bucket.id < b.bucket.id ? -1 : 1;
}
