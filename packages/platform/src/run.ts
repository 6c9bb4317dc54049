/**
 * The shell around a service: HTTP, signals, exit statuses, orphan watch.
 *
 *   starting ──ready──▶ running ──signal, parent gone──▶ stopping ──drained──▶ exit 0
 *      │                   │                                │
 *      └─operating error───┴──▶ stopping ──▶ exit 1         ├─second signal──▶ exit 130
 *      └─anything else─────┴──▶ stopping ──▶ exit 70        └─drain limit passed──▶ exit 1
 *
 * 1. Standard output gets exactly one line, `{"event":"ready",...}`, once the service runs; all else goes to the log.
 * 2. `stop` of the service is called once at most, and never before `start` is over.
 * 3. The exit status is the first cause's; what fails while stopping is logged and does not change it, except that a stop
 *    that was asked for and failed is 1.
 */
import { z } from 'zod';
import { readConfig } from './config.ts';
import { HeadraceError, messageOf } from './errors.ts';
import { type HttpServer, startHttp } from './http.ts';
import { createLogger, type Logger } from './log.ts';
import { addProcessMetrics, Metrics } from './metrics.ts';
import { watchParent } from './parent.ts';
import type { Service, ServiceContext } from './service.ts';

export const EXIT_OPERATING_ERROR = 1;
export const EXIT_BROKEN = 70;
export const EXIT_INTERRUPTED = 130;

/** How long a service may take to drain. */
export const STOP_TIMEOUT_MS = 25_000;
/** The same when the parent is gone: its servers are going too. */
export const ORPHAN_STOP_TIMEOUT_MS = 3_000;

/** Variables that the shell itself reads. */
export const shellConfigSchema = z.object({
  HTTP_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('port for metrics and health, 0 = a free one'),
  HTTP_HOST: z.string().default('127.0.0.1').describe('address for metrics and health'),
});

class Shell {
  readonly #name: string;
  readonly #start: (context: ServiceContext) => Promise<Service>;
  readonly #abort = new AbortController();
  readonly #metrics = new Metrics();
  #log: Logger;
  #http: HttpServer | undefined;
  #service: Service | undefined;
  #starting: Promise<unknown> = Promise.resolve();
  #stopping = false;

  constructor(name: string, start: (context: ServiceContext) => Promise<Service>) {
    this.#name = name;
    this.#start = start;
    // Until LOG_LEVEL is known to be good.
    this.#log = createLogger(name, { level: 'info' });
  }

  run(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#signalled(signal));
    process.on('uncaughtException', (error) => this.#failed(error));
    process.on('unhandledRejection', (error) => this.#failed(error));
    watchParent(() => {
      this.#log.warn('the parent process is gone, stopping');
      void this.#stop(0, ORPHAN_STOP_TIMEOUT_MS);
    });
    this.#starting = this.#begin().catch((error: unknown) => this.#failed(error));
  }

  async #begin(): Promise<void> {
    this.#log = createLogger(this.#name);
    const config = readConfig(shellConfigSchema);
    addProcessMetrics(this.#metrics);
    this.#http = await startHttp({
      host: config.HTTP_HOST,
      port: config.HTTP_PORT,
      metrics: this.#metrics,
      health: () => this.#service?.health() ?? { ok: false, detail: { state: 'starting' } },
      actions: () => this.#service?.actions ?? {},
    });
    this.#metrics.gauge('up', 'Whether the service says it makes progress.', ['service'], (gauge) => {
      gauge.set({ service: this.#name }, this.#service?.health().ok === true ? 1 : 0);
    });
    const service = await this.#start({ log: this.#log, metrics: this.#metrics, signal: this.#abort.signal });
    this.#service = service;
    if (this.#stopping) return;
    process.stdout.write(
      `${JSON.stringify({ event: 'ready', service: this.#name, port: this.#http.port, pid: process.pid })}\n`,
    );
  }

  #signalled(signal: NodeJS.Signals): void {
    if (this.#stopping) process.exit(EXIT_INTERRUPTED);
    this.#log.info('stopping', { signal });
    void this.#stop(0, STOP_TIMEOUT_MS);
  }

  #failed(error: unknown): void {
    // What a service throws because it was aborted while starting is no failure.
    if (this.#stopping) {
      this.#log.debug('failed while stopping', { error: messageOf(error) });
      return;
    }
    if (error instanceof HeadraceError) {
      process.stderr.write(`${this.#name}: ${error.code}: ${error.message}\n`);
      void this.#stop(EXIT_OPERATING_ERROR, STOP_TIMEOUT_MS);
      return;
    }
    const stack = error instanceof Error ? error.stack : undefined;
    this.#log.error('a broken invariant stops the process', { error, stack });
    void this.#stop(EXIT_BROKEN, STOP_TIMEOUT_MS);
  }

  async #stop(status: number, limitMs: number): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    setTimeout(() => {
      this.#log.error(`the service did not stop within ${limitMs} ms and is ended`, { code: 'STOP_TIMEOUT' });
      process.exit(status === 0 ? EXIT_OPERATING_ERROR : status);
    }, limitMs);
    this.#abort.abort();
    let exit = status;
    try {
      await this.#starting;
      await this.#service?.stop();
    } catch (error) {
      this.#log.error('stopping failed', { error });
      if (exit === 0) exit = EXIT_OPERATING_ERROR;
    }
    await this.#http?.close();
    process.exit(exit);
  }
}

/** Runs a service as this process, until a signal, its parent's end or a failure. Returns at once. */
export function runService(name: string, start: (context: ServiceContext) => Promise<Service>): void {
  new Shell(name, start).run();
}
