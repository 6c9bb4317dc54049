/**
 * ClickHouse's errors as its HTTP interface shows them: the text, the number in X-ClickHouse-Exception-Code, and the HTTP
 * status that ClickHouse gives that number.
 */

/** An error with ClickHouse's own number. `message` is the whole text, from `Code: ...` on. */
export class EngineError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return httpStatus(this.code);
  }
}

/** An error of the interface itself, in ClickHouse's form; `text` ends with the name of the code in brackets. */
export function refusal(code: number, text: string): EngineError {
  return new EngineError(code, `Code: ${code}. DB::Exception: ${text}`);
}

/** What the engine threw, without the wrapping of the library. 1001 (STD_EXCEPTION) where it names no code. */
export function engineError(cause: unknown, replace: (text: string) => string = (text) => text): EngineError {
  if (cause instanceof EngineError) return new EngineError(cause.code, replace(cause.message));
  const message = cause instanceof Error ? cause.message : String(cause);
  const begin = message.indexOf('Code: ');
  const match = /Code: (\d+)/.exec(message);
  if (match?.[1] === undefined) return refusal(1001, `${message} (STD_EXCEPTION)`);
  return new EngineError(Number(match[1]), replace(message.slice(begin).trim()));
}

export const CODES = {
  SYNTAX_ERROR: 62,
  BAD_ARGUMENTS: 36,
  NOT_IMPLEMENTED: 48,
  UNKNOWN_SETTING: 115,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  QUERY_IS_TOO_LARGE: 223,
  SESSION_IS_LOCKED: 373,
  QUERY_WAS_CANCELLED: 394,
  AUTHENTICATION_FAILED: 516,
} as const;

// Parsing and argument errors.
const BAD_REQUEST = new Set([
  6, 7, 10, 15, 25, 26, 27, 36, 38, 41, 44, 53, 56, 62, 72, 117, 167, 168, 190, 321, 376, 427, 441, 675, 676,
]);
// A table, function, identifier, type, storage, database, setting, aggregate function, format, engine or role is unknown.
const NOT_FOUND = new Set([46, 47, 50, 60, 63, 73, 78, 81, 106, 111, 115, 336, 511]);
const FORBIDDEN = new Set([192, 193, 497, 513, 516]);
const UNAVAILABLE = new Set([76, 209, 439]);

function httpStatus(code: number): number {
  if (code === 194) return 401;
  if (FORBIDDEN.has(code)) return 403;
  if (BAD_REQUEST.has(code)) return 400;
  if (NOT_FOUND.has(code)) return 404;
  if (code === 159) return 408;
  if (code === CODES.QUERY_IS_TOO_LARGE) return 413;
  if (code === CODES.NOT_IMPLEMENTED) return 501;
  return UNAVAILABLE.has(code) ? 503 : 500;
}
