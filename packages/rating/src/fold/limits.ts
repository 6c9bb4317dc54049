/** Limits of what one event may cause, and of what is kept beside the state. */

/** Lines that one event is split into at most; what would need more is suspended. */
export const EVENT_LINES_MAX = 250;
/** Lines that every event of a block may have. More are for events that find room for them in the block. */
export const EVENT_LINES_SURE = 8;
/** Lines of a block at most: as many as a full block of 65,536 events may surely have. Inserts are made for it. */
export const BLOCK_LINES_MAX = 65_536 * EVENT_LINES_SURE;

/** Days that an event may last where its price depends on the hour; a longer one is suspended. */
export const EVENT_DAYS_MAX = 3660;

/** Profiles whose parties are kept from block to block; past it all are forgotten and found anew. */
export const PARTIES_KEPT = 262_144;

/** Contexts kept from block to block. */
export const CONTEXTS_KEPT = 65_536;

/** Line rules that are handed out again; past it all are made anew. */
export const RULES_KEPT = 262_144;

/** Ways kept (two for each party at most); past it all are forgotten and found anew. */
export const WAYS_KEPT = 2 * PARTIES_KEPT;
