/**
 * Metrics for Prometheus. Names begin with `headrace_` (added when absent) and end with their unit; docs/metrics.md lists
 * them. Sole user of prom-client; callers see three small interfaces.
 */
import { Counter as PromCounter, Gauge as PromGauge, Histogram as PromHistogram, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string | number>>;

export interface Counter {
  inc(value?: number): void;
  inc(labels: Labels, value?: number): void;
}

export interface Gauge {
  set(value: number): void;
  set(labels: Labels, value: number): void;
  inc(value?: number): void;
  inc(labels: Labels, value?: number): void;
  dec(value?: number): void;
  dec(labels: Labels, value?: number): void;
  remove(labels: Labels): void;
  /** Forgets every labelled value. */
  reset(): void;
}

export interface Histogram {
  observe(value: number): void;
  observe(labels: Labels, value: number): void;
}

/** One value of one metric; `value` is a plain number, so never money. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

const PREFIX = 'headrace_';

/** Seconds; from a millisecond to a minute. */
const DEFAULT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

function fullName(name: string): string {
  return name.startsWith(PREFIX) ? name : `${PREFIX}${name}`;
}

/** The metrics of one process. Asking for a name again gives the same metric. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #known = new Map<string, Counter | Gauge | Histogram>();

  counter(name: string, help: string, labels: readonly string[] = []): Counter {
    return this.#once(
      name,
      (full) => new PromCounter({ name: full, help, labelNames: labels, registers: [this.#registry] }),
    );
  }

  /** `collect` is called before each reading, for values that are looked up rather than pushed. */
  gauge(name: string, help: string, labels: readonly string[] = [], collect?: (gauge: Gauge) => void): Gauge {
    return this.#once(name, (full) => {
      const gauge: Gauge = new PromGauge({
        name: full,
        help,
        labelNames: labels,
        registers: [this.#registry],
        ...(collect === undefined ? {} : { collect: () => collect(gauge) }),
      });
      return gauge;
    });
  }

  histogram(
    name: string,
    help: string,
    labels: readonly string[] = [],
    buckets: readonly number[] = DEFAULT_BUCKETS,
  ): Histogram {
    return this.#once(name, (full) => {
      return new PromHistogram({
        name: full,
        help,
        labelNames: labels,
        buckets: [...buckets],
        registers: [this.#registry],
      });
    });
  }

  /** The text that Prometheus reads. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Every value now, for tests and the demo. */
  async snapshot(): Promise<readonly MetricSample[]> {
    const metrics = await this.#registry.getMetricsAsJSON();
    return metrics.flatMap((metric) =>
      metric.values.map((value) => ({
        name: 'metricName' in value && typeof value.metricName === 'string' ? value.metricName : metric.name,
        labels: value.labels as Record<string, string | number>,
        value: value.value,
      })),
    );
  }

  #once<M extends Counter | Gauge | Histogram>(name: string, make: (full: string) => M): M {
    const full = fullName(name);
    const known = this.#known.get(full);
    if (known !== undefined) return known as M;
    const made = make(full);
    this.#known.set(full, made);
    return made;
  }
}

/** Memory, processor and event loop of this process. Peak memory is what the kernel saw, not a sample. */
export function addProcessMetrics(metrics: Metrics): void {
  metrics.gauge('process_resident_bytes', 'Resident memory now.', [], (g) => g.set(process.memoryUsage.rss()));
  metrics.gauge('process_resident_peak_bytes', 'Highest resident memory since start.', [], (g) =>
    g.set(process.resourceUsage().maxRSS * 1024),
  );
  metrics.gauge('process_heap_used_bytes', 'JavaScript heap in use.', [], (g) => g.set(process.memoryUsage().heapUsed));
  metrics.gauge('process_heap_total_bytes', 'JavaScript heap reserved.', [], (g) =>
    g.set(process.memoryUsage().heapTotal),
  );
  metrics.gauge('process_external_bytes', 'Buffers outside of the JavaScript heap.', [], (g) =>
    g.set(process.memoryUsage().external),
  );
  metrics.gauge('process_cpu_seconds', 'Processor time used since start, user and system.', [], (g) => {
    const used = process.cpuUsage();
    g.set((used.user + used.system) / 1e6);
  });
}
