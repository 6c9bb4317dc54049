import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  kafkaContainerEnvironment,
  startClickHouseContainer,
  startKafkaContainer,
} from '../../src/docker/containers.ts';

describe('kafkaContainerEnvironment', () => {
  it('names each property as the image wants it, and the address that clients outside reach', () => {
    const environment = kafkaContainerEnvironment('engine.example', 12345);
    expect(environment).toMatchObject({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: 'PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093',
      KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://engine.example:12345',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@127.0.0.1:9093',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_MESSAGE_MAX_BYTES: '16777216',
    });
    for (const name of Object.keys(environment)) expect(name).toMatch(/^KAFKA_[A-Z_]+$/);
  });
});

describe('a container that cannot be started', () => {
  const kept = process.env.DOCKER_HOST;
  beforeEach(() => {
    process.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
  });
  afterEach(() => {
    if (kept === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = kept;
  });

  it.each([
    ['apache/kafka', startKafkaContainer],
    ['clickhouse/clickhouse-server', startClickHouseContainer],
  ])('%s says why and what to do', async (image, start) => {
    await expect(start()).rejects.toMatchObject({
      code: 'SERVER_START_FAILED',
      message: expect.stringMatching(new RegExp(`^The container of ${image}:.+HEADRACE_SERVERS=embedded`, 's')),
    });
  });
});
