/** Control totals and findings as plain data: the fields of their Avro schemas in camel case. */

/** control-totals.v1: what one stage did with one range of its input. */
export interface ControlTotals {
  readonly stage: string;
  readonly source: string;
  readonly fromOffset: number;
  readonly fromX: number;
  readonly toOffset: number;
  readonly toX: number;
  readonly generation: number;
  readonly guidedPartition: number;
  readonly guidedOffset: number;
  readonly blockTime: number;
  readonly status: string;
  readonly eventsIn: number;
  readonly eventsGuided: number;
  readonly eventsRated: number;
  readonly eventsDuplicate: number;
  readonly eventsRejected: number;
  readonly eventsSuspended: number;
  readonly bytesIn: number;
  readonly bytesGuided: number;
  readonly bytesRated: number;
  readonly bytesDuplicate: number;
  readonly bytesRejected: number;
  readonly bytesSuspended: number;
  readonly lines: number;
  readonly quantity: number;
  readonly eventQuantity: number;
  readonly brokenEvents: number;
  readonly amounts: Readonly<Record<string, string>>;
  readonly digest: string;
}

/** finding.v1. Times are microseconds. */
export interface Finding {
  readonly id: string;
  readonly control: string;
  readonly severity: string;
  readonly key: string;
  readonly expected: string;
  readonly actual: string;
  readonly variance: string;
  readonly valueAtRisk: string;
  readonly currency: string;
  readonly detail: string;
  readonly evidence: string;
  readonly samples: readonly string[];
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly status: string;
  readonly owner: string;
  readonly reason: string;
  readonly changedBy: string;
  readonly changedAt: number;
}
