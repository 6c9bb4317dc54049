/** Starts the stages as their own `main.ts` does, each in a simulated process, with limits small enough to matter. */
import { AggregatorMeters, startAggregator } from '@headrace/aggregator';
import { AssuranceMeters, startAssurance } from '@headrace/assurance';
import { startGuideOver } from '@headrace/guide/guide';
import { LoaderMeters, startLoader } from '@headrace/loader';
import { createLogger, Gate, type Logger, Metrics, type Service } from '@headrace/platform';
import { Lanes } from '@headrace/rater/lanes';
import { startRaterOver } from '@headrace/rater/rater';
import { Broker } from '@headrace/stream';
import type { LogCluster } from '../log/log-cluster.ts';
import { SimulatedTransport } from '../log/transport.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import { StoreClient } from '../store/store-client.ts';
import type { Network } from '../world/network.ts';
import type { SimulatedProcess, World } from '../world/world.ts';
import { InlineLane } from './inline-lane.ts';

export const STAGES = ['guide', 'rater', 'loader', 'aggregator', 'assurance'] as const;
export type StageName = (typeof STAGES)[number];

export interface Room {
  readonly world: World;
  readonly network: Network;
  readonly cluster: LogCluster;
  readonly store: SimulatedStore;
  readonly checkpointIntervalMs: number;
}

interface Shell {
  readonly owner: SimulatedProcess;
  readonly broker: Broker;
  readonly store: StoreClient;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

const STALL_MS = 60_000;
const QUEUE_BYTES_MAX = 65_536;
const GENERATION = 1;
const PLAN_EVENTS_MAX = 14;

/** Must be called inside of the process. */
export async function startStage(
  name: StageName,
  room: Room,
  owner: SimulatedProcess,
  signal: AbortSignal,
): Promise<Service> {
  const log = createLogger(owner.name, {
    level: 'info',
    readable: true,
    write: (line) => room.world.trace.add(line.slice(13)),
  });
  const broker = await Broker.over(new SimulatedTransport(room.cluster, room.network, owner), log);
  const store = new StoreClient(room.store, room.network, owner);
  return START[name]({ owner, broker, store, log, metrics: new Metrics(), signal }, room);
}

const START: Readonly<Record<StageName, (shell: Shell, room: Room) => Promise<Service>>> = {
  guide: ({ broker, log, metrics, signal }, { world }) =>
    startGuideOver(broker, {
      registryUrl: undefined,
      rules: { receiptTime: 'log', horizonDays: 45, futureToleranceMinutes: 60 },
      // Each instance has its own, as in a deployment under way: two guides then seldom plan alike.
      limits: { eventsMax: 1 + world.random.below(PLAN_EVENTS_MAX), bytesMax: 1_000_000 },
      queueBytesMax: 1_000_000,
      stallMs: STALL_MS,
      log,
      metrics,
      signal,
    }),
  rater: ({ broker, owner, log, metrics, signal }, { world, checkpointIntervalMs }) =>
    startRaterOver(broker, new Lanes([new InlineLane(world, owner)]), {
      checkpointIntervalMs,
      stallMs: STALL_MS,
      log,
      metrics,
      signal,
    }),
  loader: async ({ broker, store, log, metrics, signal }) => {
    const producer = broker.producer();
    const meters = new LoaderMeters(metrics, STALL_MS);
    const loaderRoom = { broker, producer, store, meters, log, signal, inserts: new Gate(2) };
    const options = { generation: GENERATION, group: 'headrace-loader', queueBytesMax: QUEUE_BYTES_MAX };
    return closing(await startLoader(loaderRoom, options, metrics), broker);
  },
  aggregator: async ({ broker, log, metrics, signal }) => {
    const producer = broker.producer();
    const meters = new AggregatorMeters(metrics, STALL_MS);
    const options = { group: 'headrace-aggregator', queueBytesMax: QUEUE_BYTES_MAX };
    const aggregatorRoom = { broker, producer, meters, generation: GENERATION, log, signal };
    return closing(await startAggregator(aggregatorRoom, options, metrics), broker);
  },
  assurance: async ({ broker, store, log, metrics, signal }) => {
    const producer = broker.producer();
    const meters = new AssuranceMeters(metrics, STALL_MS);
    const options = {
      group: 'headrace-assurance',
      generation: GENERATION,
      queueBytesMax: QUEUE_BYTES_MAX,
      liveIntervalMs: 5_000,
      storedIntervalMs: 15_000,
      graceMs: 20_000,
      seenEveryMs: 600_000,
    };
    return closing(await startAssurance({ broker, store, meters, log, signal }, producer, options, metrics), broker);
  },
};

function closing(service: Service, broker: Broker): Service {
  return {
    ...service,
    async stop() {
      await service.stop();
      await broker.close();
    },
  };
}
