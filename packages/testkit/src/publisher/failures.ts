/** Failures of the Kafka client as operating errors: which code, and a sentence that names place and cure. */
import { type ErrorCode, HeadraceError } from '@headrace/platform';
import type { KafkaConnection } from '../contract.ts';

/** What an error and its causes say of themselves, outermost first. */
function* reasons(error: unknown, depth = 0): Generator<Record<string, unknown>> {
  if (typeof error !== 'object' || error === null || depth > 8) return;
  const reason = error as Record<string, unknown>;
  yield reason;
  if (Array.isArray(reason.errors)) for (const inner of reason.errors) yield* reasons(inner, depth + 1);
  yield* reasons(reason.cause, depth + 1);
}

export function kafkaFailure(cause: unknown, connection: KafkaConnection, doing: string): HeadraceError {
  if (cause instanceof HeadraceError) return cause;
  const all = [...reasons(cause)];
  const says = (field: string, pattern: RegExp): boolean =>
    all.some((reason) => pattern.test(String(reason[field] ?? '')));
  const brokers = connection.brokers.join(', ');
  const detail = String(all.at(-1)?.message ?? cause);
  const make = (code: ErrorCode, sentence: string): HeadraceError => new HeadraceError(code, sentence, { cause });
  if (says('code', /AUTHENTICATION/) || says('apiId', /SASL/)) {
    return make(
      'KAFKA_AUTHENTICATION',
      `Kafka at ${brokers} refused the user and password (${detail}); correct KAFKA_USERNAME and KAFKA_PASSWORD.`,
    );
  }
  // The client turns the broker's answer into an error of its own, which has this text alone.
  if (says('apiId', /UNKNOWN_TOPIC/) || says('message', /^Unknown topic /)) {
    return make(
      'TOPIC_MISSING',
      `Cannot ${doing}: the topic or a partition of it does not exist at ${brokers}; start the services first.`,
    );
  }
  if (says('apiId', /TOO_LARGE/)) {
    return make(
      'MESSAGE_OVERSIZED',
      `Cannot ${doing}: a message is larger than the topic takes; raise its max.message.bytes.`,
    );
  }
  if (says('code', /^(ERR_SSL|UNABLE_TO|DEPTH_|SELF_SIGNED|CERT_)/)) {
    return make(
      'KAFKA_TLS',
      `The TLS connection to Kafka at ${brokers} failed (${detail}); correct KAFKA_TLS_CA_FILE.`,
    );
  }
  if (says('code', /NETWORK|TIMEOUT|ECONN|ENOTFOUND|EAI_AGAIN/)) {
    return make(
      'KAFKA_UNREACHABLE',
      `Kafka does not answer at ${brokers} (${detail}); start it or correct KAFKA_BROKERS.`,
    );
  }
  return make('KAFKA_FAILED', `Cannot ${doing}: ${detail}.`);
}
