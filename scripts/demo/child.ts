/**
 * A process of the demo: started with its output in a log file, awaited until it is ready, stopped in order.
 *
 *   started ──{"event":"ready","port":n}──▶ running ──stop()──▶ ended
 *
 * 1. It holds an IPC channel to this process, so it sees the end of this process however that comes, and ends too.
 * 2. It leads a process group of its own: Ctrl-C in a terminal reaches the demo alone, which stops things in order.
 * 3. `ended` settles once and never rejects.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { DemoFailure } from './failure.ts';

const READY_MS_MAX = 120_000;
const LAST_LINES = 8;
const LAST_LINE_CHARACTERS = 600;

export interface ChildOptions {
  readonly name: string;
  /** The source file to run, and its arguments. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Called with each message of the IPC channel. */
  readonly onMessage?: (message: unknown) => void;
  /** Whether it may end by itself now; a service never may. */
  readonly mayEnd?: () => boolean;
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Child {
  readonly name: string;
  readonly logFile: string;
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcess;
  readonly #port: Promise<number>;
  #stopping = false;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.logFile = options.logFile;
    const log = createWriteStream(options.logFile, { flags: 'a' });
    const child = spawn(process.execPath, [options.script, ...(options.args ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: options.env,
      detached: true,
    });
    this.#process = child;
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        log.write(`${error.message}\n`);
        resolve({ status: 127, signal: null });
      });
      // `close` and not `exit`: by then all it wrote is in the log.
      child.once('close', (status, signal) => log.end(() => resolve({ status, signal })));
    });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    this.#port = portOf(child);
    // Looked at by `ready`; a process that is never asked for its port must not make the demo fail.
    this.#port.catch(() => undefined);
    if (options.onMessage !== undefined) child.on('message', options.onMessage);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** The port of its HTTP interface. @throws DemoFailure when it ends before, or says nothing for too long. */
  async ready(): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new DemoFailure(`${this.name} was not ready after ${READY_MS_MAX / 1000} s.${this.lastLines()}`)),
        READY_MS_MAX,
      );
    });
    const gone = this.ended.then((ended) => Promise.reject(this.failure(ended)));
    try {
      return await Promise.race([this.#port, gone, late]);
    } finally {
      clearTimeout(timer);
      gone.catch(() => undefined);
    }
  }

  send(message: unknown): void {
    if (this.#process.connected) this.#process.send(message as object);
  }

  /** Asks it to end, and ends it when it takes longer than `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** What its end means when nobody asked for it. */
  failure({ status, signal }: Ended): DemoFailure {
    const how = signal === null ? `exit status ${status}` : `signal ${signal}`;
    return new DemoFailure(`${this.name} ended by itself with ${how}.${this.lastLines()}`);
  }

  /** The end of its log, on lines of their own. */
  lastLines(): string {
    const lines = readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-LAST_LINES);
    const text = lines.map((line) => `  | ${line.slice(0, LAST_LINE_CHARACTERS)}`).join('\n');
    return ` The end of its log, ${this.logFile}:\n${text}`;
  }
}

/** Settles with the port of the ready line. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    if (child.stdout === null) return;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const port = readyPort(line);
      if (port === null) return;
      resolve(port);
      lines.removeAllListeners('line');
    });
  });
}

function readyPort(line: string): number | null {
  if (!line.startsWith('{"event":"ready"')) return null;
  const said: { readonly port?: unknown } = JSON.parse(line);
  return typeof said.port === 'number' ? said.port : null;
}
