/**
 * The publisher as a process of its own, so that making the workload takes no time from the demo's watch: first the
 * reference facts, then, when told to go on, the usage events; after half of them the facts that become known late.
 *
 *   demo → publisher  { job }, later { go: true }
 *   publisher → demo  { facts: PublishFactsReport }, { progress }…, { report, peakRssMiB }
 */
import {
  createWorkload,
  kafkaConnectionFromEnvironment,
  type PublishFactsReport,
  type PublishProgress,
  type PublishReport,
  publish,
  publishFacts,
  type WorkloadOptions,
} from '@headrace/testkit';

export interface PublishJob {
  readonly workload: WorkloadOptions;
  readonly partitions: number;
  readonly topicPrefix: string;
}

export type ToPublisher = { readonly job: PublishJob } | { readonly go: true };

export type FromPublisher =
  | { readonly facts: PublishFactsReport }
  | { readonly progress: PublishProgress }
  | { readonly report: PublishReport; readonly laterFacts: number; readonly peakRssMiB: number };

const PROGRESS_MS = 200;

function tell(message: FromPublisher): void {
  if (process.connected) process.send?.(message);
}

const received: ToPublisher[] = [];
let arrived: () => void = () => undefined;

async function next(): Promise<ToPublisher> {
  while (received.length === 0) await new Promise<void>((resolve) => (arrived = resolve));
  return received.shift() as ToPublisher;
}

async function main(): Promise<void> {
  const first = await next();
  if (!('job' in first)) throw new Error('the publisher was told to go before it had a job');
  const { workload: options, partitions, topicPrefix } = first.job;
  const connection = kafkaConnectionFromEnvironment(process.env);
  const workload = createWorkload(options);
  const receivedAtMs = workload.windowStartMs;
  const factsOf = (part: 'first' | 'later'): Promise<PublishFactsReport> =>
    publishFacts({ connection, topicPrefix, batches: workload.facts(part), receivedAtMs });
  tell({ facts: await factsOf('first') });
  await next();
  let toldAt = 0;
  const onProgress = (progress: PublishProgress): void => {
    if (performance.now() - toldAt < PROGRESS_MS) return;
    toldAt = performance.now();
    tell({ progress });
  };
  let laterFacts = 0;
  const halfway = async (): Promise<void> => {
    laterFacts = (await factsOf('later')).facts;
  };
  const report = await publish({ connection, topicPrefix, workload, partitions, onProgress, halfway });
  tell({ report, laterFacts, peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024) });
}

process.on('message', (message: ToPublisher) => {
  received.push(message);
  arrived();
});
// Whoever ordered the events is gone: nobody will read what else could be said.
process.on('disconnect', () => process.exit(0));
await main();
process.disconnect();
