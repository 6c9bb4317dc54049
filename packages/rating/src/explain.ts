/**
 * Rated lines in words: which rule, which bucket or meter, before and after, and why this amount. It takes the columns of
 * stored rows, so it needs nothing but the rows; with the price book it works the amount out again, step by step.
 *
 * What it works out and what the line says are compared: a difference is said, never smoothed over.
 */
import type { Money } from './contract.ts';
import { priceLabel } from './fold/price-item.ts';
import { formatMoney, parseMoney } from './money.ts';
import { bookLabel, type MeteredPrice, type PriceBook } from './price-book/price-book.ts';
import { modelInWords, quantityInWords } from './price-functions/in-words.ts';
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
  readonly pool: string;
  readonly service: string;
  readonly zone: string;
  readonly tag: string;
  readonly leg: string;
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
  readonly threshold: Count;
}

/**
 * Sentences that explain a line, in order.
 * @param book the price book that the line names, to show how the amount comes about
 */
export function explainLine(line: LineColumns, book?: PriceBook): string[] {
  return [
    whatItIs(line),
    ...(line.bucket === '' ? [] : bucketSentences(line)),
    ...(line.meter === '' ? [] : meterSentences(line, book)),
    ...(line.tag === 'zero-rated' ? [`It is zero-rated by ${line.price} of ${line.price_book}: ${line.reason}.`] : []),
    whoPays(line),
  ];
}

/**
 * All lines of one event: each explained, and where it has both legs in one currency what is left between them.
 * @returns sentences, with an empty text between lines
 */
export function explainEvent(lines: readonly LineColumns[], book?: PriceBook): string[] {
  const explained = lines.flatMap((line, index) => [...(index === 0 ? [] : ['']), ...explainLine(line, book)]);
  const margin = marginOf(lines);
  return margin === undefined ? explained : [...explained, '', margin];
}

function marginOf(lines: readonly LineColumns[]): string | undefined {
  const [first] = lines;
  const bothLegs = new Set(lines.map(({ leg }) => leg)).size === 2;
  if (first === undefined || !bothLegs || lines.some(({ currency }) => currency !== first.currency)) return undefined;
  const sum = (leg: string): Money =>
    lines.filter((line) => line.leg === leg).reduce((total, { amount }) => total + parseMoney(String(amount)), 0n);
  const [retail, wholesale] = [sum('retail'), sum('wholesale')];
  return (
    `Margin: ${formatMoney(retail)} - ${formatMoney(wholesale)} = ` +
    `${formatMoney(retail - wholesale)} ${first.currency}.`
  );
}

function whatItIs(line: LineColumns): string {
  const zone = line.zone === '' ? '' : ` in zone ${line.zone}`;
  if (Number(line.event_quantity) === 0 && line.reason !== '' && line.tag !== 'zero-rated') {
    const cause = line.event_id === '' ? 'A change' : line.event_id;
    return `${cause} moved ${quantityInWords(line.quantity, line.unit)} of ${line.service}${zone}: ${line.reason}.`;
  }
  const whole = String(line.quantity) === String(line.event_quantity);
  const share = whole ? 'all' : `${quantityInWords(line.quantity, line.unit)} (part ${Number(line.part) + 1})`;
  return (
    `Event ${line.event_id} at ${line.event_time}: subscription ${line.subscription}, plan ${line.plan}, used ` +
    `${quantityInWords(line.event_quantity, line.unit)} of ${line.service}${zone}; this line is ${share} of it, ` +
    `${line.leg === 'wholesale' ? 'what it costs us' : line.tag}.`
  );
}

function bucketSentences(line: LineColumns): string[] {
  const { before, after, bucket_size: size, unit, threshold, reason } = line;
  return [
    `It was drawn from ${bucketInWords(line)}: ${quantityInWords(before, unit)} of ${quantityInWords(size, unit)} ` +
      `were used before, ${quantityInWords(after, unit)} after. What an allowance covers costs nothing.`,
    ...(Number(threshold) === 0 ? [] : [`With it the bucket passed ${threshold} %.`]),
    ...(reason === '' || Number(line.event_quantity) === 0 ? [] : [`${capital(reason)}.`]),
  ];
}

/** `kind:name` with its owner. */
function bucketInWords({ bucket, subscription, pool }: LineColumns): string {
  const colon = bucket.indexOf(':');
  const [kind, name] = [bucket.slice(0, colon), bucket.slice(colon + 1)];
  switch (kind) {
    case 'allowance':
      return `allowance ${name} of subscription ${subscription}`;
    case 'rollover':
      return `what subscription ${subscription} had left of allowance ${name} from the cycle before`;
    case 'account-allowance':
      return `allowance ${name} of the account`;
    case 'account-rollover':
      return `what the account had left of allowance ${name} from the cycle before`;
    case 'pool':
      return `pool ${pool} (rule ${name})`;
    case 'grant':
      return `top-up ${name} of subscription ${subscription}`;
    default:
      return `bucket ${bucket}`;
  }
}

