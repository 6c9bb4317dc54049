/** Limits of what one event may cause. */

/** Lines that one event is split into at most; what would need more is suspended. Blocks are sized by it. */
export const EVENT_LINES_MAX = 8;
