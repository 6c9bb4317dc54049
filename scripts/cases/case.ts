/**
 * Rating cases in the neutral format that the peers' cases are written in: prices, allowances, events and what they must
 * come to. The types follow the grammar field by field; `docs` of the format say what each means.
 *
 *   file = { "format": 1, "cases": [case...] }
 *
 * Quantities, prices, amounts and per cents are decimal strings; times are ISO 8601 with an offset.
 */

export type CaseRoundingMode = 'up' | 'down' | 'half_up' | 'half_even';

export interface CaseRounding {
  readonly digits: number;
  readonly mode: CaseRoundingMode;
}

export interface CaseBand {
  readonly days?: readonly number[];
  readonly dates?: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

export interface CaseTier {
  readonly upTo: string | null;
  readonly unitPrice?: string;
  readonly flatPrice?: string;
  readonly ratePercent?: string;
  readonly increment?: string;
  readonly unitSize?: string;
}

export type CaseModel =
  | 'per_unit'
  | 'flat'
  | 'graduated'
  | 'volume'
  | 'stairstep'
  | 'package'
  | 'percentage'
  | 'graduated_percentage';

export type CaseScope = 'event' | 'session' | 'day' | 'cycle';

export interface CasePrice {
  readonly leg?: string;
  readonly services?: readonly string[];
  readonly subscriptions?: readonly string[];
  readonly effectiveFrom?: string;
  readonly when?: readonly CaseBand[];
  readonly priority?: number;
  readonly scope?: CaseScope;
  readonly per?: 'account' | 'subscription';
  readonly minimumQuantity?: string;
  readonly increment?: string;
  readonly incrementRounding?: CaseRoundingMode;
  readonly unitSize?: string;
  readonly freeUnits?: string;
  readonly model: CaseModel;
  readonly unitPrice?: string;
  readonly flatPrice?: string;
  readonly tiers?: readonly CaseTier[];
  readonly packageSize?: string;
  readonly packagePrice?: string;
  readonly packageRounding?: CaseRoundingMode;
  readonly ratePercent?: string;
  readonly freeEvents?: number;
  readonly fixedPerEvent?: string;
  readonly perEventMinimum?: string;
  readonly perEventMaximum?: string;
  readonly connectFee?: string;
  readonly discountPercent?: string;
  readonly maximum?: string;
  readonly minimum?: string;
  readonly rounding?: CaseRounding;
  readonly feesWhenCovered?: boolean;
}

export interface CaseAllowance {
  readonly id: string;
  readonly quantity?: string;
  readonly contributions?: readonly { readonly subscription: string; readonly quantity: string }[];
  readonly unitSize?: string;
  readonly services?: readonly string[];
  readonly subscriptions?: readonly string[];
  readonly priority?: number;
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly recurs?: 'cycle';
  readonly rollover?: { readonly maximum?: string; readonly maximumPercent?: string };
  readonly limitPerSubscription?: string;
  readonly step?: string;
  readonly run?: number;
}

export interface CaseCredit {
  readonly id: string;
  readonly amount: string;
  readonly priority?: number;
}

export interface CaseEvent {
  readonly id: string;
  readonly at: string;
  readonly subscription?: string;
  readonly session?: string;
  readonly service?: string;
  readonly quantity?: string;
  readonly amount?: string;
  readonly duration?: string | number;
  readonly run?: number;
}

export interface CaseExpected {
  readonly total?: string;
  readonly trueUp?: string;
  readonly due?: string;
  readonly rounded?: string;
  readonly perEvent?: readonly {
    readonly id: string;
    readonly inBundle?: string;
    readonly overage?: string;
    readonly amount?: string;
  }[];
  readonly inBundle?: string;
  readonly overage?: string;
  readonly remaining?: Readonly<Record<string, string>>;
  readonly legs?: Readonly<Record<string, string>>;
  readonly perCycle?: Readonly<Record<string, string>>;
  readonly perRun?: readonly string[];
  readonly suspended?: Readonly<Record<string, string>>;
}

export interface Case {
  readonly id: string;
  readonly timezone?: string;
  readonly cycle?: 'all' | 'month';
  readonly prices: readonly CasePrice[];
  readonly allowances?: readonly CaseAllowance[];
  readonly credits?: readonly CaseCredit[];
  readonly events: readonly CaseEvent[];
  readonly invoiceRounding?: CaseRounding;
  readonly expected: CaseExpected;
}
