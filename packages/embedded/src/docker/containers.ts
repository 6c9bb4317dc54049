/**
 * Kafka and ClickHouse as containers of an engine that answers, through `testcontainers`. Its reaper removes them when
 * the starter is gone, however it went.
 */
import { HeadraceError, messageOf } from '@headrace/platform';
import { freePorts } from '../free-port.ts';
import { brokerProperties, listenerProperties } from '../kafka/properties.ts';

/** The images; docker-compose.yml names the same (test/docker.test.ts). */
export const KAFKA_IMAGE = 'apache/kafka:4.1.1';
export const CLICKHOUSE_IMAGE = 'clickhouse/clickhouse-server:25.8';

const READY_MS_MAX = 180_000;
const CONTAINER_BROKER_PORT = 9092;
const CONTAINER_CONTROLLER_PORT = 9093;
const CLICKHOUSE_HTTP_PORT = 8123;
const CLICKHOUSE_USER = 'headrace';
const CLICKHOUSE_PASSWORD = 'headrace';

export interface KafkaContainer {
  readonly brokers: string;
  stop(): Promise<void>;
}

export interface ClickHouseContainer {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  stop(): Promise<void>;
}

/** The environment of Kafka's own image: each property by its name in capitals, dots as underscores. */
export function kafkaContainerEnvironment(host: string, port: number): Record<string, string> {
  const properties: Record<string, string> = {
    ...listenerProperties({ brokerPort: CONTAINER_BROKER_PORT, controllerPort: CONTAINER_CONTROLLER_PORT }),
    ...brokerProperties,
    listeners: `PLAINTEXT://0.0.0.0:${CONTAINER_BROKER_PORT},CONTROLLER://127.0.0.1:${CONTAINER_CONTROLLER_PORT}`,
    // Clients come from outside the container, so the broker must name the port that the engine publishes.
    'advertised.listeners': `PLAINTEXT://${host}:${port}`,
  };
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, value]),
  );
}

/** Starts a broker in a container on a free port of the engine's host. Throws SERVER_START_FAILED. */
export function startKafkaContainer(): Promise<KafkaContainer> {
  return orSayWhy(KAFKA_IMAGE, async () => {
    const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
    const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
    const [port = 0] = await freePorts(1);
    const container = await new GenericContainer(KAFKA_IMAGE)
      .withExposedPorts({ container: CONTAINER_BROKER_PORT, host: port })
      .withEnvironment(kafkaContainerEnvironment(host, port))
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
      .withStartupTimeout(READY_MS_MAX)
      .start();
    return { brokers: `${host}:${port}`, stop: async () => void (await container.stop()) };
  });
}

/** Starts a ClickHouse server in a container. Throws SERVER_START_FAILED. */
export function startClickHouseContainer(): Promise<ClickHouseContainer> {
  return orSayWhy(CLICKHOUSE_IMAGE, async () => {
    const { GenericContainer, Wait } = await import('testcontainers');
    const container = await new GenericContainer(CLICKHOUSE_IMAGE)
      .withExposedPorts(CLICKHOUSE_HTTP_PORT)
      .withEnvironment({ CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT: '1' })
      .withUlimits({ nofile: { soft: 262_144, hard: 262_144 } })
      .withWaitStrategy(Wait.forHttp('/ping', CLICKHOUSE_HTTP_PORT).forStatusCode(200))
      .withStartupTimeout(READY_MS_MAX)
      .start();
    return {
      url: `http://${container.getHost()}:${container.getMappedPort(CLICKHOUSE_HTTP_PORT)}`,
      user: CLICKHOUSE_USER,
      password: CLICKHOUSE_PASSWORD,
      stop: async () => void (await container.stop()),
    };
  });
}

async function orSayWhy<T>(image: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const cure = 'Mend Docker, or set HEADRACE_SERVERS=embedded to do without it.';
    const text = `The container of ${image} did not start: ${messageOf(error)}. ${cure}`;
    throw new HeadraceError('SERVER_START_FAILED', text, { cause: error });
  }
}
