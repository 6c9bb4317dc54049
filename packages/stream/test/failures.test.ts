/** Every failure of the way to Kafka is one sentence with place and cure. */
import { createServer, type Server } from 'node:net';
import { HeadraceError } from '@headrace/platform';
import { afterEach, describe, expect, test } from 'vitest';
import { kafkaError } from '../src/failures.ts';
import { Broker, type KafkaSettings } from '../src/index.ts';
import { keptLog, settings } from './support.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A port on loopback where `answer` is what a connection meets. */
async function listen(answer: (socket: import('node:net').Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
}

async function failureOf(overrides: Partial<KafkaSettings>): Promise<HeadraceError> {
  const failure = await Broker.connect(settings(overrides), keptLog().log).then(
    () => expect.unreachable('it connected'),
    (error: unknown) => error,
  );
  if (!(failure instanceof HeadraceError)) throw failure;
  expect(failure.message).toMatch(/^Cannot connect: .*\.$/);
  expect(failure.message).not.toContain('\n');
  return failure;
}

describe('connecting', () => {
  test('where nobody listens', async () => {
    const brokers = [await listen(() => undefined)];
    servers.pop()?.close();
    const failure = await failureOf({ brokers });
    expect(failure.code).toBe('KAFKA_UNREACHABLE');
    expect(failure.message).toContain(`Kafka at ${brokers[0]} does not answer`);
    expect(failure.message).toContain('start it or correct KAFKA_BROKERS');
  });

  test('to a name that does not exist', async () => {
    const failure = await failureOf({ brokers: ['broker.invalid:9092'] });
    expect(failure.code).toBe('KAFKA_UNREACHABLE');
  });

  test('without TLS to a port that hangs up on plain text', async () => {
    const failure = await failureOf({ brokers: [await listen((socket) => socket.on('data', () => socket.end()))] });
    expect(failure.code).toBe('KAFKA_UNREACHABLE');
    expect(failure.message).toContain('or set KAFKA_TLS');
  });

  test('with TLS to a port that speaks plain text', async () => {
    const failure = await failureOf({ tls: {} });
    expect(failure.code).toBe('KAFKA_TLS');
    expect(failure.message).toContain('KAFKA_TLS');
  });

  test('with a CA file that is not there', async () => {
    await expect(Broker.connect(settings({ tls: { caFile: '/nowhere/ca.pem' } }), keptLog().log)).rejects.toMatchObject(
      {
        code: 'KAFKA_TLS',
        message: expect.stringContaining('KAFKA_TLS_CA_FILE cannot be read'),
      },
    );
  });

  test('with a login to a broker that takes none', async () => {
    const sasl = { mechanism: 'plain', username: 'rater', password: 'secret' } as const;
    const failure = await failureOf({ sasl });
    expect(failure.code).toBe('KAFKA_AUTHENTICATION');
    expect(failure.message).toContain('correct KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD');
    expect(JSON.stringify([failure.message, failure.context])).not.toContain('secret');
  });
});

describe('what is ours', () => {
  const place = { brokers: ['b:1'], clientId: 'c', topicPrefix: '' };

  test('stays as it is', () => {
    const ours = new HeadraceError('OFFSET_GONE', 'x');
    expect(kafkaError(ours, 'read', place)).toBe(ours);
    const fault = new TypeError('undefined is not a function');
    expect(kafkaError(fault, 'read', place)).toBe(fault);
  });
});
