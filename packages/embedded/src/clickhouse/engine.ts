/**
 * The ClickHouse engine in this process: its configuration, its sessions and how statements run in them. It knows
 * nothing of HTTP.
 *
 * Sessions run at the same time. A request gets a session of its own, so that its settings, parameters and database never
 * reach another. Inserts with data, whose text carries all settings, take turns in sessions that stay open, since opening
 * and preparing one costs more than a small insert does. Reads and writes have separate slots.
 *
 * Invariants:
 * 1. A session is closed only when nothing runs in it any more; the library destroys the engine otherwise.
 * 2. The root session stays open until the end; the engine lives as long as one session does.
 * 3. An insert is never cancelled: a client that went away will ask again with the same token.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drainPending, Session, type StreamChunk } from 'chdb';
import { CODES, engineError, refusal } from './errors.ts';
import { LIMITS } from './limits.ts';
import { Slots } from './slots.ts';

/** How a statement is to run. */
export interface Scope {
  readonly database: string;
  readonly settings: ReadonlyMap<string, string>;
  /** Query parameters, escaped as in a tab-separated file. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly sessionId: string;
  readonly signal: AbortSignal;
}

export interface Outcome {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rowBytes: number;
}

export interface Engine {
  readonly version: string;
  read(text: string, format: string, scope: Scope): Promise<Outcome>;
  /** Calls `chunk` for each piece of the result in order and waits for it. */
  stream(text: string, format: string, scope: Scope, chunk: (piece: StreamChunk) => Promise<void>): Promise<void>;
  /** An insert whose `text` carries all its settings; those of the scope, its parameters and session are not looked at. */
  insert(text: string, database: string): Promise<Outcome>;
  write(text: string, scope: Scope): Promise<Outcome>;
  close(): Promise<void>;
}

interface NamedSession {
  readonly session: Session;
  timer: NodeJS.Timeout;
  busy: boolean;
}

/** Opens the engine with its data below `folder`. Throws EngineError, for example where another process has it open. */
export function openEngine(folder: string): Engine {
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const configFile = join(folder, 'config.xml');
  writeFileSync(configFile, configuration());
  const args = [
    `--config-file=${configFile}`,
    '--implicit_select=0',
    `--max_threads=${LIMITS.queryThreadsMax}`,
    '--max_insert_threads=1',
  ];
  const open = () => new Session(data, { connectionArgs: args });
  try {
    const root = open();
    return new ChdbEngine(root, open);
  } catch (cause) {
    throw engineError(cause);
  }
}

function configuration(): string {
  const entries = {
    max_server_memory_usage: LIMITS.memoryBytesMax,
    mark_cache_size: LIMITS.markCacheBytesMax,
    uncompressed_cache_size: 0,
    background_pool_size: LIMITS.backgroundThreads,
    background_move_pool_size: 1,
    background_fetches_pool_size: 1,
    background_common_pool_size: 1,
    background_schedule_pool_size: 2,
  };
  const lines = Object.entries(entries).map(([name, value]) => `  <${name}>${value}</${name}>`);
  return `<clickhouse>\n${lines.join('\n')}\n</clickhouse>\n`;
}

class ChdbEngine implements Engine {
  readonly version: string;
  readonly #root: Session;
  readonly #open: () => Session;
  readonly #named = new Map<string, NamedSession>();
  readonly #reads = new Slots(LIMITS.readsMax, LIMITS.waitingMax);
  readonly #writes = new Slots(LIMITS.writesMax, LIMITS.waitingMax);
  /** Sessions that wait in a database for the next insert; there are at most writesMax of one database. */
  readonly #idleWriters = new Map<string, Session[]>();
  #sequence = 0;

  constructor(root: Session, open: () => Session) {
    this.#root = root;
    this.#open = open;
    this.version = root.query('SELECT version()', 'TSVRaw').trim();
  }

