/**
 * Starts the pipeline as its users run it: `headrace init` once, then each service as a process with an environment of
 * its own. Where servers are not ours, everything has a name of this run alone, so that nothing of others is touched.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Servers } from '@headrace/embedded';
import { memoryEnvironment } from '@headrace/platform';
import type { Child } from './child.ts';
import type { Crew } from './crew.ts';
import type { DemoOptions } from './options.ts';
import { SERVICES, type ServiceName } from './readings.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DATABASE = 'headrace';

/** Where this run's topics and tables are. */
export interface Place {
  /** Empty on a broker of our own. */
  readonly topicPrefix: string;
  readonly database: string;
}

export function choosePlace(servers: Pick<Servers, 'kafka' | 'clickhouse'>): Place {
  const run = randomBytes(4).toString('hex');
  return {
    topicPrefix: servers.kafka.kind === 'environment' ? `demo-${run}.` : '',
    database: servers.clickhouse.kind === 'environment' ? `headrace_demo_${run}` : DATABASE,
  };
}

/** What every process of the demo gets. */
export function environmentOf(servers: Pick<Servers, 'env'>, place: Place, options: DemoOptions): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...memoryEnvironment(process.env),
    ...servers.env,
    TOPIC_PREFIX: place.topicPrefix,
    CLICKHOUSE_DATABASE: place.database,
    HTTP_PORT: '0',
    HTTP_HOST: '127.0.0.1',
    // The workload brings its own receipt times; without them an event's fate would depend on today's date.
    RECEIPT_TIME: 'header',
    RATER_THREADS: String(options.threads),
    // A generation or registry of the user's own has no meaning on the demo's topics.
    GENERATION: '1',
    SCHEMA_REGISTRY_URL: '',
    HEADRACE_PARENT_PIPE: '',
  };
}

/** Creates topics and tables. @throws DemoFailure */
export function initialise(crew: Crew, env: NodeJS.ProcessEnv, options: DemoOptions, logs: string): Promise<void> {
  const partitions = String(options.partitions);
  return crew.run({
    name: 'headrace init',
    script: join(ROOT, 'services/cli/src/main.ts'),
    args: ['init', '--raw-partitions', partitions, '--guided-partitions', partitions],
    env,
    logFile: join(logs, 'init.log'),
  });
}

export interface RunningService {
  readonly process: Child;
  /** Of /metrics and /health on 127.0.0.1. */
  readonly port: number;
}

export type RunningServices = Readonly<Record<ServiceName, RunningService>>;

/** Starts all services and resolves when each says that it is ready. @throws DemoFailure */
export async function startServices(crew: Crew, env: NodeJS.ProcessEnv, logs: string): Promise<RunningServices> {
  const start = async (name: ServiceName): Promise<RunningService> => {
    const script = join(ROOT, `services/${name}/src/main.ts`);
    const process = crew.start({ name: `the ${name}`, script, env, logFile: join(logs, `${name}.log`) });
    return { process, port: await crew.guard(process.ready()) };
  };
  const [guide, rater, loader, aggregator, assurance] = await Promise.all([
    start(SERVICES[0]),
    start(SERVICES[1]),
    start(SERVICES[2]),
    start(SERVICES[3]),
    start(SERVICES[4]),
  ]);
  return { guide, rater, loader, aggregator, assurance };
}
