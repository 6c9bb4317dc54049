/** Assurance as a service: intake, rounds of checks at their intervals and on demand, health and metrics. */
import { HeadraceError, type Health, type Metrics, type Service } from '@headrace/platform';
import type { OrderedProducer } from '@headrace/stream';
import { Checker } from './checker.ts';
import type { ReconcileLimits } from './findings.ts';
import { type AssuranceRoom, Intake, type IntakeOptions } from './intake.ts';
import { repeat } from './schedule.ts';

export interface AssuranceOptions extends IntakeOptions, ReconcileLimits {
  readonly liveIntervalMs: number;
  readonly storedIntervalMs: number;
}

export async function startAssurance(
  room: AssuranceRoom,
  producer: OrderedProducer,
  options: AssuranceOptions,
  metrics: Metrics,
): Promise<Service> {
  const intake = await Intake.start(room, options);
  const checker = new Checker(room, producer, options);
  const stopping = new AbortController();
  const signal = AbortSignal.any([room.signal, stopping.signal]);
  const failed = (error: unknown) => {
    if (!(error instanceof HeadraceError)) throw error;
    room.meters.waited(error.code);
    room.log.warn('a round of checks failed, the next will try again', { error });
  };
  const rounds = Promise.all([
    repeat(options.liveIntervalMs, signal, () => checker.check(['live']), failed),
    repeat(options.storedIntervalMs, signal, () => checker.check(['stored']), failed),
  ]);
  addGauges(metrics, intake, options.queueBytesMax);
  return {
    name: 'assurance',
    health: () => healthOf(room, intake, checker),
    actions: { check: () => checker.check(['live', 'stored']), 'check-live': () => checker.check(['live']) },
    async stop() {
      stopping.abort();
      await rounds;
      await intake.stop();
    },
  };
}

function addGauges(metrics: Metrics, intake: Intake, queueBytesMax: number): void {
  metrics.gauge('assurance_lag_records', 'Messages not yet taken in.', ['partition'], (gauge) => {
    gauge.reset();
    for (const [partition, records] of intake.lag()) gauge.set({ partition }, records);
  });
  metrics.gauge('assurance_stopped_partitions', 'Partitions that a failure stopped.', [], (gauge) => {
    gauge.set(intake.stopped().length);
  });
  metrics.gauge('assurance_queue_bytes_max', 'Limit of the queue of one partition.').set(queueBytesMax);
}

/** Findings do not make the service itself unhealthy: it does its work. */
function healthOf({ meters }: AssuranceRoom, intake: Intake, checker: Checker): Health {
  const lag = [...intake.lag().values()].reduce((sum, records) => sum + records, 0);
  const stopped = intake.stopped();
  const stalled = meters.progress.stalled(lag);
  const { waiting, open } = checker.last;
  return {
    ok: stopped.length === 0 && !stalled,
    detail: { lagRecords: lag, reports: meters.progress.finished, stalled, stopped, waiting, findings: open.length },
  };
}
