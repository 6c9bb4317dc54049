/**
 * The text of `server.properties`: one node that is broker and controller, on loopback, with what Headrace needs
 * (16 MiB messages, no automatic topics) and otherwise Kafka's defaults, so that what works here works elsewhere.
 */

export interface KafkaPlaces {
  readonly dataDir: string;
  readonly brokerPort: number;
  readonly controllerPort: number;
}

const MESSAGE_BYTES_MAX = String(16 * 1024 * 1024);

/** Where the broker listens, of a node that is broker and controller in one. */
export function listenerProperties(places: Omit<KafkaPlaces, 'dataDir'>): Record<string, string> {
  const { brokerPort, controllerPort } = places;
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    // Named here and not in the formatted data, so that the data can be started again on other ports.
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${brokerPort},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${brokerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
  };
}

/** What every one-node broker of ours is told, embedded or in Docker. */
export const brokerProperties: Readonly<Record<string, string>> = {
  'num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '8',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  // Tests of a lost consumer would wait 6 s for each otherwise.
  'group.min.session.timeout.ms': '1000',
  'auto.create.topics.enable': 'false',
  'message.max.bytes': MESSAGE_BYTES_MAX,
  'replica.fetch.max.bytes': MESSAGE_BYTES_MAX,
  // The default of 128 MiB is a quarter of the heap that the broker gets.
  'log.cleaner.dedupe.buffer.size': '33554432',
  'log.segment.delete.delay.ms': '1000',
};

/** The whole file for one embedded broker. */
export function serverProperties(places: KafkaPlaces): string {
  const dataDir = { 'log.dirs': places.dataDir.replaceAll('\\', '/') };
  return Object.entries({ ...listenerProperties(places), ...dataDir, ...brokerProperties })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
