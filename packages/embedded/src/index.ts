/** Real servers on a machine that has none: the embedded broker, the embedded ClickHouse, and the choice of servers. */
export { startClickHouse } from './clickhouse/index.ts';
export { type KafkaOptions, type RunningKafka, startKafka } from './kafka/index.ts';
export {
  type ChosenClickHouse,
  type ChosenKafka,
  chooseServers,
  type ServerKind,
  type ServerOptions,
  type Servers,
} from './servers.ts';
