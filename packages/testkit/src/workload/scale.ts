/** How large a workload is, and the calendar it lies in (domain: section 8). */
import type { Scale } from '../contract.ts';

export interface ScaleSizes {
  readonly sims: number;
  readonly accounts: number;
  /** Plans come in decades: ten kinds, all of one currency. */
  readonly planDecades: number;
}

export const SCALES: Readonly<Record<Scale, ScaleSizes>> = {
  XS: { sims: 1_000, accounts: 60, planDecades: 6 },
  S: { sims: 100_000, accounts: 2_000, planDecades: 200 },
  M: { sims: 1_000_000, accounts: 20_000, planDecades: 200 },
};

/**
 * Thirty days over the change from October to November 2026. Together with ten days of lateness that is below the
 * horizon of 45 days, so that no order of arrival makes an accepted event too old.
 */
export const WINDOW_START_MS = Date.UTC(2026, 9, 20);
export const WINDOW_DAYS = 30;
export const WINDOW_END_MS = WINDOW_START_MS + WINDOW_DAYS * 86_400_000;

/** Since when accounts, pools, subscriptions and SIMs exist that did not come later. */
export const REFERENCE_START = '2026-01-01T00:00:00Z';
/** A price version that changes in mid-cycle. */
export const PRICE_CHANGE = '2026-11-05T12:00:00Z';
/** Since when there are allowances of which something can be left for the next month. In October in any time zone. */
export const ROLLOVER_START = '2026-10-15T00:00:00Z';

/** Shares of all events, by their order of precedence. */
export const MIX = {
  invalid: 0.0002,
  unknownSim: 0.0005,
  unknownNetwork: 0.0001,
  /** Events for SIMs whose reference data is at fault. */
  misconfigured: 0.0001,
  repeated: 0.001,
  outOfOrder: 0.1,
  late1h: 0.03,
  late24h: 0.005,
  late7d: 0.0005,
  message: 0.05,
  /** Of the messages: those to premium services, which ask for money. */
  premium: 0.002,
  voice: 0.005,
  lifecycle: 0.015,
} as const;

/** Bytes of a data event are lognormal. */
export const BYTES_SIGMA = 2.3;
export const BYTES_MEDIAN_IOT = 6_000;
export const BYTES_MEDIAN_MOBILITY = 60_000;

/** Mean bytes that one SIM is expected to use in the window: allowances are sized around it. */
export function expectedBytes(events: number, sims: number, median: number): number {
  return ((events * 0.93) / sims) * median * Math.exp((BYTES_SIGMA * BYTES_SIGMA) / 2);
}

/** Whole seconds, as facts and price books write times. */
export function isoSeconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
