/**
 * The process that holds the ClickHouse engine: started by startClickHouse (index.ts), which it talks to over the IPC
 * channel. It ends when it is told to, and when the channel closes, so that it never outlives its parent.
 *
 *   parent → child  { start: Start }         once, first
 *   child → parent  { ready: { port } } | { failed: { code, message } }
 *   parent → child  { stop: true }
 */
import { mkdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Engine, openEngine } from './engine.ts';
import { createHttpServer } from './http.ts';

/** What the parent tells the child. */
export interface Start {
  readonly dir: string;
  /** The folder goes when the process ends, and the log too unless something failed. */
  readonly temporary: boolean;
  readonly logFile: string;
  readonly port: number;
  /** Empty: no credentials are asked for. */
  readonly user: string;
  readonly password: string;
}
export type Told = { readonly start: Start } | { readonly stop: true };
export type Answer =
  | { readonly ready: { readonly port: number } }
  | { readonly failed: { readonly code: string; readonly message: string } };

/** How long open requests may go on after stop. */
const DRAIN_MS = 3_000;

let stopping = false;
let failed = false;
let finish: () => Promise<void> = async () => undefined;

// Ctrl-C reaches the whole process group; who started this process decides when it ends, after those who still write.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => stop());
process.on('disconnect', () => stop());
process.on('message', (told: Told) => {
  if ('stop' in told) stop();
  else start(told.start);
});

function start(options: Start): void {
  const log = (line: string) => console.error(`${new Date().toISOString()} ${line}`);
  let engine: Engine;
  try {
    // First, since it takes the lock of the folder.
    engine = openEngine(options.dir);
    const incoming = join(options.dir, 'incoming');
    // Bodies of requests that a killed process left behind belong to nobody.
    rmSync(incoming, { recursive: true, force: true });
    mkdirSync(incoming, { recursive: true });
    const credentials = options.user === '' ? undefined : { user: options.user, password: options.password };
    const server = createHttpServer(engine, { incoming, credentials, log });
    finish = async () => {
      server.close();
      server.closeIdleConnections();
      await Promise.race([engine.close(), new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
      server.closeAllConnections();
      if (!options.temporary) return;
      rmSync(options.dir, { recursive: true, force: true });
      if (!failed) rmSync(options.logFile, { force: true });
    };
    server.once('error', (cause: NodeJS.ErrnoException) => fail(cause.code ?? 'LISTEN', cause.message));
    server.listen(options.port, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      log(`ClickHouse ${engine.version} at http://127.0.0.1:${port}, data in ${options.dir}`);
      tell({ ready: { port } });
    });
  } catch (cause) {
    fail('ENGINE', cause instanceof Error ? cause.message : String(cause));
  }
}

function fail(code: string, message: string): void {
  failed = true;
  console.error(`${code}: ${message}`);
  tell({ failed: { code, message } });
  stop();
}

function tell(answer: Answer): void {
  if (process.connected) process.send?.(answer);
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  finish()
    .catch((cause: unknown) => console.error(`stop failed: ${String(cause)}`))
    // The engine's own threads and exit handlers may hang; data are on disk once a request was answered.
    .finally(() => process.kill(process.pid, 'SIGKILL'));
}
