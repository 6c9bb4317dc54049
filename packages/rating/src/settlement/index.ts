/** Settlement: final bills, what they change against what was billed, and what stands on an invoice. */
export { type Adjustment, adjustmentRecords, adjustments } from './adjustments.ts';
export { type AccountChange, type BillComparison, type CurrencyChange, compareBills } from './compare-bills.ts';
export { applyCredits, type Credit, type CreditedBill } from './credits.ts';
export { type InvoiceLine, type InvoiceOptions, invoiceLines } from './invoice-lines.ts';
export { LineTotals } from './line-totals.ts';
export { minorUnitDigits } from './minor-unit.ts';
export type { PoolBill } from './pool-overage.ts';
export { type PoolCharge, type PoolShare, poolCharge } from './pool-shares.ts';
export {
  type CloseOptions,
  type EventCounts,
  type SettledBill,
  Settlement,
  type SettlementOptions,
} from './settlement.ts';
export { compareTotals, mergeTotals, type Total, type TotalKey, totalKeyOf, totalKeyText } from './totals.ts';
export { trueUpTotals } from './true-up-totals.ts';
export type { Unrated } from './unrated.ts';
