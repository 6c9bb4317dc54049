/**
 * The HTTP side of a service: GET /health (200 or 503), GET /metrics (Prometheus text), POST /actions/<name>, GET / (what
 * there is). HTTP_HOST defaults to the loopback address; containers set 0.0.0.0.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { HeadraceError, messageOf } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { Health } from './service.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly metrics: Metrics;
  health(): Health;
  actions(): Readonly<Record<string, () => Promise<unknown>>>;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${text}\n`);
}

async function answer(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const route = `${request.method === 'HEAD' ? 'GET' : request.method} ${path}`;
  if (route === 'GET /health') {
    const health = options.health();
    json(response, health.ok ? 200 : 503, health);
  } else if (route === 'GET /metrics') {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(await options.metrics.text());
  } else if (route === 'GET /') {
    const actions = Object.keys(options.actions()).map((name) => `POST /actions/${name}`);
    json(response, 200, { routes: ['GET /health', 'GET /metrics', ...actions] });
  } else if (route.startsWith('POST /actions/')) {
    const name = decodeURIComponent(path.slice('/actions/'.length));
    const actions = options.actions();
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined) json(response, 404, { code: 'ACTION_UNKNOWN', message: `There is no action ${name}.` });
    else json(response, 200, (await action()) ?? {});
  } else {
    json(response, 404, { message: `There is no ${route}; GET / lists what there is.` });
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): HeadraceError {
  if (error.code === 'EADDRINUSE') {
    const message = `Port ${port} on ${host} is in use: set HTTP_PORT to another port, or to 0 for a free one.`;
    return new HeadraceError('HTTP_PORT_IN_USE', message, { cause: error });
  }
  const message = `HTTP cannot listen on ${host}:${port} (${error.message}): correct HTTP_HOST and HTTP_PORT.`;
  return new HeadraceError('HTTP_LISTEN_FAILED', message, { cause: error });
}

/** Listens. @throws HeadraceError HTTP_PORT_IN_USE, HTTP_LISTEN_FAILED. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const server = createServer((request, response) => {
    request.resume();
    answer(options, request, response).catch((error: unknown) => {
      const code = error instanceof HeadraceError ? error.code : undefined;
      if (!response.headersSent)
        json(response, 500, { message: messageOf(error), ...(code === undefined ? {} : { code }) });
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, options.host, options.port)));
    server.listen(options.port, options.host, () => resolve());
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
