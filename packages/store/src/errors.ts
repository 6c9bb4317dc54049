/**
 * Turns what the client throws into operating errors, and decides what may be repeated.
 *
 * 1. An answer with one of ClickHouse's codes is an outcome: the statement failed. Only codes of TRANSIENT are repeated.
 * 2. Everything else (no connection, a cut connection, a time-out, an answer of a proxy) leaves the outcome unknown.
 *    Repeating is right only for what is idempotent: reads, and inserts with a token.
 */
import { ClickHouseError } from '@clickhouse/client';
import { HeadraceError, messageOf } from '@headrace/platform';
import type { StoreSettings } from './settings.ts';

/**
 * Time-outs, memory, too many queries or parts, quorum and Keeper trouble, shutdown, overload: the same statement may
 * succeed later. STD_EXCEPTION (1001) is not among them: it is what damaged Avro gives.
 */
const TRANSIENT = new Set([
  159, 160, 173, 201, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 285, 286, 319, 394, 439, 659, 700, 734, 745,
  999, 1000,
]);
/** Shares its code with "too many parts for now", but says that the block spans partitions: repeating cannot cure that. */
const BLOCK_SPANS_PARTITIONS = /for single INSERT block/;
const AUTHENTICATION = new Set([192, 193, 194, 516]);
const ACCESS_DENIED = 497;
const UNKNOWN_TABLE = 60;
const UNKNOWN_DATABASE = 81;
const TLS_CODES = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO)/;

/** How to create the database and its tables. */
export const MIGRATE_COMMAND = 'npx headrace init';

/** `doing` completes the sentence "ClickHouse at ... failed to ...". Operating errors pass unchanged. */
export function storeError(cause: unknown, settings: StoreSettings, doing: string): HeadraceError {
  if (cause instanceof HeadraceError) return cause;
  const at = `ClickHouse at ${settings.url}`;
  if (cause instanceof ClickHouseError) return statementError(cause, settings, at, doing);
  const code = codeOf(cause);
  const context = { url: settings.url };
  if (TLS_CODES.test(code)) {
    const text = `${at}: the TLS connection failed (${messageOf(cause)}). Check CLICKHOUSE_URL and CLICKHOUSE_TLS_CA_FILE.`;
    return new HeadraceError('CLICKHOUSE_TLS', text, { cause, context });
  }
  const text = `${at} gave no answer when asked to ${doing} (${messageOf(cause) || code}). Start it, or correct CLICKHOUSE_URL.`;
  return new HeadraceError('CLICKHOUSE_UNREACHABLE', text, { cause, context });
}

function statementError(cause: ClickHouseError, settings: StoreSettings, at: string, doing: string): HeadraceError {
  const code = Number(cause.code);
  const context = { url: settings.url, code, type: cause.type ?? '' };
  const said = `code ${code}, ${cause.type ?? 'unknown'}: ${cause.message.trim()}`;
  if (AUTHENTICATION.has(code)) {
    const text = `${at} refused user "${settings.user}". Correct CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.`;
    return new HeadraceError('CLICKHOUSE_AUTHENTICATION', text, { cause, context });
  }
  if (code === ACCESS_DENIED) {
    const text = `${at}: user "${settings.user}" may not ${doing} (${said}). Grant the right, or use another CLICKHOUSE_USER.`;
    return new HeadraceError('CLICKHOUSE_AUTHENTICATION', text, { cause, context });
  }
  if (code === UNKNOWN_DATABASE || code === UNKNOWN_TABLE) {
    const what = code === UNKNOWN_DATABASE ? `has no database "${settings.database}"` : `misses a table (${said})`;
    const text = `${at} ${what}. Create what is missing with "${MIGRATE_COMMAND}", or correct CLICKHOUSE_DATABASE.`;
    return new HeadraceError('CLICKHOUSE_SCHEMA', text, { cause, context });
  }
  if (TRANSIENT.has(code) && !BLOCK_SPANS_PARTITIONS.test(cause.message)) {
    return new HeadraceError('CLICKHOUSE_OVERLOADED', `${at} cannot ${doing} now (${said}).`, { cause, context });
  }
  return new HeadraceError('CLICKHOUSE_QUERY', `${at} failed to ${doing} (${said}).`, { cause, context });
}

function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return '';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return 'cause' in cause ? codeOf(cause.cause) : '';
}
