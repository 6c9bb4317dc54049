/** How to reach Kafka: the closed type, and its shape over the environment. Read once, at start. */
import { z } from '@headrace/platform';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** In front of each topic's name and each group's. */
  readonly topicPrefix: string;
  readonly sasl?:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: string;
      }
    | undefined;
  readonly tls?: { readonly caFile?: string | undefined } | undefined;
}

const broker = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:,/]+):\d{1,5}$/, 'must be host:port, several separated by commas');

/** The variables that name a Kafka cluster; see `kafkaSettings` for the closed type. */
export const kafkaSettingsSchema = z.object({
  KAFKA_BROKERS: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(broker).min(1, 'must name at least one host:port'))
    .describe('host:port of some brokers, separated by commas'),
  KAFKA_CLIENT_ID: z
    .string()
    .min(1)
    .default('headrace')
    .describe('how the brokers name this client in their logs and quotas'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('plain, scram-sha-256 or scram-sha-512; plain where only a user is given'),
  KAFKA_USERNAME: z.string().min(1).optional().describe('user for SASL; without it no SASL is used'),
  KAFKA_PASSWORD: z.string().min(1).optional().describe('password of the user'),
  KAFKA_TLS: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('true: connect by TLS'),
  KAFKA_TLS_CA_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file of the certificate authority, where the brokers use one of their own; implies TLS'),
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{0,100}$/, 'may hold letters, digits, dot, underscore and hyphen')
    .default('')
    .describe('in front of the name of each topic and group, so that deployments can share a cluster'),
});

/** The closed settings from what the environment gave. */
export function kafkaSettings(values: z.infer<typeof kafkaSettingsSchema>): KafkaSettings {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = values;
  return {
    brokers: values.KAFKA_BROKERS,
    clientId: values.KAFKA_CLIENT_ID,
    topicPrefix: values.TOPIC_PREFIX,
    sasl: username === undefined ? undefined : { mechanism: mechanism ?? 'plain', username, password: password ?? '' },
    tls: values.KAFKA_TLS || values.KAFKA_TLS_CA_FILE ? { caFile: values.KAFKA_TLS_CA_FILE } : undefined,
  };
}
