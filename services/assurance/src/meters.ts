/** The metrics of assurance; docs/metrics.md lists them. */

import type { Finding } from '@headrace/codec';
import { type Counter, type Gauge, type Histogram, type Metrics, ProgressWatch } from '@headrace/platform';
import { checkOf, isOpen } from './findings.ts';

export class AssuranceMeters {
  readonly progress: ProgressWatch;
  readonly #reports: Counter;
  readonly #unreadable: Counter;
  readonly #waits: Counter;
  readonly #open: Gauge;
  readonly #found: Counter;
  readonly #waiting: Gauge;
  readonly #seconds: Histogram;
  readonly #checked: Gauge;

  constructor(metrics: Metrics, stallMs: number) {
    this.progress = new ProgressWatch({ stallMs });
    this.#reports = metrics.counter('assurance_reports_total', 'Control totals taken in, by stage.', ['stage']);
    this.#unreadable = metrics.counter('assurance_unreadable_total', 'Messages that could not be read.', ['topic']);
    this.#waits = metrics.counter('assurance_waits_total', 'Failures that were waited out, by error code.', ['code']);
    this.#open = metrics.gauge('assurance_findings_open', 'Findings that stand.', ['control', 'check', 'severity']);
    this.#found = metrics.counter('assurance_findings_total', 'Findings opened and closed.', ['control', 'status']);
    this.#waiting = metrics.gauge('assurance_differences_waiting', 'Missing reports within their grace.');
    this.#seconds = metrics.histogram('assurance_check_seconds', 'Time of a round of checks.', ['kind']);
    this.#checked = metrics.gauge('assurance_checked_timestamp_seconds', 'When a round of checks ended.', ['kind']);
  }

  reports(stages: readonly string[]): void {
    for (const stage of stages) this.#reports.inc({ stage });
    this.progress.advance(stages.length);
  }

  unreadable(topic: string): void {
    this.#unreadable.inc({ topic });
  }

  waited(code: string): void {
    this.#waits.inc({ code });
  }

  round(kind: string, seconds: number, now: Date): void {
    this.#seconds.observe({ kind }, seconds);
    this.#checked.set({ kind }, now.getTime() / 1000);
  }

  findings(current: Iterable<Finding>, changed: readonly Finding[], waiting: number): void {
    for (const { control, status, changedAt, lastSeen } of changed) {
      if (changedAt >= lastSeen) this.#found.inc({ control, status });
    }
    this.#waiting.set(waiting);
    this.#open.reset();
    for (const finding of current) {
      if (!isOpen(finding)) continue;
      this.#open.inc({ control: finding.control, check: checkOf(finding), severity: finding.severity });
    }
  }
}
