/**
 * Limits of what comes from outside. They bound memory and time for any bytes; an event past one of them is suspended
 * as MESSAGE_TOO_LARGE, never dropped. MESSAGE_EVENTS_MAX stands in block.ts, because it bounds blocks as well.
 */

/** A message of usage.events. */
export const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
/** All blocks of one container file together, after decompression: what they hold must fit into one guided block. */
export const DECOMPRESSED_BYTES_MAX = 8 * 1024 * 1024;
/** One string field of a usage event, in UTF-8 bytes (generic path: UTF-16 units). */
export const STRING_BYTES_MAX = 4096;
/** Values (records, fields, items) that one event of a foreign schema may hold: bounds items without bytes. */
export const EVENT_VALUES_MAX = 100_000;
/** The same over all events of one message. */
export const MESSAGE_VALUES_MAX = 16_000_000;
/** How deep values of a foreign schema may nest: bounds the stack of whatever decodes them. */
export const VALUE_DEPTH_MAX = 64;
/** A writer schema's text. */
export const SCHEMA_BYTES_MAX = 256 * 1024;
/** Compiled foreign schemas that are kept. */
export const SCHEMAS_KEPT_MAX = 64;
/** Entries of a container's file metadata. */
export const METADATA_ENTRIES_MAX = 256;
