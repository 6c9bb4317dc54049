/** Billing: the settlement of periods. */
export { type SettledPeriod, type SettleReport, settle } from './settle.ts';
