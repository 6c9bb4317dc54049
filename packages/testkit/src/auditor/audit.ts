/**
 * The independent auditor: from published facts and bytes to what must come out, in plain code that shares nothing with
 * the pipeline.
 *
 * 1. An event is decided by its contents and the reference data; labels of the generator are not seen.
 * 2. Events are a set, settled in canonical order. Of two payloads under one key the first counts as rated, as their raw
 *    partition has them, and neither is billed until someone decides.
 * 3. Memory holds for each rated event its key, and what its charge depends on.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { AuditInput, AuditReport, TotalRow } from '../contract.ts';
import { addOne } from '../workload/counts.ts';
import { formatAmount } from './amounts.ts';
import { Calendar } from './calendar.ts';
import type { Cell } from './cells.ts';
import { type AuditedEvent, type Failure, MessageReader } from './events.ts';
import { type KeptEvent, Ledger } from './ledger.ts';
import { guide, isFailure } from './outcomes.ts';
import { Reference } from './reference.ts';
import { amountsByCurrency, canonicalTotals, totalsDigest } from './totals.ts';

const HORIZON_DAYS = 45;
const EVENTS_BETWEEN_BREATHS = 10_000;

/** @throws Error where book or facts hold something that the auditor does not know: it never audits half of a rule. */
export async function audit(input: AuditInput): Promise<AuditReport> {
  const reference = new Reference();
  for (const batch of input.facts) {
    for (const fact of batch.facts) reference.add(fact);
    await breathe();
    input.signal?.throwIfAborted();
  }
  const auditor = new EventAuditor(reference, input.horizonDays ?? HORIZON_DAYS);
  const reader = new MessageReader();
  let breath = 0;
  for (const { value, receivedAtMs } of input.messages) {
    for (const event of reader.read(value)) auditor.take(event, receivedAtMs);
    if (auditor.received - breath < EVENTS_BETWEEN_BREATHS) continue;
    breath = auditor.received;
    input.onProgress?.(breath);
    await breathe();
    input.signal?.throwIfAborted();
  }
  return auditor.report();
}

class EventAuditor {
  received = 0;
  readonly #reference: Reference;
  readonly #horizonDays: number;
  readonly #ledger: Ledger;
  readonly #calendar = new Calendar();
  /** Of what was rated, by key. */
  readonly #seen = new Map<string, KeptEvent>();
  readonly #undecided = new Set<KeptEvent>();
  readonly #outcomes: Record<string, number> = {};

  constructor(reference: Reference, horizonDays: number) {
    this.#reference = reference;
    this.#horizonDays = horizonDays;
    this.#ledger = new Ledger(reference, this.#calendar);
  }

  take(event: AuditedEvent | Failure, receivedAtMs: number): void {
    this.received++;
    addOne(this.#outcomes, this.#decide(event, receivedAtMs));
  }

  #decide(event: AuditedEvent | Failure, receivedAtMs: number): string {
    if (typeof event === 'string') return event;
    const guided = guide(event, receivedAtMs, this.#horizonDays, this.#reference, this.#calendar);
    if (isFailure(guided)) return guided;
    const key = event.key ?? '';
    const before = this.#seen.get(key);
    if (before !== undefined) {
      if (before.payloadHash === event.payloadHash) return 'duplicate';
      this.#undecided.add(before);
      return 'suspended:DUPLICATE_CONFLICT';
    }
    this.#seen.set(key, this.#ledger.add(guided, key, event.startTime, event.payloadHash));
    return 'rated';
  }

  report(): AuditReport {
    const { retail, wholesale, pools } = this.#ledger.settle(this.#undecided);
    const totals = canonicalTotals(retail.map(rowOf));
    const costs = canonicalTotals(wholesale.map(rowOf));
    const rejectedByCode = this.#codes('rejected:');
    const suspendedByCode = this.#codes('suspended:');
    return {
      received: this.received,
      rated: this.#outcomes.rated ?? 0,
      duplicate: this.#outcomes.duplicate ?? 0,
      rejected: sum(rejectedByCode),
      suspended: sum(suspendedByCode),
      rejectedByCode,
      suspendedByCode,
      amounts: amountsByCurrency(totals),
      totals,
      totalsDigest: totalsDigest(totals),
      costs: amountsByCurrency(costs),
      costTotals: costs,
      undecided: this.#undecided.size,
      pools,
    };
  }

  #codes(prefix: string): Record<string, number> {
    const outcomes = Object.entries(this.#outcomes).filter(([outcome]) => outcome.startsWith(prefix));
    return Object.fromEntries(outcomes.map(([outcome, count]) => [outcome.slice(prefix.length), count]).sort());
  }
}

function rowOf({ account, period, service, currency, quantity, amount }: Cell): TotalRow {
  return { account, period, service, currency, quantity, amount: formatAmount(amount) };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
