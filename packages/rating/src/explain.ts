/**
 * A rated line in words: which rule, which bucket or meter, before and after, and why this amount. It takes the columns of
 * a stored row, so it needs nothing but the row; with the price book it works the amount out again, step by step.
 */
import type { Money } from './contract.ts';
import { priceLabel } from './fold/price-item.ts';
import { formatMoney, parseMoney } from './money.ts';
import { bookLabel, type MeteredPrice, type PriceBook, type PriceModel, type Tier } from './price-book/price-book.ts';
import { MeterPrice } from './price-functions/metered-price.ts';

type Count = number | string | bigint;

/** Columns of `rated_usage` that an explanation needs. 64-bit and decimal values may be strings, as ClickHouse sends them. */
export interface LineColumns {
  readonly event_id: string;
  /** As the reader wants it shown. */
  readonly event_time: Count;
  readonly part: Count;
  readonly subscription: string;
  readonly plan: string;
  readonly service: string;
  readonly zone: string;
  readonly tag: string;
  readonly unit: string;
  readonly period: string;
  readonly account: string;
  readonly currency: string;
  readonly price_book: string;
  readonly price: string;
  readonly reason: string;
  readonly bucket: string;
  readonly meter: string;
  readonly quantity: Count;
  readonly event_quantity: Count;
  readonly amount: Count;
  readonly before: Count;
  readonly after: Count;
  readonly bucket_size: Count;
}

/**
 * Sentences that explain a line, in order.
 * @param book the price book that the line names, to show how the amount comes about
 */
export function explainLine(line: LineColumns, book?: PriceBook): string[] {
  return [
    whatItIs(line),
    ...(line.bucket === '' ? [] : [whichBucket(line)]),
    ...(line.meter === '' ? [] : whyThisAmount(line, book)),
    ...(line.tag === 'zero-rated' ? [`It is zero-rated by ${line.price} of ${line.price_book}: ${line.reason}.`] : []),
    `Account ${line.account} pays ${formatMoney(parseMoney(String(line.amount)))} ${line.currency} for it in period ${line.period}.`,
  ];
}

function whatItIs(line: LineColumns): string {
  const zone = line.zone === '' ? '' : ` in zone ${line.zone}`;
  if (Number(line.event_quantity) === 0 && line.reason !== '' && line.tag !== 'zero-rated') {
    return `${line.event_id === '' ? 'A change' : line.event_id} moved ${amountOf(line.quantity, line.unit)} of ${line.service}${zone}: ${line.reason}.`;
  }
  const whole = String(line.quantity) === String(line.event_quantity);
  const share = whole ? 'all' : `${amountOf(line.quantity, line.unit)} (part ${Number(line.part) + 1})`;
  return (
    `Event ${line.event_id} at ${line.event_time}: subscription ${line.subscription}, plan ${line.plan}, used ` +
    `${amountOf(line.event_quantity, line.unit)} of ${line.service}${zone}; this line is ${share} of it, ${line.tag}.`
  );
}

function whichBucket(line: LineColumns): string {
  return (
    `Bucket ${line.bucket} covered it: ${amountOf(line.before, line.unit)} of ${amountOf(line.bucket_size, line.unit)} ` +
    `were used before, ${amountOf(line.after, line.unit)} after. What an allowance covers costs nothing.`
  );
}

function whyThisAmount(line: LineColumns, book: PriceBook | undefined): string[] {
  const why =
    line.tag === 'overage'
      ? 'The allowances for it were used up, so it is overage'
      : `No allowance covers ${line.service}${line.zone === '' ? '' : ` in zone ${line.zone}`}, so it is ${line.tag}`;
  const sentences = [
    `${why}: price ${line.price} of plan ${planOf(line)}, ${line.price_book}.`,
    `Meter ${line.meter} went from ${amountOf(line.before, line.unit)} to ${amountOf(line.after, line.unit)}; the line is ` +
      'what the meter costs after it less what it cost before.',
  ];
  if (book === undefined || bookLabel(book) !== line.price_book) return sentences;
  const price = book.plans.get(planOf(line))?.prices.find((candidate) => priceLabel(candidate) === line.price);
  if (price === undefined || price.rule.kind !== 'metered') return sentences;
  return [...sentences, ...workedOut(line, price.rule)];
}

/** `<owner>/<plan>/<price>@<date>/<period>`: a line that no event caused has no plan of its own. */
function planOf(line: LineColumns): string {
  return line.plan === '' ? (line.meter.split('/').at(-3) ?? '') : line.plan;
}

function workedOut(line: LineColumns, rule: MeteredPrice): string[] {
  const price = new MeterPrice(rule);
  const [before, after] = [Number(line.before), Number(line.after)];
  const rounding = [
    rule.minimumQuantity > 0 ? `counts as at least ${amountOf(rule.minimumQuantity, line.unit)}` : '',
    rule.increment > 1 ? `is rounded up to a multiple of ${amountOf(rule.increment, line.unit)}` : '',
  ].filter((part) => part !== '');
  const billed =
    rounding.length === 0
      ? []
      : [
          `The meter's quantity ${rounding.join(' and ')}: ${amountOf(price.billable(before), line.unit)} before, ` +
            `${amountOf(price.billable(after), line.unit)} after.`,
        ];
  const [costBefore, costAfter] = [price.total(before), price.total(after)];
  const difference = costAfter - costBefore;
  const charged = parseMoney(String(line.amount));
  const check = difference === charged ? '' : ` The line says ${formatMoney(charged)}, which is not that.`;
  return [
    `The price: ${modelInWords(rule.function, line.unit, line.currency)}.`,
    ...billed,
    `${formatMoney(costAfter)} - ${formatMoney(costBefore)} = ${formatMoney(difference)} ${line.currency}.${check}`,
  ];
}

function modelInWords(model: PriceModel, unit: string, currency: string): string {
  const money = (amount: Money): string => `${formatMoney(amount)} ${currency}`;
  const tiers = (list: readonly Tier[], per: number): string =>
    `${list
      .map(
        (tier) =>
          `${money(tier.unitPrice)} ${tier.upTo === undefined ? 'above' : `up to ${amountOf(tier.upTo, unit)}`}`,
      )
      .join(', ')} for each ${amountOf(per, unit)}`;
  switch (model.model) {
    case 'per-unit':
      return `${money(model.unitPrice)} for each ${amountOf(model.per, unit)}`;
    case 'package':
      return `${money(model.packagePrice)} for each started ${amountOf(model.packageSize, unit)}`;
    case 'graduated':
      return `graduated, each tier for the part inside it: ${tiers(model.tiers, model.per)}`;
    case 'volume':
      return `by volume, one tier for all of it: ${tiers(model.tiers, model.per)}`;
    default:
      return model satisfies never;
  }
}

/** A quantity with its unit, digits grouped by commas. */
function amountOf(quantity: Count, unit: string): string {
  return `${String(quantity).replace(/\B(?=(\d{3})+$)/g, ',')} ${unit}`;
}
