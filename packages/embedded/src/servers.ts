/**
 * Chooses the servers to work with, each by itself: the one that the environment names, else one in Docker where an
 * engine answers, else an embedded one. What was chosen is said in one line each.
 *
 * HEADRACE_SERVERS=embedded leaves Docker out; HEADRACE_SERVERS=docker insists on it; unset or `auto` chooses.
 */
import { join } from 'node:path';
import { HeadraceError } from '@headrace/platform';
import { startClickHouse } from './clickhouse/index.ts';
import { startClickHouseContainer, startKafkaContainer } from './docker/containers.ts';
import { dockerAnswers } from './docker/engine.ts';
import { startKafka } from './kafka/index.ts';

export type ServerKind = 'environment' | 'docker' | 'embedded';

export interface ChosenKafka {
  readonly kind: ServerKind;
  /** As in KAFKA_BROKERS. */
  readonly brokers: string;
  /** Process id of an embedded broker. */
  readonly pid?: number;
}

export interface ChosenClickHouse {
  readonly kind: ServerKind;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Process id of an embedded server. */
  readonly pid?: number;
}

export interface Servers {
  readonly kafka: ChosenKafka;
  readonly clickhouse: ChosenClickHouse;
  /** What a child process needs in its environment, beside this process's own, to use these servers. */
  readonly env: Readonly<Record<string, string>>;
  /** Stops what was started here, and nothing that the environment named. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Takes one line for people at a time. */
  readonly log: (line: string) => void;
  /** Where embedded servers keep their data between runs; without it temporary folders. */
  readonly dir?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
}

interface Started<T> {
  readonly server: T;
  stop(): Promise<void>;
}

/** Starts what is not there. Throws the errors of `startKafka` and `startClickHouse`; then nothing is left running. */
export async function chooseServers(options: ServerOptions): Promise<Servers> {
  const env = options.environment ?? process.env;
  const needed = !env.KAFKA_BROKERS || !env.CLICKHOUSE_URL;
  const kind = needed ? await kindOfMissing(env) : 'environment';
  const begun = await Promise.allSettled([chooseKafka(env, kind, options), chooseClickHouse(env, kind, options)]);
  const [kafka, clickhouse] = begun;
  const stop = async () => {
    await Promise.all(begun.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  };
  if (kafka.status === 'rejected' || clickhouse.status === 'rejected') {
    await stop();
    throw kafka.status === 'rejected' ? kafka.reason : clickhouse.status === 'rejected' ? clickhouse.reason : undefined;
  }
  const chosen = { kafka: kafka.value.server, clickhouse: clickhouse.value.server };
  options.log(`Kafka: ${chosen.kafka.kind}, ${chosen.kafka.brokers}`);
  options.log(`ClickHouse: ${chosen.clickhouse.kind}, ${withoutPassword(chosen.clickhouse.url)}`);
  return { ...chosen, env: childEnvironment(chosen.kafka, chosen.clickhouse), stop };
}

/** How a server comes about that the environment does not name. */
async function kindOfMissing(env: NodeJS.ProcessEnv): Promise<'docker' | 'embedded'> {
  const wish = env.HEADRACE_SERVERS || 'auto';
  if (wish === 'embedded') return 'embedded';
  if (wish !== 'auto' && wish !== 'docker') {
    throw new HeadraceError('CONFIG_INVALID', `HEADRACE_SERVERS is "${wish}"; it takes auto, docker or embedded.`);
  }
  if (await dockerAnswers(env)) return 'docker';
  if (wish === 'auto') return 'embedded';
  const text = 'HEADRACE_SERVERS is docker, but no Docker engine answers. Start Docker, or unset the variable.';
  throw new HeadraceError('SERVER_MISSING', text);
}

async function chooseKafka(
  env: NodeJS.ProcessEnv,
  kind: ServerKind,
  options: ServerOptions,
): Promise<Started<ChosenKafka>> {
  if (env.KAFKA_BROKERS) return { server: { kind: 'environment', brokers: env.KAFKA_BROKERS }, stop: nothing };
  if (kind === 'docker') {
    const { brokers, stop } = await startKafkaContainer();
    return { server: { kind, brokers }, stop };
  }
  const dir = options.dir === undefined ? undefined : join(options.dir, 'kafka');
  const { brokers, pid, stop } = await startKafka({ dir, log: options.log });
  return { server: { kind: 'embedded', brokers, pid }, stop };
}

async function chooseClickHouse(
  env: NodeJS.ProcessEnv,
  kind: ServerKind,
  options: ServerOptions,
): Promise<Started<ChosenClickHouse>> {
  if (env.CLICKHOUSE_URL) {
    const user = env.CLICKHOUSE_USER || 'default';
    const password = env.CLICKHOUSE_PASSWORD ?? '';
    return { server: { kind: 'environment', url: env.CLICKHOUSE_URL, user, password }, stop: nothing };
  }
  if (kind === 'docker') {
    const { stop, ...server } = await startClickHouseContainer();
    return { server: { kind, ...server }, stop };
  }
  const dir = options.dir === undefined ? {} : { dir: join(options.dir, 'clickhouse') };
  // What it says while it starts is said below; what it says later is trouble.
  let started = false;
  const { url, pid, stop } = await startClickHouse({ ...dir, log: (line) => started && options.log(line) });
  started = true;
  return { server: { kind: 'embedded', url, user: 'default', password: '', pid }, stop };
}

async function nothing(): Promise<void> {}

/**
 * A server that the environment named is reached with the environment's own credentials. One of ours has none, and
 * those that may stand in the environment for another server must not be offered to it.
 */
function childEnvironment(kafka: ChosenKafka, clickhouse: ChosenClickHouse): Record<string, string> {
  const env: Record<string, string> = { KAFKA_BROKERS: kafka.brokers, CLICKHOUSE_URL: clickhouse.url };
  if (kafka.kind !== 'environment') {
    for (const name of ['SASL_MECHANISM', 'USERNAME', 'PASSWORD', 'TLS', 'TLS_CA_FILE']) env[`KAFKA_${name}`] = '';
  }
  if (clickhouse.kind !== 'environment') {
    env.CLICKHOUSE_USER = clickhouse.user;
    env.CLICKHOUSE_PASSWORD = clickhouse.password;
    env.CLICKHOUSE_TLS_CA_FILE = '';
  }
  return env;
}

/** A URL fit for a terminal: credentials in it are not shown. */
function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/$/, '');
}
