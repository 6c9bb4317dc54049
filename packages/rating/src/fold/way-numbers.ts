/**
 * The layout of a way in its row of numbers, side by side so that an event on it reads a few adjacent lines of memory. Kinds
 * of things are small integers; `NONE` is what is not there.
 */
import { LINE_NUMBERS } from '../price-functions/step-line.ts';

/** Microseconds: [from, to) is the time for which the way holds. */
export const FROM = 0;
export const TO = 1;
/** `PartitionState.changes` when it was made. */
export const CHANGES = 2;
/** What is counted: index in `COUNTED`. */
export const COUNTS = 3;
/** How many buckets it may draw. */
export const BUCKETS = 4;
/** Number of the way's subscription and pool, and the pool's cycle and rule: who used the pool how much. */
export const MEMBER = 5;
export const POOL = 6;
export const POOL_CYCLE = 7;
/** The cycle, if an allowance that rolls over is among the buckets, and `Subscription.lateRolling`: both have to be the latest. */
export const ROLLING = 8;
export const LATE_ROLLING = 9;

/** A bucket: kind; of an allowance its counter; its size (not of a pool); what a pool lets one subscription draw. */
export const BUCKET_ROWS = 10;
export const BUCKET_NUMBERS = 6;
export const BUCKET_KIND = 0;
export const BUCKET_OWNER = 1;
export const BUCKET_ITEM = 2;
export const BUCKET_CYCLE = 3;
export const BUCKET_SIZE = 4;
export const BUCKET_LIMIT = 5;
/** No limit is this large a number. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;
export const KIND_ALLOWANCE = 1;
export const KIND_POOL = 2;
export const KIND_GRANT = 3;
export const BUCKETS_MAX = 4;

/** A price: whether there is one, its meter, who pays, and its straight line if it is one. */
export const RETAIL = BUCKET_ROWS + BUCKETS_MAX * BUCKET_NUMBERS;
export const PRICE_SCOPE = 0;
export const PRICE_OWNER = 1;
export const PRICE_ITEM = 2;
export const PRICE_CYCLE = 3;
export const PRICE_PAYER = 4;
export const PRICE_STRAIGHT = 5;
export const PRICE_LINE = 6;
export const PRICE_NUMBERS = PRICE_LINE + LINE_NUMBERS;
export const NONE = 0;
export const SCOPE_EVENT = 1;
export const SCOPE_CYCLE = 2;
export const SCOPE_DAY = 3;
export const WHOLESALE = RETAIL + PRICE_NUMBERS;

export const WAY_NUMBERS = WHOLESALE + PRICE_NUMBERS;

/** What a way may count, by index. */
export const COUNTED = ['both', 'up', 'down', 'greater', 'seconds', 'units'] as const;

/** Rules of a way: of its buckets, then of its two prices. */
export const RULE_RETAIL = BUCKETS_MAX;
export const RULE_WHOLESALE = BUCKETS_MAX + 1;
export const WAY_RULES = BUCKETS_MAX + 2;
