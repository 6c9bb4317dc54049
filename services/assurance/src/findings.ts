/**
 * From differences to findings. Pure: time is given.
 *
 *   difference, uncertain ──▶ waiting ──grace over──▶ open ⇄ (acknowledged, explained by a person)
 *   difference, certain ─────────────────────────────▶ open
 *   open, acknowledged, explained ──difference gone──▶ fixed ──difference back──▶ open
 *   written-off stays as a person left it.
 *
 * 1. The id derives from control and key, so the same difference found again, by whoever, is the same finding.
 * 2. Only a check that ran can close its findings.
 * 3. What a person set (owner, reason, an acknowledged or explained status) is kept while the difference lasts.
 */
import { createHash } from 'node:crypto';
import type { Finding } from '@headrace/codec';
import type { Check, Difference } from './checks.ts';

const SERVICE = 'assurance';

export interface Reconciliation {
  /** Findings to write: new, changed, seen again after `seenEvery`, closed. */
  readonly changed: readonly Finding[];
  /** Differences that are within their grace. */
  readonly waiting: number;
}

export interface ReconcileInput {
  /** The checks that ran. */
  readonly ran: readonly Check[];
  readonly differences: readonly Difference[];
  /** Findings as they stand, by id. */
  readonly known: ReadonlyMap<string, Finding>;
  /** Microseconds since 1970. */
  readonly now: number;
}

export interface ReconcileLimits {
  /** How long a report may be missing. */
  readonly graceMs: number;
  /** An unchanged finding is written again after so long, to move its last sighting. */
  readonly seenEveryMs: number;
}

export function findingId(control: string, key: string): string {
  return createHash('sha256').update(`${control}\n${key}`).digest('hex').slice(0, 32);
}

export function findingKey({ subject, currency, check }: Pick<Difference, 'subject' | 'currency' | 'check'>): string {
  return [subject, ...(currency === '' ? [] : [currency]), check.name].join(' ');
}

/** Remembers since when an uncertain difference has been seen. */
export class Reconciler {
  readonly #limits: ReconcileLimits;
  readonly #since = new Map<string, number>();

  constructor(limits: ReconcileLimits) {
    this.#limits = limits;
  }

  reconcile({ ran, differences, known, now }: ReconcileInput): Reconciliation {
    const changed: Finding[] = [];
    const present = new Set<string>();
    let waiting = 0;
    for (const difference of differences) {
      const id = findingId(difference.check.control, findingKey(difference));
      present.add(id);
      const before = known.get(id);
      if (!this.#counts(id, difference, before, now)) {
        waiting += 1;
        continue;
      }
      const after = seen(id, difference, before, now);
      if (before === undefined || differs(before, after) || now - before.lastSeen > this.#limits.seenEveryMs * 1000) {
        changed.push(after);
      }
    }
    for (const id of this.#since.keys()) if (!present.has(id)) this.#since.delete(id);
    const names = new Set(ran.map((check) => check.name));
    for (const finding of known.values()) {
      if (present.has(finding.id) || !isOpen(finding) || !names.has(checkOf(finding))) continue;
      changed.push({ ...finding, status: 'fixed', changedBy: SERVICE, changedAt: now });
    }
    return { changed, waiting };
  }

  #counts(id: string, { certain }: Difference, before: Finding | undefined, now: number): boolean {
    const since = this.#since.get(id) ?? now;
    this.#since.set(id, since);
    if (certain || (before !== undefined && isOpen(before))) return true;
    return now - since >= this.#limits.graceMs * 1000;
  }
}

/** Whether the finding still stands for a difference. */
export function isOpen({ status }: Finding): boolean {
  return status === 'open' || status === 'acknowledged' || status === 'explained';
}

/** The name of the check that found it: the last word of its key. */
export function checkOf({ key }: Finding): string {
  return key.slice(key.lastIndexOf(' ') + 1);
}

function seen(id: string, difference: Difference, before: Finding | undefined, now: number): Finding {
  const { check, expected, actual, variance, value, currency, blocks, samples } = difference;
  const reopened = before === undefined || before.status === 'fixed';
  return {
    id,
    control: check.control,
    severity: check.severity,
    key: findingKey(difference),
    expected,
    actual,
    variance,
    valueAtRisk: value,
    currency,
    detail: `${check.says} ${blocks} ${blocks === 1 ? 'range differs' : 'ranges differ'}.`,
    evidence: check.sql.trim(),
    samples: [...samples],
    firstSeen: before?.firstSeen ?? now,
    lastSeen: now,
    status: reopened ? 'open' : before.status,
    owner: before?.owner ?? '',
    reason: before?.reason ?? '',
    changedBy: reopened ? SERVICE : before.changedBy,
    changedAt: reopened ? now : before.changedAt,
  };
}

function differs(a: Finding, b: Finding): boolean {
  return a.expected !== b.expected || a.actual !== b.actual || a.status !== b.status || a.severity !== b.severity;
}
