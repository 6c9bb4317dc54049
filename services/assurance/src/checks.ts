/**
 * The controls as data: each check is one statement over what the stages reported (view `controls`), or over the stored
 * lines themselves, that returns only differences. Pure; the SQL stands in checks-live.ts and checks-stored.ts.
 *
 * Every statement returns these columns:
 *   subject    what it concerns, for example raw/0 or guided/1/3
 *   expected, actual, variance   in words with units, variance a signed number
 *   value, currency              money at risk as a decimal string, or empty
 *   blocks     how many ranges differ
 *   certain    1 where nothing still under way can mend it; 0 where a report is missing that may yet come
 *   samples    identities of some of the ranges
 */

export type Severity = 'info' | 'warning' | 'critical';

/** live: every few seconds, over the reports. stored: seldom, over the stored lines. */
export type CheckKind = 'live' | 'stored';

export interface Check {
  /** Unique; the second half of a finding's key. */
  readonly name: string;
  /** C01, C02, ... of the catalogue of controls. */
  readonly control: string;
  readonly kind: CheckKind;
  readonly severity: Severity;
  /** In words, for the finding. */
  readonly says: string;
  readonly sql: string;
}

/** One row of a check's answer. */
export interface Difference {
  readonly check: Check;
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  readonly variance: string;
  readonly value: string;
  readonly currency: string;
  readonly blocks: number;
  readonly certain: boolean;
  readonly samples: readonly string[];
}

/** Sample identities in one finding at most. */
export const SAMPLES_MAX = 5;

/** SQL for a range of plan positions in words. */
export const RANGE =
  "concat(source, ' ', toString(from_offset), ',', toString(from_x), ' to ', toString(to_offset), ',', toString(to_x))";

/** SQL for the identity of a rated block in words. */
export const BLOCK =
  "concat('guided/', toString(generation), '/', toString(guided_partition), '@', toString(guided_offset))";

/** SQL for a guided partition in words. */
export const PARTITION = "concat('guided/', toString(generation), '/', toString(guided_partition))";
