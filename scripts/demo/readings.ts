/**
 * How far each stage is, read from what the services say of themselves. Metric names stand here and nowhere else in the
 * demo. Pure.
 */
import { type Sample, sumOf } from './metrics.ts';

export const SERVICES = ['guide', 'rater', 'loader', 'aggregator', 'assurance'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Samples of each service that answered. */
export type SamplesByService = ReadonlyMap<ServiceName, readonly Sample[]>;

/** Counts of events unless said otherwise. */
export interface Reading {
  /** By the publisher's own count. */
  readonly published: number;
  /** Next position of the reference log of which every guided partition has acknowledged the facts. */
  readonly referenceGuided: number;
  /** Read and decided by the guide, whatever it decided. */
  readonly received: number;
  /** Passed on to the raters. */
  readonly guided: number;
  readonly rated: number;
  /** Rated, duplicate, rejected or suspended by the rater. */
  readonly answered: number;
  /** Rated lines made, and those that ClickHouse says it wrote. */
  readonly lines: number;
  readonly loadedLines: number;
  /** Lines that the aggregator recounted. */
  readonly aggregatedLines: number;
  /** Records that are in a topic and that its reader has not handled; what each service says of itself. */
  readonly lagRecords: Readonly<Record<ServiceName, number>>;
  /** Partitions or sources that stopped, by service. */
  readonly stopped: Readonly<Record<ServiceName, number>>;
}

/** Services that did not answer keep their figures of `before`. */
export function readingOf(published: number, services: SamplesByService, before: Reading | null): Reading {
  const guide = services.get('guide');
  const rater = services.get('rater');
  const loader = services.get('loader');
  const aggregator = services.get('aggregator');
  const count = (samples: readonly Sample[] | undefined, key: keyof Reading, name: string, labels = {}) =>
    samples === undefined ? Number(before?.[key] ?? 0) : sumOf(samples, name, labels);
  return {
    published,
    referenceGuided: count(guide, 'referenceGuided', 'headrace_guide_reference_position', { what: 'guided' }),
    received: count(guide, 'received', 'headrace_guide_events_total', { outcome: 'received' }),
    guided: count(guide, 'guided', 'headrace_guide_events_total', { outcome: 'guided' }),
    rated: count(rater, 'rated', 'headrace_rater_events_total', { outcome: 'rated' }),
    answered: count(rater, 'answered', 'headrace_rater_events_total'),
    lines: count(rater, 'lines', 'headrace_rater_lines_total'),
    loadedLines: count(loader, 'loadedLines', 'headrace_loader_lines_total', { table: 'rated_usage' }),
    aggregatedLines: count(aggregator, 'aggregatedLines', 'headrace_aggregator_lines_total'),
    lagRecords: byService(
      services,
      (name, samples) => sumOf(samples, `headrace_${name}_lag_records`),
      before?.lagRecords,
    ),
    stopped: byService(services, stoppedOf, before?.stopped),
  };
}

function stoppedOf(name: ServiceName, samples: readonly Sample[]): number {
  return sumOf(samples, `headrace_${name}_stopped_partitions`) + sumOf(samples, `headrace_${name}_stopped_sources`);
}

function byService(
  services: SamplesByService,
  value: (name: ServiceName, samples: readonly Sample[]) => number,
  before: Readonly<Record<ServiceName, number>> | undefined,
): Record<ServiceName, number> {
  const of = (name: ServiceName): number => {
    const samples = services.get(name);
    return samples === undefined ? (before?.[name] ?? 0) : value(name, samples);
  };
  return {
    guide: of('guide'),
    rater: of('rater'),
    loader: of('loader'),
    aggregator: of('aggregator'),
    assurance: of('assurance'),
  };
}

/** Events that are published and not yet through rating. */
export function lagEvents(reading: Reading): number {
  const decidedByGuide = reading.received - reading.guided;
  return Math.max(0, reading.published - decidedByGuide - reading.answered);
}

/** Whether the counts of all stages meet, for `published` events that are all sent. Positions are looked at apart. */
export function countsMeet(reading: Reading): boolean {
  return (
    reading.received === reading.published &&
    reading.answered === reading.guided &&
    reading.loadedLines >= reading.lines &&
    reading.aggregatedLines >= reading.lines &&
    SERVICES.every((name) => reading.lagRecords[name] === 0)
  );
}

/** Where work waits, in words, upstream first. */
export function whereItWaits(reading: Reading): string {
  const { published, received, guided, answered, lines, loadedLines, aggregatedLines, lagRecords } = reading;
  if (received !== published) return `the guide has read ${received} of ${published} published events`;
  if (answered !== guided) return `the rater has answered ${answered} of ${guided} guided events`;
  if (loadedLines < lines) return `the loader has written ${loadedLines} of ${lines} rated lines`;
  if (aggregatedLines < lines) return `the aggregator has read ${aggregatedLines} of ${lines} rated lines`;
  const waiting = SERVICES.filter((name) => lagRecords[name] > 0);
  if (waiting.length === 0) return 'the last blocks are not in ClickHouse yet';
  return waiting.map((name) => `${name} has ${lagRecords[name]} records to read`).join(', ');
}
