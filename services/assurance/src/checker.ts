/**
 * Runs checks and keeps the findings: reads differences from ClickHouse, reconciles them with the findings that stand, and
 * writes what changed to the table and to assurance.findings.
 *
 *   1. insert into findings             if the process ends after it: the next round finds nothing new to write
 *   2. publish on assurance.findings    lost for readers of the topic until the finding is next seen or changed
 * Hence 2 stands before 1: published twice at worst, never once too few.
 */
import { encodeFinding, type Finding } from '@headrace/codec';
import { z } from '@headrace/platform';
import type { Store } from '@headrace/store';
import { type OrderedProducer, TOPICS } from '@headrace/stream';
import type { Check, CheckKind, Difference } from './checks.ts';
import { LIVE_CHECKS } from './checks-live.ts';
import { STORED_CHECKS } from './checks-stored.ts';
import { isOpen, type ReconcileLimits, Reconciler } from './findings.ts';
import type { AssuranceRoom } from './intake.ts';

const rowSchema = z.object({
  subject: z.string(),
  expected: z.string(),
  actual: z.string(),
  variance: z.string(),
  value: z.string(),
  currency: z.string(),
  blocks: z.coerce.number(),
  certain: z.coerce.number().transform((flag) => flag === 1),
  samples: z.array(z.string()),
});

/** What a round of checks saw. */
export interface Round {
  readonly checks: number;
  readonly differences: number;
  readonly waiting: number;
  /** Findings that stand after it, from all checks. */
  readonly open: readonly Finding[];
}

export class Checker {
  readonly #room: AssuranceRoom;
  readonly #producer: OrderedProducer;
  readonly #topic: string;
  readonly #reconciler: Reconciler;
  #last: Round = { checks: 0, differences: 0, waiting: 0, open: [] };
  /** Rounds run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(room: AssuranceRoom, producer: OrderedProducer, limits: ReconcileLimits) {
    this.#room = room;
    this.#producer = producer;
    this.#topic = room.broker.topic(TOPICS.findings);
    this.#reconciler = new Reconciler(limits);
  }

  get last(): Round {
    return this.#last;
  }

  /** Runs the checks of these kinds. @throws HeadraceError when ClickHouse or Kafka fail; nothing is half done then. */
  check(kinds: readonly CheckKind[]): Promise<Round> {
    const mine = this.#turn.then(() => this.#round(kinds));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #round(kinds: readonly CheckKind[]): Promise<Round> {
    const { store, meters } = this.#room;
    const began = performance.now();
    const ran = [...LIVE_CHECKS, ...STORED_CHECKS].filter((check) => kinds.includes(check.kind));
    const differences: Difference[] = [];
    for (const check of ran) {
      this.#room.signal.throwIfAborted();
      differences.push(...(await differencesOf(store, check)));
    }
    const known = new Map<string, Finding>((await store.findings()).map((finding) => [finding.id, finding]));
    const now = Date.now() * 1000;
    const { changed, waiting } = this.#reconciler.reconcile({ ran, differences, known, now });
    await this.#write(changed);
    for (const finding of changed) known.set(finding.id, finding);
    meters.findings(known.values(), changed, waiting);
    for (const kind of kinds) meters.round(kind, (performance.now() - began) / 1000, new Date());
    const open = [...known.values()].filter(isOpen);
    this.#last = { checks: ran.length, differences: differences.length, waiting, open };
    return this.#last;
  }

  async #write(changed: readonly Finding[]): Promise<void> {
    if (changed.length === 0) return;
    for (const { control, key, status, expected, actual, severity } of changed) {
      const fields = { control, key, expected, actual, severity };
      if (status === 'fixed') this.#room.log.info('a finding is mended', fields);
      else this.#room.log.error('a finding stands', { ...fields, status });
    }
    const messages = changed.map((finding) => ({ key: finding.id, value: encodeFinding(finding) }));
    await this.#producer.send([{ topic: this.#topic, partition: 0, messages }]);
    await this.#room.store.insertFindings(changed);
  }
}

async function differencesOf(store: Pick<Store, 'query'>, check: Check): Promise<Difference[]> {
  const rows = await store.query(check.sql);
  return rows.map((row) => ({ check, ...rowSchema.parse(row) }));
}
