/**
 * Rated lines as rows: the columns of ClickHouse's `rated_usage` that people ask for, under the same names, so that what
 * reads the one reads the other.
 */
import {
  formatMoney,
  formatTimeMicros,
  type IdentifiedEvents,
  type LineRule,
  PAYER_POOL_ACCOUNT,
  type RatedLines,
  type TrueUp,
} from '@headrace/rating';

export interface RatedRow {
  readonly event_id: string;
  readonly event_time: string;
  readonly account: string;
  readonly subscription: string;
  readonly plan: string;
  readonly pool: string;
  readonly service: string;
  readonly plmn: string;
  readonly period: string;
  readonly zone: string;
  readonly tag: string;
  readonly leg: string;
  readonly unit: string;
  readonly currency: string;
  readonly price_book: string;
  readonly price: string;
  readonly reason: string;
  readonly bucket: string;
  readonly meter: string;
  readonly part: number;
  readonly quantity: number;
  readonly event_quantity: number;
  /** A decimal, exact. */
  readonly amount: string;
  readonly before: number;
  readonly after: number;
  readonly bucket_size: number;
  readonly threshold: number;
}

/** Names of the columns, in order. */
export const ROW_COLUMNS = [
  'event_id',
  'event_time',
  'account',
  'subscription',
  'plan',
  'pool',
  'service',
  'plmn',
  'period',
  'zone',
  'tag',
  'leg',
  'unit',
  'currency',
  'price_book',
  'price',
  'reason',
  'bucket',
  'meter',
  'part',
  'quantity',
  'event_quantity',
  'amount',
  'before',
  'after',
  'bucket_size',
  'threshold',
] as const satisfies readonly (keyof RatedRow)[];

/** The row of a line, whose event is in the table that was rated. */
export function ratedRow(lines: RatedLines, line: number, events: IdentifiedEvents): RatedRow {
  const { period, zone, tag, leg, unit, currency, priceBook, price, reason, bucket, meter } = ruleOf(lines, line);
  return {
    ...whose(lines, line, events),
    period,
    zone,
    tag,
    leg,
    unit,
    currency,
    price_book: priceBook,
    price,
    reason,
    bucket,
    meter,
    part: lines.part[line] as number,
    quantity: lines.quantity[line] as number,
    event_quantity: lines.eventQuantity[line] as number,
    amount: formatMoney(lines.amountOf(line)),
    before: lines.before[line] as number,
    after: lines.after[line] as number,
    bucket_size: lines.bucketSize[line] as number,
    threshold: lines.threshold[line] as number,
  };
}

/** What a commitment adds, as the line of no event. */
export function trueUpRow({ amount, priceBook, ...trueUp }: TrueUp): RatedRow {
  return {
    ...trueUp,
    event_id: 'commitment',
    event_time: '',
    plan: '',
    plmn: '',
    tag: 'adjustment',
    price_book: priceBook,
    reason: 'use did not reach the commitment',
    bucket: '',
    meter: '',
    part: 0,
    quantity: 0,
    event_quantity: 0,
    amount: formatMoney(amount),
    before: 0,
    after: 0,
    bucket_size: 0,
    threshold: 0,
  };
}

type Whose = Pick<
  RatedRow,
  'event_id' | 'event_time' | 'account' | 'subscription' | 'plan' | 'pool' | 'service' | 'plmn'
>;

function whose(lines: RatedLines, line: number, events: IdentifiedEvents): Whose {
  const event = lines.event[line] as number;
  if (event < 0) {
    const cause = lines.causes.get(line);
    if (cause === undefined) throw new RangeError('a line without an event has no cause');
    const { id, time, account, subscription, pool, service } = cause;
    return {
      event_id: id,
      event_time: formatTimeMicros(time),
      account,
      subscription,
      plan: '',
      pool,
      service,
      plmn: '',
    };
  }
  const { usageAccount, poolAccount, subscription, plan, pool } = events.profileAt(events.profile[event] as number);
  const { service, plmn } = events.contextAt(events.context[event] as number);
  return {
    event_id: events.eventId(event),
    event_time: formatTimeMicros(events.eventTime[event] as number),
    account: lines.payer[line] === PAYER_POOL_ACCOUNT ? poolAccount : usageAccount,
    subscription,
    plan,
    pool,
    service,
    plmn,
  };
}

function ruleOf(lines: RatedLines, line: number): LineRule {
  const rule = lines.rules[line];
  if (rule === undefined) throw new RangeError(`there is no line ${line}`);
  return rule;
}
