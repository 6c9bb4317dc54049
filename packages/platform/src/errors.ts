/**
 * The registry of operating errors. An operating error is expected to happen some day (a server is away, a setting is
 * wrong, a partition met a gap): it has a stable code, a sentence that names place and cure, and an action.
 *
 * Invariants:
 * 1. Every code of this list stands in docs/errors.md with the same action, and no other (test/errors.test.ts).
 * 2. A code is never reused for another meaning and never renamed; new ones are appended.
 *
 * Codes of suspended and rejected events (SIM_UNKNOWN, ...) are data, not errors, and do not stand here.
 */

/** retry: the same call again later may succeed. park: this item goes aside, the next goes on. stop: a person is needed. */
export type ErrorAction = 'retry' | 'park' | 'stop';

interface ErrorEntry {
  readonly action: ErrorAction;
  /** What happened and what to do, for docs/errors.md. */
  readonly doc: string;
}

const entries = {
  CONFIG_INVALID: {
    action: 'stop',
    doc: 'A setting is missing or has a value that cannot be used. Correct the variable that is named.',
  },
  HTTP_PORT_IN_USE: {
    action: 'stop',
    doc: 'Another process listens on HTTP_PORT. Choose another port, or 0 for a free one.',
  },
  HTTP_LISTEN_FAILED: {
    action: 'stop',
    doc: 'The address for metrics and health cannot be opened. Correct HTTP_HOST and HTTP_PORT.',
  },
  STOP_TIMEOUT: {
    action: 'stop',
    doc: 'A service did not drain within its limit and was ended. Nothing is lost: the next start repeats the open work.',
  },

  KAFKA_UNREACHABLE: {
    action: 'retry',
    doc: 'No broker of KAFKA_BROKERS answers. Start Kafka or correct the addresses.',
  },
  KAFKA_AUTHENTICATION: {
    action: 'stop',
    doc: 'Kafka refused the credentials. Correct KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD.',
  },
  KAFKA_AUTHORIZATION: {
    action: 'stop',
    doc: 'The Kafka user may not do this. Give it the right to the topic or group that is named.',
  },
  KAFKA_TLS: { action: 'stop', doc: 'The TLS connection to Kafka failed. Correct KAFKA_TLS and KAFKA_TLS_CA_FILE.' },
  KAFKA_SEND_FAILED: {
    action: 'retry',
    doc: 'A send was not acknowledged. It is repeated with a new producer; readers know a repeated block by its identity.',
  },
  KAFKA_FAILED: { action: 'retry', doc: 'A request to Kafka failed for the reason that is named.' },
  TOPIC_MISSING: {
    action: 'stop',
    doc: 'A topic does not exist. Start the service that creates it, or create it as schemas/README.md says.',
  },
  TOPIC_PARTITIONS: {
    action: 'stop',
    doc: 'A topic has another number of partitions than the configuration says. Correct the configuration or start a new generation.',
  },
  MESSAGE_OVERSIZED: {
    action: 'stop',
    doc: 'A message is larger than the broker takes. Raise max.message.bytes of the topic.',
  },
  OFFSET_GONE: {
    action: 'stop',
    doc: 'The log begins beyond the offset that is needed: messages were deleted before they were read. Raise the retention; restore them or accept the loss in words.',
  },
  OFFSET_BEYOND_END: {
    action: 'stop',
    doc: 'The offset that is needed lies beyond the end of the log: the topic was made anew or lost data.',
  },
  CHECKPOINT_BROKEN: {
    action: 'stop',
    doc: 'A checkpoint has missing or damaged chunks. An earlier one is used where there is one.',
  },

  CLICKHOUSE_UNREACHABLE: {
    action: 'retry',
    doc: 'CLICKHOUSE_URL does not answer. Start ClickHouse or correct the address; work waits until it is back.',
  },
  CLICKHOUSE_AUTHENTICATION: {
    action: 'stop',
    doc: 'ClickHouse refused the credentials. Correct CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.',
  },
  CLICKHOUSE_TLS: {
    action: 'stop',
    doc: 'The TLS connection to ClickHouse failed. Correct CLICKHOUSE_URL and CLICKHOUSE_TLS_CA_FILE.',
  },
  CLICKHOUSE_OVERLOADED: {
    action: 'retry',
    doc: 'ClickHouse has no room for the request now (memory, parts or queries). It is repeated.',
  },
  CLICKHOUSE_QUERY: { action: 'stop', doc: 'ClickHouse refused a statement; its own code and message follow.' },
  MIGRATION_FAILED: {
    action: 'stop',
    doc: 'A migration of schemas/clickhouse did not go through, or one that was applied has been changed since.',
  },
  CLICKHOUSE_SCHEMA: {
    action: 'stop',
    doc: 'The database or a table is missing or older than the program. Run `npx headrace init`, or correct CLICKHOUSE_DATABASE.',
  },

  REGISTRY_UNREACHABLE: {
    action: 'retry',
    doc: 'SCHEMA_REGISTRY_URL does not answer. Start the registry or correct the address.',
  },
  SCHEMA_NOT_FOUND: {
    action: 'stop',
    doc: 'A schema file or id is not known. Register the writer schema or correct the manifest.',
  },

  BLOCK_MALFORMED: { action: 'park', doc: 'A message is no block: its container file or header cannot be read.' },
  BLOCK_DIGEST: {
    action: 'stop',
    doc: 'A block does not have the digest that its header says. It is fetched anew; the same bytes twice stop the partition.',
  },
  BLOCK_GAP: {
    action: 'stop',
    doc: 'A block begins beyond what has been covered: blocks before it are missing. The partition waits; send the missing blocks again.',
  },
  BLOCK_BREACH: {
    action: 'stop',
    doc: 'A block covers what was covered before, with other contents or bounds: determinism is broken. Do not skip; compare the two blocks.',
  },
  FOLD_VERSION: {
    action: 'stop',
    doc: 'The version of the fold in force is another than this program has. Deploy the version that is named.',
  },
  REFERENCE_INVALID: {
    action: 'stop',
    doc: 'A fact of the reference log cannot be accepted. Correct it at the path that is named.',
  },
  PRICE_BOOK_INVALID: {
    action: 'stop',
    doc: 'A price book has errors. Correct them at the paths that are named; nothing of the book is used.',
  },
  PLAN_CONFLICT: { action: 'retry', doc: 'Another guide wrote a plan first. This one executes it and plans again.' },
  CONTROL_MALFORMED: { action: 'park', doc: 'A record of assurance.controls cannot be read.' },
  ACTION_UNKNOWN: { action: 'park', doc: 'The service has no action of that name. GET / lists what it offers.' },

  SERVER_MISSING: {
    action: 'stop',
    doc: 'A server that is needed is neither given by the environment nor can be started here. The sentence says what to install.',
  },
  SERVER_START_FAILED: { action: 'stop', doc: 'An embedded server did not come up; the end of its log follows.' },
  SERVER_PORT_IN_USE: {
    action: 'stop',
    doc: 'The port that an embedded server was given is in use. Stop what listens there or give another port.',
  },
  SERVER_DOWNLOAD_FAILED: {
    action: 'stop',
    doc: 'The files of an embedded server could not be fetched. Check the way to Maven Central or name a mirror.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** A stable code. */
export type ErrorCode = keyof typeof entries;

/** Code to action and documentation. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorEntry>> = entries;

/** An operating error. The message is one sentence that names place and cure; a user sees it without a stack. */
export class HeadraceError extends Error {
  override readonly name = 'HeadraceError';
  readonly code: ErrorCode;
  readonly action: ErrorAction;
  /** What helps to find it: partition, offset, variable. Never a secret. */
  readonly context: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly context?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.action = ERRORS[code].action;
    this.context = options.context ?? {};
  }
}

/** The message of anything that was thrown, without a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
