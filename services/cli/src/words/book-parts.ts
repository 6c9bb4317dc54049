/**
 * A price book taken apart into things that have a name (a plan, a price, a zone), each with its properties in words: what
 * two books are compared by, and what a difference is told in.
 */
import { type Band, formatMoney, formatTimeMicros, type PriceBook, type Scope } from '@headrace/rating';
import type { Allowance, BucketTerms, PoolRule, Price } from '@headrace/rating/price-book/price-book';
import { modelInWords, quantityInWords } from '@headrace/rating/price-functions/in-words';

/** Property to value, both in words. */
export type Properties = ReadonlyMap<string, string>;

/** Things by name, for example `price standard/data`, in the order of the book. */
export type BookParts = ReadonlyMap<string, Properties>;

const VERSION = / from \d{4}-\d{2}-\d{2}T\S+$/;

/** A price's name without the time that its version holds from. */
export function withoutVersion(name: string): string {
  return name.replace(VERSION, '');
}

export function partsOf(book: PriceBook): BookParts {
  const parts = new Map<string, Properties>([['the book', bookProperties(book)]]);
  for (const { name, unit, counts, decimals } of book.services.values()) {
    parts.set(`service ${name}`, properties({ counts: `${counts} in ${unit}`, decimals: String(decimals) }));
  }
  for (const [name, networks] of book.zones) parts.set(`zone ${name}`, listProperty('networks', networks));
  for (const rule of book.pools.values()) parts.set(`pool rule ${rule.name}`, poolProperties(rule, unitOf(book, rule)));
  for (const addOn of book.addOns.values()) {
    const bound = { device: addOn.boundToDevice ? "only with the subscription's device" : 'any' };
    parts.set(`add-on ${addOn.name}`, properties({ ...bucketProperties(addOn, unitOf(book, addOn)), ...bound }));
  }
  for (const tariff of book.tariffs.values()) {
    for (const allowance of tariff.allowances) {
      parts.set(`allowance ${tariff.name}/${allowance.id}`, allowanceProperties(allowance, unitOf(book, allowance)));
    }
    for (const price of tariff.prices) {
      const version = price.effectiveFrom === undefined ? '' : ` from ${formatTimeMicros(price.effectiveFrom)}`;
      parts.set(`price ${tariff.name}/${price.id}${version}`, priceProperties(price, book));
    }
  }
  for (const plan of book.plans.values()) parts.set(`plan ${plan.id}`, planProperties(book, plan.id));
  return parts;
}

function properties(values: Readonly<Record<string, string>>): Properties {
  return new Map(Object.entries(values));
}

function listProperty(name: string, values: readonly string[]): Properties {
  return new Map([[name, [...values].sort().join(', ') || 'none']]);
}

/** Name, version and who stands for it differ between any two books: they are told at the top. */
function bookProperties(book: PriceBook): Properties {
  return properties({
    currency: book.currency,
    'effective from': formatTimeMicros(book.effectiveFrom),
    kilobyte: String(book.kilobyte),
    cycle: book.cycle,
    attribution: book.attribution,
    'home networks': [...book.homeNetworks].sort().join(', ') || 'none',
    'wholesale tariffs': book.wholesale.join(', ') || 'none',
    'wholesale currency': book.wholesaleCurrency,
    'wholesale costs': book.costs,
    thresholds: book.thresholds.map((percent) => `${percent} %`).join(', ') || 'none',
    'invoice rounding': book.invoiceRounding,
  });
}

function planProperties(book: PriceBook, id: string): Properties {
  const plan = book.plans.get(id);
  if (plan === undefined) return new Map();
  const values: Record<string, string> = { currency: plan.currency, tariffs: plan.tariffs.join(', ') };
  for (const [pool, quantity] of plan.contributes) {
    const rule = book.pools.get(pool);
    values[`contributes to ${pool}`] = quantityInWords(quantity, rule === undefined ? '' : unitOf(book, rule));
  }
  return properties(values);
}

