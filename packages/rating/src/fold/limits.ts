/** Limits of what one event may cause, and of what is kept beside the state. */

/** Lines that one event is split into at most; what would need more is suspended. Blocks are sized by it. */
export const EVENT_LINES_MAX = 8;

/** Days that an event may last where its price depends on the hour; a longer one is suspended. */
export const EVENT_DAYS_MAX = 3660;

/** Profiles whose parties are kept from block to block; past it all are forgotten and found anew. */
export const PARTIES_KEPT = 262_144;

/** Contexts kept from block to block. */
export const CONTEXTS_KEPT = 262_144;

/** Line rules that are handed out again; past it all are made anew. */
export const RULES_KEPT = 262_144;
