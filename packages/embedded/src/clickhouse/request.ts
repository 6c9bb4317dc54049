/**
 * Reads what an HTTP request asks for: the statement, its settings and parameters, who asks, and the body, which goes to
 * a file when it is data. Shapes only; nothing is run here.
 *
 * How the text and the data are found, as ClickHouse does it: with `query` in the URL the body is data (for INSERT with
 * data) or the rest of the text; without it the body is the text, and for INSERT with data the data follow it.
 */
import { open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { CODES, refusal } from './errors.ts';
import { type FormParts, readForm } from './form.ts';
import { readStatement, type Statement } from './statement.ts';

export const BODY_LIMITS = {
  /** A statement with the data it carries itself. */
  textBytesMax: 64 * 1024 ** 2,
  /** Data of one insert, unpacked. */
  dataBytesMax: 2 * 1024 ** 3,
  /** Data are held back until there is so much to write. */
  writeBytes: 4 * 1024 ** 2,
} as const;

/** Names in the URL that are no settings. */
const RESERVED = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'role',
  'quota_key',
  'session_id',
  'session_timeout',
  'session_check',
  'close_session',
  'compress',
  'decompress',
  'buffer_size',
  'wait_end_of_query',
  'stacktrace',
  'client_protocol_version',
]);
/** Settings of the interface, which the engine would take but which mean nothing to it. */
const INTERFACE_SETTINGS = new Set(['enable_http_compression', 'http_zlib_compression_level']);

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The URL of a request, taken apart. */
export interface Asked {
  readonly query: string;
  readonly queryId: string;
  readonly database: string;
  readonly defaultFormat: string;
  readonly sessionId: string;
  readonly settings: Map<string, string>;
  readonly parameters: Map<string, string>;
  readonly compress: boolean;
}

export function readUrl(url: URL, headers: IncomingMessage['headers']): Asked {
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (name.startsWith('param_')) parameters.set(checkedName(name.slice('param_'.length)), value);
    else if (!RESERVED.has(name) && !INTERFACE_SETTINGS.has(name)) settings.set(checkedName(name), value);
  }
  if (url.searchParams.get('decompress') === '1' || url.searchParams.get('compress') === '1') {
    const text = 'The native compression is not served here; use Content-Encoding. (NOT_IMPLEMENTED)';
    throw refusal(CODES.NOT_IMPLEMENTED, text);
  }
  const get = (name: string) => url.searchParams.get(name) ?? '';
  return {
    query: get('query'),
    queryId: get('query_id'),
    database: get('database') || header(headers['x-clickhouse-database']),
    defaultFormat: get('default_format') || header(headers['x-clickhouse-format']) || 'TabSeparated',
    sessionId: get('session_id'),
    settings,
    parameters,
    compress: ['1', 'true'].includes(get('enable_http_compression')),
  };
}

/** Who asks: the header fields of ClickHouse, HTTP Basic, or the URL, in this order. */
export function readCredentials(url: URL, headers: IncomingMessage['headers']): Credentials {
  if (headers['x-clickhouse-user'] !== undefined) {
    return { user: header(headers['x-clickhouse-user']), password: header(headers['x-clickhouse-key']) };
  }
  const basic = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return colon < 0 ? { user: text, password: '' } : { user: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  return { user: url.searchParams.get('user') ?? 'default', password: url.searchParams.get('password') ?? '' };
}

/** A statement, and the file with its data where it brings any; the caller removes the file. */
export interface Work {
  readonly statement: Statement;
  readonly dataFile: string;
}

/** `file` is where data go; it exists only if the result names it. */
export async function readWork(request: IncomingMessage, asked: Asked, folder: string, id: string): Promise<Work> {
  const body = unpacked(request);
  const file = join(folder, id);
  if (asked.query !== '') {
    const head = Buffer.from(asked.query, 'utf8');
    const statement = readStatement(head.toString('latin1'));
    if (statement.kind === 'insert') {
      await saveData(file, head.subarray(statement.dataStart), body);
      return { statement, dataFile: file };
    }
    const rest = await readForm(body, request.headers['content-type'], BODY_LIMITS.textBytesMax);
    const text = rest.text.length === 0 ? head : Buffer.concat([head, Buffer.from('\n'), rest.text]);
    return withText(text, rest, asked, file);
  }
  const form = await readForm(body, request.headers['content-type'], BODY_LIMITS.textBytesMax);
  return withText(form.text, form, asked, file);
}

async function withText(text: Buffer, form: FormParts, asked: Asked, file: string): Promise<Work> {
  for (const [name, value] of form.parameters) asked.parameters.set(checkedName(name), value);
  const statement = readStatement(text.toString('latin1'));
  if (statement.kind !== 'insert') return { statement, dataFile: '' };
  await saveData(file, text.subarray(statement.dataStart), Readable.from([]));
  return { statement, dataFile: file };
}

/** Writes the data in large pieces: a write for each piece that the network gives costs more than the insert itself. */
async function saveData(file: string, head: Buffer, body: AsyncIterable<Buffer>): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    let pieces = head.length === 0 ? [] : [head];
    let waiting = head.length;
    let size = head.length;
    for await (const piece of body) {
      pieces.push(piece);
      waiting += piece.length;
      size += piece.length;
      if (size > BODY_LIMITS.dataBytesMax) {
        const text = `An insert may hold ${BODY_LIMITS.dataBytesMax} bytes. (QUERY_IS_TOO_LARGE)`;
        throw refusal(CODES.QUERY_IS_TOO_LARGE, text);
      }
      if (waiting < BODY_LIMITS.writeBytes) continue;
      await handle.writev(pieces);
      pieces = [];
      waiting = 0;
    }
    if (pieces.length > 0) await handle.writev(pieces);
  } catch (cause) {
    await rm(file, { force: true });
    throw cause;
  } finally {
    await handle.close();
  }
}

function unpacked(request: IncomingMessage): Readable {
  const encoding = header(request.headers['content-encoding']).toLowerCase();
  const unpack = unpacker(encoding);
  if (unpack === undefined) return request;
  // A request that breaks off must break the reader too: pipe alone would leave it waiting.
  request.on('error', (cause) => unpack.destroy(cause));
  request.on('aborted', () => unpack.destroy(new Error('the request broke off')));
  return request.pipe(unpack);
}

function unpacker(encoding: string) {
  switch (encoding) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      throw refusal(CODES.NOT_IMPLEMENTED, `Unknown Content-Encoding ${encoding}. (NOT_IMPLEMENTED)`);
  }
}

function checkedName(name: string): string {
  if (/^\w+$/.test(name)) return name;
  throw refusal(CODES.UNKNOWN_SETTING, `Unknown setting '${name}'. (UNKNOWN_SETTING)`);
}

function header(value: string | string[] | undefined): string {
  return Array.isArray(value) ? (value[0] ?? '') : (value ?? '');
}
