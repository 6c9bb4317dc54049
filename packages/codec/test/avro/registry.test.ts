import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { fetchSchema, lookUpSchemaId } from '../../src/index.ts';

const servers: Server[] = [];

async function registry(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

test('gives the schema of an id, below a path and with a user', async () => {
  const asked: unknown[] = [];
  const url = await registry((request, response) => {
    asked.push([request.url, request.headers.authorization]);
    response.end(JSON.stringify({ schema: '"string"' }));
  });
  expect(await fetchSchema(url, 7)).toBe('"string"');
  expect(await fetchSchema(`${url.replace('//', '//us%40r:pw@')}/below/`, 8)).toBe('"string"');
  expect(asked).toEqual([
    ['/schemas/ids/7', undefined],
    ['/below/schemas/ids/8', `Basic ${Buffer.from('us@r:pw').toString('base64')}`],
  ]);
});

test.each([
  ['an id that is not there', 404, '{"error_code":40403}', 'SCHEMA_NOT_FOUND', 'no schema 7'],
  ['a server in trouble', 503, '', 'REGISTRY_UNREACHABLE', 'answered 503'],
  ['no JSON', 200, '<html>', 'SCHEMA_NOT_FOUND', 'no JSON'],
  ['no schema', 200, '{}', 'SCHEMA_NOT_FOUND', 'no "schema"'],
  ['another kind of schema', 200, '{"schemaType":"PROTOBUF","schema":"x"}', 'SCHEMA_NOT_FOUND', 'PROTOBUF'],
])('%s', async (_, status, body, code, words) => {
  const url = await registry((_request, response) => response.writeHead(status).end(body));
  await expect(fetchSchema(url, 7)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});

test('nobody there, and no URL at all', async () => {
  const url = await registry((_request, response) => response.end());
  await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
  await expect(fetchSchema(url, 7)).rejects.toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    message: expect.stringContaining('does not answer'),
  });
  await expect(fetchSchema('registry', 7)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('a password never shows in an error', async () => {
  const url = await registry((_request, response) => response.writeHead(500).end());
  await expect(fetchSchema(url.replace('//', '//me:secret@'), 7)).rejects.not.toThrow(/secret/);
});

test('gives the id of a schema that a subject has', async () => {
  const asked: unknown[] = [];
  const url = await registry((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      asked.push([request.method, request.url, JSON.parse(body)]);
      response.end(JSON.stringify({ subject: 'a/b', id: 12, version: 1, schema: '"string"' }));
    });
  });
  expect(await lookUpSchemaId(url, 'a/b', '"string"')).toBe(12);
  expect(asked).toEqual([['POST', '/subjects/a%2Fb', { schema: '"string"' }]]);
});

test.each([
  ['a schema that is not registered', 404, '{"error_code":40403}', 'SCHEMA_NOT_FOUND', 'register it there'],
  ['a server in trouble', 500, '', 'REGISTRY_UNREACHABLE', 'answered 500'],
  ['no id', 200, '{}', 'SCHEMA_NOT_FOUND', 'no "id"'],
])('looking up %s', async (_, status, body, code, words) => {
  const url = await registry((_request, response) => response.writeHead(status).end(body));
  const asked = lookUpSchemaId(url, 'usage', '"string"');
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});
