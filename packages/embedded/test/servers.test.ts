import { describe, expect, it } from 'vitest';
import { chooseServers } from '../src/servers.ts';

const nowhere = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

describe('chooseServers', () => {
  it('takes what the environment names, starts nothing, and shows no password', async () => {
    const lines: string[] = [];
    const servers = await chooseServers({
      log: (line) => lines.push(line),
      environment: {
        KAFKA_BROKERS: 'a:9092,b:9092',
        CLICKHOUSE_URL: 'https://someone:hidden@ch.example:8443',
        CLICKHOUSE_USER: 'someone',
        CLICKHOUSE_PASSWORD: 'hidden',
      },
    });
    expect(servers.kafka).toEqual({ kind: 'environment', brokers: 'a:9092,b:9092' });
    expect(servers.clickhouse).toMatchObject({ kind: 'environment', user: 'someone', password: 'hidden' });
    expect(servers.env).toEqual({
      KAFKA_BROKERS: 'a:9092,b:9092',
      CLICKHOUSE_URL: 'https://someone:hidden@ch.example:8443',
    });
    expect(lines).toEqual(['Kafka: environment, a:9092,b:9092', 'ClickHouse: environment, https://ch.example:8443']);
    await servers.stop();
  });

  it('chooses each server by itself, and offers an embedded one no credentials of another', async () => {
    const servers = await chooseServers({
      log: () => undefined,
      environment: { ...nowhere, CLICKHOUSE_URL: 'http://ch.example:8123', KAFKA_PASSWORD: 'of another' },
    });
    try {
      expect(servers.kafka).toMatchObject({ kind: 'embedded', pid: expect.any(Number) });
      expect(servers.env).toMatchObject({
        KAFKA_BROKERS: servers.kafka.brokers,
        KAFKA_PASSWORD: '',
        CLICKHOUSE_URL: 'http://ch.example:8123',
      });
    } finally {
      await servers.stop();
    }
  });

  it('says it when Docker is insisted on and none answers', async () => {
    const environment = { ...nowhere, HEADRACE_SERVERS: 'docker' };
    await expect(chooseServers({ log: () => undefined, environment })).rejects.toMatchObject({
      code: 'SERVER_MISSING',
      message: expect.stringContaining('no Docker engine answers'),
    });
  });

  it('refuses a choice that it does not know', async () => {
    const environment = { ...nowhere, HEADRACE_SERVERS: 'cloud' };
    await expect(chooseServers({ log: () => undefined, environment })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
