/**
 * Reads just enough of a ClickHouse statement to serve it as the HTTP interface does: whether it brings data (and where
 * the data begins), whether its result can be streamed, and which output format it names. It is not a parser: what the
 * engine would refuse is left for the engine to refuse, in its own words.
 *
 * The text is lexed as latin1, so that an index is a byte offset even where the statement is followed by binary data.
 *
 * Invariants:
 * 1. Nothing inside a string, a quoted identifier, a comment or brackets is taken for a keyword.
 * 2. For INSERT with data, lexing stops at the data: data is never looked into.
 */

/** An INSERT with data. Offsets are bytes of the text as given. */
export interface InsertStatement {
  readonly kind: 'insert';
  /** INSERT INTO t (a, b), without settings and format. */
  readonly target: string;
  /** SETTINGS a = 1, or empty. */
  readonly settings: string;
  readonly format: string;
  /** Where data in the text itself begins. */
  readonly dataStart: number;
}

/** What the interface must know of a statement. */
export type Statement =
  | InsertStatement
  /** format is empty where the statement names none. */
  | { readonly kind: 'select' | 'other'; readonly text: string; readonly format: string }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string };

interface Token {
  readonly kind: 'word' | 'string' | 'quoted' | 'punctuation';
  /** Upper case for words, as it stands for the rest. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Depth of brackets around it. */
  readonly depth: number;
}

const WORD = /[A-Za-z_0-9$]+/y;
const SPACE = /\s+/y;
/** What may stand at the end behind a column that is called format. */
const ORDER_WORDS = new Set(['ASC', 'DESC', 'END', 'FINAL']);
const SELECT_WORDS = new Set(['SELECT', 'WITH', 'FROM']);

/** `text` is latin1: one character for each byte. */
export function readStatement(text: string): Statement {
  const tokens = lex(text);
  const first = tokens.next().value;
  if (first === undefined) return { kind: 'refused', code: 62, message: 'Syntax error: Empty query. (SYNTAX_ERROR)' };
  if (first.text === 'INSERT') return readInsert(text, first, tokens);
  return readOther(text, first, tokens);
}

function readInsert(text: string, first: Token, tokens: Generator<Token, undefined>): Statement {
  let settingsAt = -1;
  for (let token = tokens.next().value; token !== undefined; token = tokens.next().value) {
    if (token.depth > 0 || token.kind !== 'word') {
      // INSERT INTO t (SELECT ...): brackets that begin with a query are no column list.
      if (token.kind === 'word' && token.depth === 1 && SELECT_WORDS.has(token.text) && opensQuery(text, token.start)) {
        return readOther(text, first, tokens);
      }
      continue;
    }
    if (token.text === 'SETTINGS') settingsAt = token.start;
    else if (token.text === 'INFILE') return refusedFile('FROM INFILE');
    else if (SELECT_WORDS.has(token.text) && token.text !== 'FROM') return readOther(text, first, tokens);
    else if (token.text === 'VALUES') return insert(text, first, settingsAt, token.start, 'Values', token.end);
    else if (token.text === 'FORMAT') {
      const name = tokens.next().value;
      if (name?.kind !== 'word') break;
      const format = text.slice(name.start, name.end);
      return insert(text, first, settingsAt, token.start, format, skipSeparator(text, name.end));
    }
  }
  // No data and no query: the engine says what it misses.
  return { kind: 'other', text: utf8(text), format: '' };
}

function insert(
  text: string,
  first: Token,
  settingsAt: number,
  end: number,
  format: string,
  dataStart: number,
): Statement {
  const targetEnd = settingsAt < 0 ? end : settingsAt;
  return {
    kind: 'insert',
    target: utf8(text.slice(first.start, targetEnd)).trim(),
    settings: settingsAt < 0 ? '' : utf8(text.slice(settingsAt, end)).trim(),
    format,
    dataStart,
  };
}

function readOther(text: string, first: Token, tokens: Generator<Token, undefined>): Statement {
  let format = '';
  let inSettings = false;
  let end = text.length;
  let previous: Token = first;
  for (let token = tokens.next().value; token !== undefined; token = tokens.next().value) {
    if (end < text.length) {
      const message = 'Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)';
      return { kind: 'refused', code: 62, message };
    }
    if (token.depth === 0 && token.text === ';') end = token.start;
    if (token.depth === 0 && token.text === 'OUTFILE' && previous.text === 'INTO') return refusedFile('INTO OUTFILE');
    if (token.depth === 0) {
      // A column may be called format: a format is named only where nothing but settings follows.
      if (format !== '' && !inSettings && token.text !== ';' && token.text !== 'SETTINGS') format = '';
      if (format !== '' && token.text === 'SETTINGS') inSettings = true;
      const named = token.kind === 'word' && previous.text === 'FORMAT' && !ORDER_WORDS.has(token.text);
      if (named && !inSettings) format = text.slice(token.start, token.end);
    }
    previous = token;
  }
  const isSelect = SELECT_WORDS.has(first.text) || first.text === '(';
  return { kind: isSelect ? 'select' : 'other', text: utf8(text.slice(0, end)), format };
}

function refusedFile(what: string): Statement {
  return { kind: 'refused', code: 62, message: `${what} is not allowed over HTTP. (SYNTAX_ERROR)` };
}

function opensQuery(text: string, start: number): boolean {
  return /\(\s*$/.test(text.slice(Math.max(0, start - 256), start));
}

/** Data begins after the blanks behind the format's name and one line end. */
function skipSeparator(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\f\r;'.includes(text.charAt(at))) at++;
  return text.charAt(at) === '\n' ? at + 1 : at;
}

/** Yields the tokens of the text; an unterminated string or comment ends it. */
function* lex(text: string): Generator<Token, undefined> {
  let at = 0;
  let depth = 0;
  while (at < text.length) {
    SPACE.lastIndex = at;
    if (SPACE.test(text)) {
      at = SPACE.lastIndex;
      continue;
    }
    const skipped = skipComment(text, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const char = text.charAt(at);
    const start = at;
    if (char === "'" || char === '"' || char === '`') {
      at = quotedEnd(text, at, char);
      yield { kind: char === "'" ? 'string' : 'quoted', text: text.slice(start, at), start, end: at, depth };
      continue;
    }
    WORD.lastIndex = at;
    if (WORD.test(text)) {
      at = WORD.lastIndex;
      yield { kind: 'word', text: text.slice(start, at).toUpperCase(), start, end: at, depth };
      continue;
    }
    at++;
    if ('([{'.includes(char)) yield { kind: 'punctuation', text: char, start, end: at, depth: depth++ };
    else if (')]}'.includes(char)) yield { kind: 'punctuation', text: char, start, end: at, depth: --depth };
    else yield { kind: 'punctuation', text: char, start, end: at, depth };
  }
}

function skipComment(text: string, at: number): number {
  if (text.startsWith('--', at) || text.startsWith('# ', at) || text.startsWith('#!', at)) {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end + 1;
  }
  if (!text.startsWith('/*', at)) return at;
  const end = text.indexOf('*/', at + 2);
  return end < 0 ? text.length : end + 2;
}

function quotedEnd(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') at++;
    else if (char === quote) {
      if (text.charAt(at + 1) !== quote) return at + 1;
      at++;
    }
  }
  return text.length;
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
