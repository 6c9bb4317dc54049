/**
 * ClickHouse's HTTP interface over the engine of this process: what `@clickhouse/client` and curl speak.
 *
 * GET /ping; GET and POST / with the statement in `query` or the body. Statements without data are refused to GET unless
 * they only read (readonly=2), as ClickHouse does.
 *
 * A result is streamed where its format is a row after a row; the others (JSON, Parquet, formats with a header) are made
 * whole first, since the engine would begin a new document with each piece. A failure before the first piece gives an
 * HTTP error status; one after it ends the stream with ClickHouse's exception block:
 *
 *   CRLF __exception__ CRLF tag CRLF message LF length SP tag CRLF __exception__ CRLF
 */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress, constants as zlib } from 'node:zlib';
import { type Engine, literal, type Outcome, type Scope } from './engine.ts';
import { CODES, type EngineError, engineError, refusal } from './errors.ts';
import { type Asked, type Credentials, readCredentials, readUrl, readWork, type Work } from './request.ts';
import type { InsertStatement } from './statement.ts';

/** Formats in which pieces of a result can simply follow each other. */
const ROW_FORMATS = new Set(
  [
    'JSONEachRow JSONLines NDJSON JSONStringsEachRow JSONCompactEachRow JSONCompactStringsEachRow',
    'TabSeparated TSV TabSeparatedRaw TSVRaw Raw CSV TSKV LineAsString RowBinary Native',
  ].flatMap((names) => names.split(' ')),
);
const KEEP_ALIVE_MS = 30_000;

export interface HttpOptions {
  readonly incoming: string;
  /** No credentials are asked for where absent. */
  readonly credentials: Credentials | undefined;
  readonly log: (line: string) => void;
}

