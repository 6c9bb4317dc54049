import { describe, expect, it } from 'vitest';
import { kafkaContainerEnvironment } from '../../src/docker/containers.ts';

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