function scopeProperties(scope: Scope): Record<string, string> {
  const list = (values: readonly (string | number)[] | undefined): string =>
    values === undefined ? 'any' : [...values].sort().join(', ');
  return {
    services: list(scope.services),
    zones: list(scope.zones),
    RATs: list(scope.rats),
    APNs: list(scope.apns),
    'rating groups': list(scope.ratingGroups),
    roaming: scope.roaming === undefined ? 'any' : scope.roaming ? 'only abroad' : 'only at home',
  };
}

function bucketProperties(terms: BucketTerms, unit: string): Record<string, string> {
  const { limitPerSubscription } = terms;
  return {
    ...scopeProperties(terms),
    quantity: quantityInWords(terms.quantity, unit),
    priority: String(terms.priority),
    step: quantityInWords(terms.step, unit),
    'limit for each subscription':
      limitPerSubscription === undefined ? 'none' : quantityInWords(limitPerSubscription, unit),
    'at the end': terms.atEnd,
  };
}

function poolProperties(rule: PoolRule, unit: string): Properties {
  const { kind, proration, contributors, suspension, allocation } = rule;
  const own = {
    kind,
    proration,
    contributors,
    'when a member is suspended': suspension,
    'overage is shared by': allocation,
  };
  return properties({ ...bucketProperties(rule, unit), ...own });
}

function allowanceProperties(allowance: Allowance, unit: string): Properties {
  const { owner, recurs, validFrom, validTo, proration, rollover, boundToDevice } = allowance;
  const most = [
    ...(rollover?.maximum === undefined ? [] : [`at most ${quantityInWords(rollover.maximum, unit)}`]),
    ...(rollover?.maximumPercent === undefined ? [] : [`at most ${formatMoney(rollover.maximumPercent)} %`]),
  ];
  return properties({
    ...bucketProperties(allowance, unit),
    owner,
    recurs: recurs === 'cycle' ? 'each cycle' : 'once',
    valid: `${validFrom === undefined ? 'from ever' : formatTimeMicros(validFrom)} to ${validTo === undefined ? 'ever' : formatTimeMicros(validTo)}`,
    proration,
    rollover: rollover === undefined ? 'none' : most.join(', ') || 'all of it',
    device: boundToDevice ? "only with the subscription's device" : 'any',
  });
}

function priceProperties(price: Price, book: PriceBook): Properties {
  const { rule, leg, priority, direction, bands, bandSplit } = price;
  const when = bands === undefined ? 'always' : `${bands.map(bandInWords).join(' or ')} (${bandSplit})`;
  const common = { ...scopeProperties(price), leg, priority: String(priority), direction: direction ?? 'any', when };
  if (rule.kind === 'zero-rated') return properties({ ...common, price: `zero-rated: ${rule.reason}` });
  const [model = '', ...around] = modelInWords(rule, unitOf(book, price), currencyOf(book, price));
  return properties({
    ...common,
    price: model,
    'around it': around.join('; ') || 'nothing',
    meter: `of the ${rule.owner}, by ${rule.scope}`,
    'fees when an allowance covers it': rule.feesWhenCovered ? 'due' : 'not due',
  });
}

/** The one unit of what it is for; several services may count in several. */
function unitOf(book: PriceBook, { services }: Scope): string {
  const named = services ?? [...book.services.keys()];
  const units = new Set(named.map((name) => book.services.get(name)?.unit ?? ''));
  return units.size === 1 ? ([...units][0] ?? '') : 'units';
}

/** The currency of the plans that use the price's tariff; the book's where there is none, or several. */
function currencyOf(book: PriceBook, { tariff, leg }: Price): string {
  if (leg === 'wholesale') return book.wholesaleCurrency;
  const using = [...book.plans.values()].filter(({ tariffs }) => tariffs.includes(tariff));
  const currencies = new Set(using.map(({ currency }) => currency));
  return currencies.size === 1 ? ([...currencies][0] ?? book.currency) : book.currency;
}

const DAYS = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function bandInWords({ days, dates, from, to }: Band): string {
  const on = [...(days ?? []).map((day) => DAYS[day] ?? ''), ...(dates ?? [])].join(', ') || 'every day';
  return `${on} ${clock(from)}-${clock(to)}`;
}

function clock(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const minute = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
  return seconds % 60 === 0 ? minute : `${minute}:${two(seconds % 60)}`;
}
