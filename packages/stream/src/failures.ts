/**
 * From what kafkajs throws to our own errors: one sentence each, with place and cure. Anything else stays what it is:
 * a broken invariant is no operating error.
 */
import { type ErrorCode, HeadraceError, messageOf } from '@headrace/platform';
import type { KafkaSettings } from './settings.ts';

/** What a failure of kafkajs may carry; it has no exported type that says so. */
interface KafkaFailure {
  readonly name: string;
  readonly message: string;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly topic?: unknown;
  readonly partition?: unknown;
}

const TLS_FAILURE =
  /^(ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(VERIFY|GET_ISSUER)|EPROTO|HOSTNAME_MISMATCH)/;

const CODE_BY_TYPE: Readonly<Record<string, ErrorCode>> = {
  SASL_AUTHENTICATION_FAILED: 'KAFKA_AUTHENTICATION',
  UNSUPPORTED_SASL_MECHANISM: 'KAFKA_AUTHENTICATION',
  ILLEGAL_SASL_STATE: 'KAFKA_AUTHENTICATION',
  TOPIC_AUTHORIZATION_FAILED: 'KAFKA_AUTHORIZATION',
  GROUP_AUTHORIZATION_FAILED: 'KAFKA_AUTHORIZATION',
  CLUSTER_AUTHORIZATION_FAILED: 'KAFKA_AUTHORIZATION',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'KAFKA_AUTHORIZATION',
  UNKNOWN_TOPIC_OR_PARTITION: 'TOPIC_MISSING',
  INVALID_TOPIC_EXCEPTION: 'TOPIC_MISSING',
  MESSAGE_TOO_LARGE: 'MESSAGE_OVERSIZED',
  RECORD_LIST_TOO_LARGE: 'MESSAGE_OVERSIZED',
};

/** The failure at the bottom: kafkajs wraps what it gave up on. */
export function rootOf(error: unknown): KafkaFailure {
  let current = asFailure(error);
  for (let depth = 0; depth < 10; depth += 1) {
    const inner = current.cause ?? (Array.isArray(current.errors) ? current.errors[0] : undefined);
    if (inner === undefined || inner === null) break;
    current = asFailure(inner);
  }
  return current;
}

/** True for an error of the broker or the way to it; false for a fault of a program. */
export function isKafkaFailure(error: unknown): boolean {
  return asFailure(error).name.startsWith('KafkaJS') || rootOf(error).name.startsWith('KafkaJS');
}

/**
 * The operating error for `error`. `doing` says what was tried, as in "read orders/3"; it begins the sentence.
 * Errors that are ours already, and faults of a program, are returned as they are.
 */
export function kafkaError(error: unknown, doing: string, settings: KafkaSettings): Error {
  if (error instanceof HeadraceError) return error;
  if (!isKafkaFailure(error)) return error instanceof Error ? error : new Error(messageOf(error));
  const root = rootOf(error);
  const code = codeOf(root);
  return new HeadraceError(code, sentence(code, root, doing, settings), { cause: error, context: contextOf(root) });
}

function codeOf(root: KafkaFailure): ErrorCode {
  const type = typeof root.type === 'string' ? root.type : '';
  const known = CODE_BY_TYPE[type];
  if (known !== undefined) return known;
  if (root.name === 'KafkaJSSASLAuthenticationError') return 'KAFKA_AUTHENTICATION';
  if (typeof root.code === 'string' && TLS_FAILURE.test(root.code)) return 'KAFKA_TLS';
  // Node gives this no code: the other side is no TLS port, or it hung up in the handshake.
  if (/secure TLS connection|wrong version number|certificate/i.test(root.message)) return 'KAFKA_TLS';
  if (/^KafkaJS(Connection|RequestTimeout|BrokerNotFound|NoBroker|LockTimeout)/.test(root.name)) {
    return 'KAFKA_UNREACHABLE';
  }
  return 'KAFKA_FAILED';
}

function sentence(code: ErrorCode, root: KafkaFailure, doing: string, settings: KafkaSettings): string {
  const brokers = settings.brokers.join(',');
  const reason = root.message.replace(/^Connection error: /, '').replace(/\.$/, '');
  switch (code) {
    case 'KAFKA_UNREACHABLE':
      return `Cannot ${doing}: Kafka at ${brokers} does not answer (${reason}); start it or correct KAFKA_BROKERS${hint(root, settings)}.`;
    case 'KAFKA_AUTHENTICATION':
      return `Cannot ${doing}: Kafka at ${brokers} refuses the login of ${settings.sasl?.username ?? 'nobody'} (${reason}); correct KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD.`;
    case 'KAFKA_AUTHORIZATION':
      return `Cannot ${doing}: Kafka does not allow it to ${settings.sasl?.username ?? 'this client'} (${reason}); give the user that right.`;
    case 'KAFKA_TLS':
      return `Cannot ${doing}: the TLS connection to Kafka at ${brokers} failed (${reason}); correct KAFKA_TLS, KAFKA_TLS_CA_FILE or the port in KAFKA_BROKERS.`;
    case 'TOPIC_MISSING':
      return `Cannot ${doing}: the topic or partition does not exist; create it as schemas/README.md says, or correct TOPIC_PREFIX.`;
    case 'MESSAGE_OVERSIZED':
      return `Cannot ${doing}: a message is larger than the topic takes (${reason}); raise its max.message.bytes.`;
    default:
      return `Cannot ${doing}: ${reason}; it may succeed when repeated, else look into the broker's log.`;
  }
}

/** A broker that wants TLS or a login just hangs up, so a closed connection gets this hint. */
function hint(root: KafkaFailure, settings: KafkaSettings): string {
  const hungUp = /closed|disconnected|ECONNRESET/i.test(`${root.name} ${root.message}`);
  if (!hungUp) return '';
  const cures = [
    ...(settings.tls === undefined ? ['KAFKA_TLS if the port wants TLS'] : []),
    ...(settings.sasl === undefined ? ['KAFKA_USERNAME and KAFKA_PASSWORD if it wants a login'] : []),
  ];
  return cures.length === 0 ? '' : `, or set ${cures.join(', or ')}`;
}

function contextOf(root: KafkaFailure): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ type: root.type, topic: root.topic, partition: root.partition }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

function asFailure(error: unknown): KafkaFailure {
  return error instanceof Error ? error : { name: 'unknown', message: messageOf(error) };
}
