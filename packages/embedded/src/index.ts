/** Real servers on a machine that has none: the embedded Kafka broker, the embedded ClickHouse, and the choice of servers. */
export { type KafkaOptions, type RunningKafka, startKafka } from './kafka/index.ts';
