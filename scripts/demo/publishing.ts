/** The demo's side of the publisher process (publisher.ts). */
import { join } from 'node:path';
import type { PublishFactsReport, PublishReport } from '@headrace/testkit';
import type { Child } from './child.ts';
import type { Crew } from './crew.ts';
import type { FromPublisher, PublishJob, ToPublisher } from './publisher.ts';

export interface PublisherResult {
  readonly report: PublishReport;
  /** Facts that became known after half of the events. */
  readonly laterFacts: number;
  readonly peakRssMiB: number;
}

export class Publishing {
  readonly facts: Promise<PublishFactsReport>;
  #factsDone: (report: PublishFactsReport) => void = () => undefined;
  #published = 0;
  #result: PublisherResult | null = null;
  readonly #process: Child;

  /** Begins with the facts at once. */
  constructor(crew: Crew, job: PublishJob, env: NodeJS.ProcessEnv, logs: string) {
    this.facts = new Promise((resolve) => {
      this.#factsDone = resolve;
    });
    this.#process = crew.start({
      name: 'the publisher',
      script: join(import.meta.dirname, 'publisher.ts'),
      env,
      logFile: join(logs, 'publisher.log'),
      onMessage: (message) => this.#take(message as FromPublisher),
      mayEnd: () => this.#result !== null,
    });
    this.#tell({ job });
  }

  /** Lets the events go. */
  go(): void {
    this.#tell({ go: true });
  }

  /** Events that Kafka has acknowledged. */
  get published(): number {
    return this.#published;
  }

  /** Null until all is published. */
  get result(): PublisherResult | null {
    return this.#result;
  }

  #tell(message: ToPublisher): void {
    this.#process.send(message);
  }

  #take(message: FromPublisher): void {
    if ('facts' in message) this.#factsDone(message.facts);
    else if ('progress' in message) this.#published = message.progress.events;
    else {
      this.#published = message.report.events;
      this.#result = message;
    }
  }
}