  read(text: string, format: string, scope: Scope): Promise<Outcome> {
    return this.#reads.use(() =>
      this.#inSession(scope, true, async (session) => {
        const result = await session.queryAsync(text, { format });
        return { bytes: result.bytes(), rows: result.rowsRead, rowBytes: result.bytesRead };
      }),
    );
  }

  stream(text: string, format: string, scope: Scope, chunk: (piece: StreamChunk) => Promise<void>): Promise<void> {
    return this.#reads.use(() =>
      this.#inSession(scope, true, async (session) => {
        for await (const piece of session.queryStream(text, { format, signal: scope.signal })) await chunk(piece);
      }),
    );
  }

  insert(text: string, database: string): Promise<Outcome> {
    return this.#writes.use(async () => {
      const session = this.#idleWriters.get(database)?.pop() ?? (await this.#writer(database));
      try {
        const result = await session.queryAsync(text, { format: 'TabSeparated' });
        return { bytes: result.bytes(), rows: result.rowsRead, rowBytes: result.bytesRead };
      } catch (cause) {
        throw engineError(cause);
      } finally {
        const idle = this.#idleWriters.get(database);
        if (idle === undefined) this.#idleWriters.set(database, [session]);
        else idle.push(session);
      }
    });
  }

  write(text: string, scope: Scope): Promise<Outcome> {
    return this.#writes.use(() =>
      this.#inSession(scope, false, async (session) => {
        const result = await session.queryAsync(text, { format: 'TabSeparated' });
        return { bytes: result.bytes(), rows: result.rowsRead, rowBytes: result.bytesRead };
      }),
    );
  }

  async close(): Promise<void> {
    for (const session of [...this.#idleWriters.values()].flat()) session.close();
    this.#idleWriters.clear();
    for (const { session, timer } of this.#named.values()) {
      clearTimeout(timer);
      session.close();
    }
    this.#named.clear();
    await drainPending();
    this.#root.close();
    await drainPending();
  }

  async #writer(database: string): Promise<Session> {
    const session = this.#open();
    try {
      if (database !== '') await session.queryAsync(`USE ${identifier(database)}`);
      return session;
    } catch (cause) {
      session.close();
      throw engineError(cause);
    }
  }

  async #inSession<T>(scope: Scope, cancellable: boolean, work: (session: Session) => Promise<T>): Promise<T> {
    if (scope.signal.aborted) throw refusal(CODES.QUERY_WAS_CANCELLED, 'Query was cancelled. (QUERY_WAS_CANCELLED)');
    const lease = this.#lease(scope.sessionId);
    // The engine gives queries ids of its own; this mark finds the query again when its client goes away.
    const mark = `request-${this.#sequence++}`;
    const cancel = () => {
      const kill = `KILL QUERY WHERE Settings['log_comment'] = '${mark}' ASYNC`;
      this.#root.queryAsync(kill).catch((cause: unknown) => console.error(`cancel failed: ${String(cause)}`));
    };
    try {
      await this.#prepare(lease.session, scope, mark);
      if (cancellable) scope.signal.addEventListener('abort', cancel, { once: true });
      return await work(lease.session);
    } catch (cause) {
      throw engineError(cause);
    } finally {
      scope.signal.removeEventListener('abort', cancel);
      lease.release();
    }
  }

  async #prepare(session: Session, scope: Scope, mark: string): Promise<void> {
    const assignments = scope.settings.has('log_comment') ? [] : [`log_comment = ${literal(mark)}`];
    for (const [name, value] of scope.parameters) assignments.push(`param_${name} = ${literal(value)}`);
    // readonly comes last: nothing can be set after it.
    for (const [name, value] of scope.settings) assignments.push(`${name} = ${literal(value)}`);
    if (scope.database !== '') await session.queryAsync(`USE ${identifier(scope.database)}`);
    if (assignments.length > 0) await session.queryAsync(`SET ${assignments.join(', ')}`);
  }

  #lease(id: string): { session: Session; release: () => void } {
    if (id === '') {
      const session = this.#open();
      return { session, release: () => session.close() };
    }
    const known = this.#named.get(id);
    if (known?.busy === true) throw refusal(CODES.SESSION_IS_LOCKED, `Session ${id} is locked. (SESSION_IS_LOCKED)`);
    const named = known ?? { session: this.#open(), timer: setTimeout(() => undefined, 0), busy: true };
    clearTimeout(named.timer);
    named.busy = true;
    this.#named.set(id, named);
    const release = () => {
      named.busy = false;
      named.timer = setTimeout(() => {
        this.#named.delete(id);
        named.session.close();
      }, LIMITS.sessionIdleMs).unref();
    };
    return { session: named.session, release };
  }
}

/** A string literal of ClickHouse. */
export function literal(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function identifier(value: string): string {
  return `\`${value.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
