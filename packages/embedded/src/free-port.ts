/**
 * Free TCP ports on loopback for servers that cannot be told "any port".
 *
 * Ports come from below the range that operating systems hand out for outgoing connections, at random: between the
 * check here and the server's own bind, neither a connection nor a second starter is likely to take one. A caller
 * still has to try again with other ports when the bind fails.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const PORT_MIN = 20_000;
const PORT_MAX = 32_000; // exclusive
const ATTEMPTS_MAX = 200;

/** Whether nobody listens on this port of 127.0.0.1. */
export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** `count` different ports of 127.0.0.1 on which nobody listens now. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; attempt < ATTEMPTS_MAX && ports.size < count; attempt += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (!ports.has(port) && (await portIsFree(port))) ports.add(port);
  }
  if (ports.size < count) throw new Error(`no ${count} free ports between ${PORT_MIN} and ${PORT_MAX} on 127.0.0.1`);
  return [...ports];
}