export function createHttpServer(engine: Engine, options: HttpOptions): Server {
  const server = createServer((request, response) => {
    handle(engine, options, request, response).catch((cause: unknown) => {
      options.log(`request failed: ${String(cause)}`);
      response.destroy();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  return server;
}

async function handle(
  engine: Engine,
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const reply = new Reply(response);
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/ping' || url.pathname === '/replicas_status') return reply.text('Ok.\n');
    if (url.pathname !== '/') return reply.missing(url.pathname);
    if (request.method === 'GET' && !url.searchParams.has('query')) return reply.text('Ok.\n');
    checkCredentials(readCredentials(url, request.headers), options.credentials);
    const asked = readUrl(url, request.headers);
    reply.begin(asked, String(request.headers['accept-encoding'] ?? ''));
    const work = await readWork(request, asked, options.incoming, randomUUID());
    try {
      if (request.method === 'GET' && !asked.settings.has('readonly')) asked.settings.set('readonly', '2');
      await run(engine, work, asked, gone.signal, reply);
    } finally {
      if (work.dataFile !== '') await rm(work.dataFile, { force: true });
    }
  } catch (cause) {
    const error = engineError(cause);
    if (error.status >= 500 && !gone.signal.aborted) options.log(error.message);
    // What is left of the body must be read, or the client would see a broken connection instead of the answer.
    request.resume();
    reply.error(error);
  }
}

async function run(engine: Engine, work: Work, asked: Asked, signal: AbortSignal, reply: Reply): Promise<void> {
  const { statement } = work;
  const scope: Scope = { ...asked, signal };
  switch (statement.kind) {
    case 'refused':
      throw refusal(statement.code, statement.message);
    case 'insert': {
      const outcome = await withoutPath(work.dataFile, insert(engine, work.dataFile, statement, asked, scope));
      return reply.done({ written: outcome });
    }
    case 'select': {
      const format = statement.format || asked.defaultFormat;
      if (!ROW_FORMATS.has(format) || arrayOfRows(statement.text, asked)) {
        return reply.whole(format, await engine.read(statement.text, format, scope));
      }
      await engine.stream(statement.text, format, scope, (piece) => reply.piece(format, piece.raw()));
      return reply.end(format);
    }
    case 'other': {
      const format = statement.format || asked.defaultFormat;
      const isInsert = /^\s*INSERT/i.test(statement.text);
      const outcome = isInsert
        ? await engine.write(statement.text, scope)
        : await engine.read(statement.text, format, scope);
      return reply.whole(format, outcome);
    }
    default:
      return statement satisfies never;
  }
}

/** Settings of the URL go into the statement, before its own, which win. */
function insert(
  engine: Engine,
  file: string,
  statement: InsertStatement,
  asked: Asked,
  scope: Scope,
): Promise<Outcome> {
  const source = `FROM INFILE ${literal(file)} COMPRESSION 'none'`;
  const own = statement.settings.replace(/^SETTINGS\s+/i, '');
  const given = [...asked.settings].map(([name, value]) => `${name} = ${literal(value)}`);
  const settings = [...given, ...(own === '' ? [] : [own])].join(', ');
  const text = `${statement.target} ${source} ${settings === '' ? '' : `SETTINGS ${settings}`} FORMAT ${statement.format}`;
  const plain = asked.parameters.size === 0 && asked.sessionId === '' && !asked.settings.has('readonly');
  return plain ? engine.insert(text, asked.database) : engine.write(text, scope);
}

/** The file is an affair of this server; what the client sees is what a server says that read the body. */
async function withoutPath(file: string, outcome: Promise<Outcome>): Promise<Outcome> {
  try {
    return await outcome;
  } catch (cause) {
    throw engineError(cause, (text) => text.replaceAll(`(in file/uri ${file})`, '').replaceAll(file, 'the body'));
  }
}

function arrayOfRows(text: string, asked: Asked): boolean {
  const name = 'output_format_json_array_of_rows';
  return text.includes(name) || asked.settings.has(name);
}

function checkCredentials(given: Credentials, wanted: Credentials | undefined): void {
  if (wanted === undefined) return;
  if (same(given.user, wanted.user) && same(given.password, wanted.password)) return;
  const text = `${given.user}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)`;
  throw refusal(CODES.AUTHENTICATION_FAILED, text);
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The answer to one request: nothing goes out before it is clear whether it is a result or an error. */
class Reply {
  readonly #response: ServerResponse;
  readonly #tag = randomBytes(8).toString('hex');
  readonly #startedNs = process.hrtime.bigint();
  #queryId = '';
  #encoding = '';
  #out: Writable | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  begin(asked: Asked, acceptEncoding: string): void {
    this.#queryId = asked.queryId || randomUUID();
    if (asked.compress) this.#encoding = chosenEncoding(acceptEncoding);
  }

  text(body: string): void {
    this.#response.writeHead(200, { 'Content-Type': 'text/html; charset=UTF-8' }).end(body);
  }

  missing(path: string): void {
    this.#response.writeHead(404, { 'Content-Type': 'text/plain' }).end(`There is no handle ${path}\n`);
  }

  done(figures: { written: Outcome }): void {
    const { rows, rowBytes } = figures.written;
    this.#head('', { read_rows: rows, read_bytes: rowBytes, written_rows: rows, written_bytes: rowBytes }).end();
  }

  whole(format: string, outcome: Outcome): void {
    this.#head(format, {
      read_rows: outcome.rows,
      read_bytes: outcome.rowBytes,
      result_bytes: outcome.bytes.length,
    }).end(outcome.bytes);
  }

  async piece(format: string, bytes: Uint8Array): Promise<void> {
    this.#out ??= this.#head(format, {});
    if (this.#response.destroyed) {
      throw refusal(CODES.QUERY_WAS_CANCELLED, 'The client went away. (QUERY_WAS_CANCELLED)');
    }
    if (!this.#out.write(bytes)) {
      await Promise.race([once(this.#out, 'drain'), once(this.#response, 'close')]);
    }
  }

  end(format: string): void {
    (this.#out ?? this.#head(format, {})).end();
  }

  error(error: EngineError): void {
    if (this.#out !== undefined) {
      const message = `${error.message}\n`;
      const size = `${Buffer.byteLength(message)} ${this.#tag}`;
      this.#out.end(`\r\n__exception__\r\n${this.#tag}\r\n${message}${size}\r\n__exception__\r\n`);
      return;
    }
    if (this.#response.destroyed) return;
    this.#response.setHeader('X-ClickHouse-Exception-Code', String(error.code));
    this.#response.setHeader('X-ClickHouse-Query-Id', this.#queryId);
    this.#response.writeHead(error.status, { 'Content-Type': 'text/plain; charset=UTF-8' }).end(`${error.message}\n`);
  }

  #head(format: string, figures: Readonly<Record<string, number>>): Writable {
    const summary: Record<string, string> = {};
    const elapsed = Number(process.hrtime.bigint() - this.#startedNs);
    const all = {
      read_rows: 0,
      read_bytes: 0,
      written_rows: 0,
      written_bytes: 0,
      total_rows_to_read: 0,
      result_rows: 0,
    };
    for (const [name, value] of Object.entries({ ...all, result_bytes: 0, ...figures, elapsed_ns: elapsed })) {
      summary[name] = String(value);
    }
    this.#response.setHeader('X-ClickHouse-Query-Id', this.#queryId);
    this.#response.setHeader('X-ClickHouse-Server-Display-Name', 'embedded');
    this.#response.setHeader('X-ClickHouse-Timezone', process.env.TZ ?? 'UTC');
    this.#response.setHeader('X-ClickHouse-Summary', JSON.stringify(summary));
    this.#response.setHeader('X-ClickHouse-Exception-Tag', this.#tag);
    if (format !== '') this.#response.setHeader('X-ClickHouse-Format', format);
    this.#response.setHeader('Content-Type', contentType(format));
    if (this.#encoding !== '') this.#response.setHeader('Content-Encoding', this.#encoding);
    this.#response.writeHead(200);
    const packer = packed(this.#encoding);
    if (packer === undefined) return this.#response;
    packer.pipe(this.#response);
    return packer;
  }
}

function chosenEncoding(accepted: string): string {
  const names = accepted.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase());
  return ['br', 'gzip', 'deflate', 'zstd'].find((name) => names.includes(name)) ?? '';
}

function packed(encoding: string) {
  switch (encoding) {
    case 'gzip':
      return createGzip({ level: 3 });
    case 'deflate':
      return createDeflate({ level: 3 });
    case 'br':
      return createBrotliCompress({ params: { [zlib.BROTLI_PARAM_QUALITY]: 3 } });
    case 'zstd':
      return createZstdCompress();
    default:
      return undefined;
  }
}

function contentType(format: string): string {
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8; header=absent';
  if (format.startsWith('TabSeparated') || format.startsWith('TSV')) return 'text/tab-separated-values; charset=UTF-8';
  return format === '' ? 'text/plain; charset=UTF-8' : 'application/octet-stream';
}
