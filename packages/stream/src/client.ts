/**
 * Makes kafkajs clients with the settings that all of this room relies on, and mends two things of 2.2.4 that are
 * outside any option.
 *
 * Invariants:
 * 1. Nothing of kafkajs reaches the console: its log goes to ours, at debug.
 * 2. No client creates a topic by mentioning it.
 * 3. Every retry option is given: kafkajs changes its defaults with NODE_ENV.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { HeadraceError, type Logger, messageOf } from '@headrace/platform';
import type { Cluster, ISocketFactoryArgs, KafkaConfig, RetryOptions, SASLOptions } from 'kafkajs';
import { registerCompression } from './compression.ts';
import { Kafka, logLevel } from './kafkajs.ts';
import type { KafkaSettings } from './settings.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const AUTHENTICATION_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 60_000;
/** So that new partitions and moved leaders are seen. */
const METADATA_AGE_MS_MAX = 60_000;

/** For single requests: we repeat on our own, at a higher level, where it is known whether repeating is safe. */
const SHORT_RETRY: RetryOptions = {
  retries: 2,
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  factor: 0.2,
  multiplier: 2,
};

export interface ClientFactory {
  readonly settings: KafkaSettings;
  /** A new client; nothing is shared between two of them. */
  create(): InstanceType<typeof Kafka>;
}

/** @throws HeadraceError KAFKA_TLS if the CA file cannot be read. */
export function clientFactory(settings: KafkaSettings, log: Logger): ClientFactory {
  registerCompression();
  mendTimers();
  const kafkaLog = log.child({ client: 'kafkajs' });
  const config: KafkaConfig = {
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: AUTHENTICATION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: SHORT_RETRY,
    socketFactory: openSocket,
    logLevel: logLevel.INFO,
    logCreator:
      () =>
      ({ namespace, label, log: { message, timestamp: _, ...fields } }) =>
        kafkaLog.debug(message, { ...fields, namespace, label }),
    ...(settings.tls === undefined ? {} : { ssl: tlsOptions(settings.tls.caFile) }),
    ...(settings.sasl === undefined ? {} : { sasl: saslOptions(settings.sasl) }),
  };
  return { settings, create: () => new Kafka(config) };
}

/**
 * A connection to the brokers without a consumer group. `Cluster` is a public type that kafkajs hands to partition
 * assigners, which is the one way to it: a consumer that is never run has no group, but it has a cluster.
 */
export interface ClusterLink {
  readonly cluster: Cluster;
  close(): Promise<void>;
}

export async function linkCluster(factory: ClientFactory): Promise<ClusterLink> {
  const holder: { cluster?: Cluster } = {};
  const consumer = factory.create().consumer({
    groupId: 'headrace-unused',
    allowAutoTopicCreation: false,
    metadataMaxAge: METADATA_AGE_MS_MAX,
    retry: SHORT_RETRY,
    partitionAssigners: [
      ({ cluster }) => {
        holder.cluster = cluster;
        return { name: 'none', version: 0, assign: async () => [], protocol: refuseToJoin };
      },
    ],
  });
  const { cluster } = holder;
  if (cluster === undefined) throw new Error('kafkajs did not give its cluster to the assigner');
  await consumer.connect();
  return { cluster, close: () => consumer.disconnect() };
}

export { METADATA_AGE_MS_MAX, SHORT_RETRY };

function refuseToJoin(): never {
  throw new Error('a cluster link never joins a group');
}

/** One literal for each mechanism: kafkajs's type is a union over them. */
function saslOptions({ mechanism, username, password }: NonNullable<KafkaSettings['sasl']>): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
    default: {
      const unknown: never = mechanism;
      return unknown;
    }
  }
}

function tlsOptions(caFile: string | undefined): ConnectionOptions {
  if (caFile === undefined) return {};
  try {
    return { ca: [readFileSync(caFile)] };
  } catch (error) {
    throw new HeadraceError('KAFKA_TLS', `KAFKA_TLS_CA_FILE cannot be read (${messageOf(error)}); correct the path.`, {
      cause: error,
    });
  }
}

/** Like kafkajs's own, but without Nagle's delay: small requests (heartbeats, acknowledged sends) wait for nothing. */
function openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const socket = ssl
    ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
    : connectPlain({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  // kafkajs takes its leave of a socket that never connected many times over, each with a listener that dies with it.
  socket.setMaxListeners(0);
  return socket;
}

interface RequestQueue {
  pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs 2.2.4 sets a timer with a negative time after every response, even when nothing is pending. Node makes that
 * 1 ms and warns on the console, and since the check sets the next one, each connection wakes the process a thousand
 * times a second. With nothing pending there is nothing to check.
 */
function mendTimers(): void {
  const loaded: unknown = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
  if (typeof loaded !== 'function') return;
  const prototype: RequestQueue = loaded.prototype;
  const original = prototype.scheduleCheckPendingRequests;
  if (typeof original !== 'function' || original.name === 'mended') return;
  prototype.scheduleCheckPendingRequests = function mended(this: RequestQueue) {
    if (this.pending.length > 0) original.call(this);
  };
}
