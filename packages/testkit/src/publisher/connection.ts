/** How the publisher reaches Kafka: from the environment to the options of its client. */
import { readFileSync } from 'node:fs';
import { HeadraceError, readConfig, z } from '@headrace/platform';
import { Producer, type ProducerOptions } from '@platformatic/kafka';
import type { Compression, KafkaConnection } from '../contract.ts';

const environmentSchema = z
  .object({
    KAFKA_BROKERS: z.string().min(1),
    KAFKA_CLIENT_ID: z.string().default('headrace-publisher'),
    KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
    KAFKA_USERNAME: z.string().optional(),
    KAFKA_PASSWORD: z.string().optional(),
    KAFKA_TLS: z.enum(['true', 'false']).default('false'),
    KAFKA_TLS_CA_FILE: z.string().optional(),
  })
  .refine((given) => given.KAFKA_SASL_MECHANISM === undefined || given.KAFKA_USERNAME !== undefined, {
    path: ['KAFKA_USERNAME'],
    message: 'is required where KAFKA_SASL_MECHANISM is set',
  });

/** Reads KAFKA_BROKERS, KAFKA_CLIENT_ID, KAFKA_SASL_MECHANISM, KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_TLS, KAFKA_TLS_CA_FILE. */
export function kafkaConnectionFromEnvironment(environment: NodeJS.ProcessEnv = process.env): KafkaConnection {
  const given = readConfig(environmentSchema, environment);
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_TLS_CA_FILE: caFile } = given;
  return {
    brokers: given.KAFKA_BROKERS.split(',').map((broker) => broker.trim()),
    clientId: given.KAFKA_CLIENT_ID,
    ...(mechanism === undefined
      ? {}
      : { sasl: { mechanism, username: given.KAFKA_USERNAME ?? '', password: given.KAFKA_PASSWORD ?? '' } }),
    ...(given.KAFKA_TLS === 'true' ? { tls: caFile === undefined ? {} : { caFile } } : {}),
  };
}

const saslNames = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const;

export type RawProducer = Producer<Buffer, Buffer, Buffer, Buffer>;

/**
 * Idempotent: a send that is repeated after a lost acknowledgement leaves no second copy, so what was published can be
 * held against what was received to the last event.
 */
export function createProducer(connection: KafkaConnection, compression: Compression): RawProducer {
  const options: ProducerOptions<Buffer, Buffer, Buffer, Buffer> = {
    clientId: connection.clientId ?? 'headrace-publisher',
    bootstrapBrokers: [...connection.brokers],
    idempotent: true,
    compression,
    retries: 5,
    retryDelay: 500,
    connectTimeout: 5_000,
    ...(connection.sasl === undefined
      ? {}
      : {
          sasl: {
            mechanism: saslNames[connection.sasl.mechanism],
            username: connection.sasl.username,
            password: connection.sasl.password,
          },
        }),
    ...(connection.tls === undefined ? {} : { tls: readTls(connection.tls) }),
  };
  return new Producer(options);
}

function readTls(tls: { readonly caFile?: string }): { readonly ca?: Buffer } {
  if (tls.caFile === undefined) return {};
  try {
    return { ca: readFileSync(tls.caFile) };
  } catch (cause) {
    const message = `KAFKA_TLS_CA_FILE ${tls.caFile} cannot be read; name a file with the certificate in PEM form.`;
    throw new HeadraceError('CONFIG_INVALID', message, { cause });
  }
}
