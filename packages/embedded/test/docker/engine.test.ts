import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dockerAnswers, engineSockets } from '../../src/docker/engine.ts';

let folder = '';
let server: Server | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headrace-test-'));
});

afterEach(() => {
  server?.close();
  server = null;
  rmSync(folder, { recursive: true, force: true });
});

async function engine(answer: RequestListener): Promise<string> {
  const path = join(folder, 'docker.sock');
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return `unix://${path}`;
}

describe('dockerAnswers', () => {
  it('is true where an engine answers a ping', async () => {
    const host = await engine((request, response) => {
      response.statusCode = request.url === '/_ping' ? 200 : 404;
      response.end('OK');
    });
    expect(await dockerAnswers({ DOCKER_HOST: host })).toBe(true);
  });

  it('is false where the socket answers something else', async () => {
    const host = await engine((_request, response) => {
      response.statusCode = 500;
      response.end();
    });
    expect(await dockerAnswers({ DOCKER_HOST: host })).toBe(false);
  });

  it.each(['unix:///nowhere/docker.sock', 'tcp://127.0.0.1:1', 'not an address', 'ssh://host'])(
    'is false for %s',
    async (host) => {
      expect(await dockerAnswers({ DOCKER_HOST: host })).toBe(false);
    },
  );

  it('asks only where DOCKER_HOST says, if it says', () => {
    expect(engineSockets({ DOCKER_HOST: 'tcp://engine:2375', XDG_RUNTIME_DIR: folder })).toEqual(['tcp://engine:2375']);
  });
});
