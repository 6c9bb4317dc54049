/**
 * Whether a Docker engine answers here. Asked of its socket directly, since loading `testcontainers` only to hear "no"
 * costs a second on every machine without Docker.
 */
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';

const ANSWER_MS_MAX = 2_000;

/** The places where an engine may listen, in the order in which `testcontainers` looks. */
export function engineSockets(env: NodeJS.ProcessEnv = process.env): string[] {
  if (env.DOCKER_HOST) return [env.DOCKER_HOST];
  const paths = ['/var/run/docker.sock'];
  if (env.XDG_RUNTIME_DIR) paths.push(join(env.XDG_RUNTIME_DIR, 'docker.sock'));
  paths.push(join(homedir(), '.docker/run/docker.sock'), join(homedir(), '.docker/desktop/docker.sock'));
  return paths.filter((path) => existsSync(path)).map((path) => `unix://${path}`);
}

/** True if an engine answers a ping on one of the sockets. Never throws. */
export async function dockerAnswers(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  for (const socket of engineSockets(env)) if (await ping(socket)) return true;
  return false;
}

function ping(socket: string): Promise<boolean> {
  const target = pingTarget(socket);
  if (target === null) return Promise.resolve(false);
  return new Promise((resolve) => {
    const call = request({ ...target, path: '/_ping', timeout: ANSWER_MS_MAX }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => resolve(false));
    call.end();
  });
}

function pingTarget(socket: string): { socketPath: string } | { host: string; port: number } | null {
  if (!URL.canParse(socket)) return null;
  const url = new URL(socket);
  if (url.protocol === 'unix:') return { socketPath: url.pathname };
  // An engine behind TLS or ssh is for `testcontainers` to reach; it is taken at its word.
  if (url.protocol === 'tcp:' || url.protocol === 'http:')
    return { host: url.hostname, port: Number(url.port || 2375) };
  return null;
}