function meterSentences(line: LineColumns, book: PriceBook | undefined): string[] {
  const { before, after, unit, reason, price, price_book } = line;
  const sentences = [
    `${whyPriced(line)}: price ${price} of ${price_book}.`,
    `${meterInWords(line)} went from ${quantityInWords(before, unit)} to ${quantityInWords(after, unit)}; the line is ` +
      'what the meter costs after it less what it cost before.',
    ...(reason === '' || Number(line.event_quantity) === 0 ? [] : [`${capital(reason)}.`]),
  ];
  const rule = book === undefined || bookLabel(book) !== price_book ? undefined : ruleOf(book, line);
  return rule === undefined ? sentences : [...sentences, ...workedOut(line, rule)];
}

function whyPriced({ tag, leg, service, zone }: LineColumns): string {
  if (leg === 'wholesale') return 'The partner charges for it';
  if (tag === 'overage') return 'The allowances for it were used up, so it is overage';
  return `No allowance covers ${service}${zone === '' ? '' : ` in zone ${zone}`}, so it is ${tag}`;
}

/** `owner:scope`. */
function meterInWords({ meter, subscription, pool }: LineColumns): string {
  const [owner, scope] = meter.split(':');
  const whose =
    owner === 'pool' ? `pool ${pool}` : owner === 'account' ? 'the account' : `subscription ${subscription}`;
  const span = scope === 'event' ? 'this event alone' : scope === 'session' ? 'its session' : `its ${scope}`;
  return `The meter of ${whose} for ${span}`;
}

function ruleOf(book: PriceBook, { price, leg }: LineColumns): MeteredPrice | undefined {
  for (const tariff of book.tariffs.values()) {
    const found = tariff.prices.find((candidate) => candidate.leg === leg && priceLabel(candidate) === price);
    if (found !== undefined) return found.rule.kind === 'metered' ? found.rule : undefined;
  }
  return undefined;
}

function workedOut(line: LineColumns, rule: MeteredPrice): string[] {
  const { unit, currency } = line;
  const phrases = modelInWords(rule, unit, currency);
  const price = new MeterPrice(rule, rule.scope);
  const sentences = [`The price: ${phrases.join('; ')}.`];
  // Each event by itself changes what is free and what is due: the meter's quantity alone does not tell the amount.
  if (price.perEvent) return sentences;
  const [before, after] = [Number(line.before), Number(line.after)];
  const [billedBefore, billedAfter] = [price.billable(before), price.billable(after)];
  if (billedBefore !== before || billedAfter !== after) {
    const [left, right] = [quantityInWords(billedBefore, unit), quantityInWords(billedAfter, unit)];
    sentences.push(`Billed are ${left} before, ${right} after.`);
  }
  return [...sentences, calculation(line, rule, price)];
}

/** The subtraction, in the way in which it gives the line's amount. */
function calculation(line: LineColumns, rule: MeteredPrice, price: MeterPrice): string {
  const charged = parseMoney(String(line.amount));
  const [before, after] = [Number(line.before), Number(line.after)];
  const costAfter = price.total(after);
  const costBefore = price.total(before);
  if (costAfter === undefined || costBefore === undefined) return 'The amount is past what can be billed.';
  const shown = (from: Money, less: Money, remark: string): string =>
    `${formatMoney(from)} - ${formatMoney(less)} = ${formatMoney(from - less)} ${line.currency}${remark}.`;
  // At quantity 0 a meter may have been reached or not, which differs where reaching it costs something.
  if (before === 0 && charged === costAfter) return shown(costAfter, 0n, '');
  if (rule.connectFee !== 0n) {
    const cost = new MeterPrice({ ...rule, connectFee: 0n }, rule.scope).total(after);
    const remark = ', the connect fee having been due before';
    if (before === 0 && cost === charged) return shown(cost, 0n, remark);
  }
  if (charged === costAfter - costBefore) return shown(costAfter, costBefore, '');
  const less = before === 0 ? 0n : costBefore;
  return `${shown(costAfter, less, '')} The line says ${formatMoney(charged)}, which is not that.`;
}

function whoPays({ leg, account, amount, currency, period }: LineColumns): string {
  const money = `${formatMoney(parseMoney(String(amount)))} ${currency}`;
  return leg === 'wholesale'
    ? `It costs us ${money} in period ${period}, for use of account ${account}.`
    : `Account ${account} pays ${money} for it in period ${period}.`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
