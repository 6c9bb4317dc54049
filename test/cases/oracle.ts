/**
 * The calculation of the case format, step by step as its page gives it, the slow way: fractions of big integers, seconds
 * walked one by one, every meter a list of what reached it. Shares nothing with the engine.
 */
import type {
  Case,
  CaseAllowance,
  CaseEvent,
  CaseExpected,
  CasePrice,
  CaseRounding,
  CaseRoundingMode,
  CaseTier,
} from '../../scripts/cases/case.ts';
import { type Fraction, fraction, ONE, ZERO } from './fraction.ts';
import { LocalClock, type LocalTime } from './local-clock.ts';

interface Part {
  readonly price: CasePrice;
  readonly quantity: Fraction;
}

interface Meter {
  readonly price: CasePrice;
  readonly cycle: string;
  /** Quantities by event, in the order they came. */
  readonly events: { readonly id: string; quantity: Fraction }[];
  fees: number;
}

interface Bucket {
  readonly allowance: CaseAllowance;
  readonly rolled: boolean;
  /** Raw quantities. */
  left: Fraction;
}

interface EventResult {
  readonly id: string;
  readonly inBundle: Fraction;
  readonly overage: Fraction;
  readonly amount: Fraction;
}

/** The whole outcome of a case, all fields that `expected` may state. */
export function oracle(input: Case): Required<CaseExpected> {
  const runs = Math.max(
    1,
    ...input.events.map(({ run = 1 }) => run),
    ...(input.allowances ?? []).map(({ run = 1 }) => run),
  );
  const all = new Calculation(input, runs);
  const { lines, trueUp } = all;
  const total = lines.plus(trueUp);
  let before = ZERO;
  const perRun = Array.from({ length: runs }, (_, index) => {
    const known = index + 1 === runs ? all : new Calculation(input, index + 1);
    const billed = known.lines.minus(before);
    before = known.lines;
    return (index + 1 === runs ? billed.plus(trueUp) : billed).text();
  });
  const paid = payWithCredits(input, total);
  return {
    total: total.text(),
    trueUp: trueUp.text(),
    due: paid.due.text(),
    rounded: (input.invoiceRounding === undefined ? total : rounded(total, input.invoiceRounding)).text(),
    perEvent: all.results.map(({ id, inBundle, overage, amount }) => ({
      id,
      inBundle: inBundle.text(),
      overage: overage.text(),
      amount: amount.text(),
    })),
    inBundle: all.results.reduce((sum, { inBundle }) => sum.plus(inBundle), ZERO).text(),
    overage: all.results.reduce((sum, { overage }) => sum.plus(overage), ZERO).text(),
    remaining: { ...all.remaining(), ...paid.remaining },
    legs: Object.fromEntries([...all.legs].map(([leg, amount]) => [leg, amount.text()])),
    perCycle: Object.fromEntries([...all.cycles].map(([cycle, amount]) => [cycle, amount.text()])),
    perRun,
    suspended: Object.fromEntries(all.suspended),
  };
}

/** Everything that is known by one run, calculated. */
class Calculation {
  readonly results: EventResult[] = [];
  readonly suspended = new Map<string, string>();
  readonly legs = new Map<string, Fraction>();
  readonly cycles = new Map<string, Fraction>();
  lines = ZERO;
  trueUp = ZERO;
  readonly #case: Case;
  readonly #clock: LocalClock;
  readonly #events: readonly CaseEvent[];
  readonly #allowances: readonly CaseAllowance[];
  readonly #meters = new Map<string, Meter>();
  readonly #buckets = new Map<string, Bucket>();
  /** Raw quantity drawn by allowance, cycle and subscription. */
  readonly #drawn = new Map<string, Fraction>();
  /** Sessions and services (by leg) that something reached a meter in. */
  readonly #sessions = new Set<string>();

  constructor(input: Case, run: number) {
    this.#case = input;
    this.#clock = new LocalClock(input.timezone ?? 'UTC');
    this.#events = input.events.filter((event) => (event.run ?? 1) <= run).sort(canonically);
    this.#allowances = (input.allowances ?? []).filter((allowance) => (allowance.run ?? 1) <= run);
    for (const leg of this.#legNames()) if (leg !== 'retail') this.legs.set(leg, ZERO);
    for (const event of this.#events) this.#rate(event);
    this.#close();
  }

  /** What is left in every allowance at the last event, in its own units. */
  remaining(): Record<string, string> {
    const last = this.#events.at(-1);
    const at = millis(last?.at ?? '1970-01-01T00:00:00Z');
    return Object.fromEntries(
      this.#allowances.map((allowance) => {
        const expired = allowance.validTo !== undefined && millis(allowance.validTo) <= at;
        let left = ZERO;
        if (last === undefined || this.#isToCome(allowance, at)) left = full(allowance);
        else if (!expired) for (const bucket of this.#bucketsOf(allowance, at)) left = left.plus(bucket.left);
        const units = left.over(sizeOf(allowance.unitSize));
        return [allowance.id, rounded(units, { digits: 12, mode: 'half_up' }).text()];
      }),
    );
  }

  /** A recurring allowance before its first month: nobody has drawn from it. */
  #isToCome({ recurs, validFrom = '1970-01-01T00:00:00Z' }: CaseAllowance, at: number): boolean {
    return recurs !== undefined && this.#clock.month(at) < this.#clock.month(millis(validFrom));
  }

  #rate(event: CaseEvent): void {
    const quantity = fraction(event.quantity ?? event.amount ?? String(event.duration ?? 0));
    if (quantity.sign() < 0) {
      this.suspended.set(event.id, 'QUANTITY_INVALID');
      return;
    }
    const retail = this.#parts(event, 'retail', quantity);
    if (retail === undefined) {
      this.suspended.set(event.id, 'PRICE_NOT_FOUND');
      return;
    }
    const covered = this.#draw(event, quantity);
    const amount = this.#reach(event, 'retail', retail, covered, quantity);
    this.lines = this.lines.plus(amount);
    this.#addCycle(this.#cycleOf(millis(event.at)), amount);
    this.results.push({ id: event.id, inBundle: covered, overage: quantity.minus(covered), amount });
    for (const leg of this.#legNames()) {
      if (leg === 'retail') continue;
      const parts = this.#parts(event, leg, quantity);
      if (parts !== undefined) this.#addLeg(leg, this.#reach(event, leg, parts, ZERO, quantity));
    }
  }

  /** The event's parts by price, in time; undefined where a second has none. */
  #parts(event: CaseEvent, leg: string, quantity: Fraction): Part[] | undefined {
    const at = millis(event.at);
    const duration = Number(event.duration ?? 0);
    if (duration === 0) {
      const price = this.#priceAt(event, leg, at);
      return price === undefined ? undefined : [{ price, quantity }];
    }
    const parts: { price: CasePrice; quantity: Fraction }[] = [];
    for (let second = 0; second < duration; second += 1) {
      const price = this.#priceAt(event, leg, at + second * 1000);
      if (price === undefined) return undefined;
      const last = parts.at(-1);
      if (last?.price === price) last.quantity = last.quantity.plus(ONE);
      else parts.push({ price, quantity: ONE });
    }
    return parts;
  }

  #priceAt(event: CaseEvent, leg: string, instant: number): CasePrice | undefined {
    const at = millis(event.at);
    const local = this.#clock.at(instant);
    const fitting = this.#case.prices.filter(
      (price) =>
        (price.leg ?? 'retail') === leg &&
        includes(price.services, event.service ?? 'default') &&
        includes(price.subscriptions, event.subscription ?? 'default') &&
        (price.effectiveFrom === undefined || millis(price.effectiveFrom) <= at) &&
        (price.when === undefined || price.when.some((band) => holds(band, local))),
    );
    return fitting.sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0) || effective(b) - effective(a))[0];
  }

  /** Draws what allowances cover of the event; gives the covered quantity. */
  #draw(event: CaseEvent, quantity: Fraction): Fraction {
    const at = millis(event.at);
    const cycle = this.#cycleOf(at);
    const eligible = this.#allowances
      .filter(
        (allowance) =>
          includes(allowance.services, event.service ?? 'default') &&
          includes(allowance.subscriptions, event.subscription ?? 'default') &&
          (allowance.validFrom === undefined || millis(allowance.validFrom) <= at) &&
          (allowance.validTo === undefined || at < millis(allowance.validTo)),
      )
      .flatMap((allowance) => this.#bucketsOf(allowance, at))
      .sort((a, b) => this.#drawOrder(a, b, at));
    let wanted = quantity;
    for (const bucket of eligible) {
      const { allowance } = bucket;
      const unit = sizeOf(allowance.unitSize);
      const key = `${allowance.id}|${allowance.recurs === undefined ? '' : cycle}|${event.subscription ?? 'default'}`;
      const already = this.#drawn.get(key) ?? ZERO;
      const limit =
        allowance.limitPerSubscription === undefined
          ? bucket.left
          : fraction(allowance.limitPerSubscription).times(unit).minus(already);
      const available = smaller(bucket.left, limit);
      if (available.sign() <= 0 || wanted.sign() <= 0) continue;
      let covered = smaller(wanted, available);
      let drawn = covered;
      if (allowance.step !== undefined) {
        const step = fraction(allowance.step);
        covered = smaller(wanted, available.over(step).floor().times(step));
        drawn = covered.over(step).ceiling().times(step);
      }
      bucket.left = bucket.left.minus(drawn);
      this.#drawn.set(key, already.plus(drawn));
      wanted = wanted.minus(covered);
    }
    return quantity.minus(wanted);
  }

  #drawOrder(a: Bucket, b: Bucket, at: number): number {
    const end = ({ allowance }: Bucket): number =>
      allowance.recurs !== undefined
        ? this.#clock.monthEnd(at)
        : allowance.validTo === undefined
          ? Number.POSITIVE_INFINITY
          : millis(allowance.validTo);
    const from = ({ allowance }: Bucket): number =>
      allowance.validFrom === undefined ? Number.NEGATIVE_INFINITY : millis(allowance.validFrom);
    return (
      (a.allowance.priority ?? 0) - (b.allowance.priority ?? 0) ||
      Number(b.rolled) - Number(a.rolled) ||
      order(end(a), end(b)) ||
      order(from(a), from(b)) ||
      codePoints(a.allowance.id, b.allowance.id)
    );
  }

  /** The buckets that an allowance has at a time: one, or for a recurring one the month's and what rolled over into it. */
  #bucketsOf(allowance: CaseAllowance, at: number): Bucket[] {
    if (allowance.recurs === undefined) return [this.#bucket(allowance, '', false, () => full(allowance))];
    const month = this.#clock.month(at);
    const first = this.#clock.month(millis(allowance.validFrom ?? '1970-01-01T00:00:00Z'));
    if (month < first) return [];
    const fresh = this.#bucket(allowance, month, false, () => full(allowance));
    const before = previousMonth(month);
    const { rollover } = allowance;
    if (rollover === undefined || before < first) return [fresh];
    const rolled = this.#bucket(allowance, month, true, () => {
      let left = this.#bucket(allowance, before, false, () => full(allowance)).left;
      if (rollover.maximum !== undefined)
        left = smaller(left, fraction(rollover.maximum).times(sizeOf(allowance.unitSize)));
      if (rollover.maximumPercent !== undefined)
        left = smaller(left, full(allowance).times(fraction(rollover.maximumPercent)).over(fraction('100')));
      return left;
    });
    return [fresh, rolled];
  }

  #bucket(allowance: CaseAllowance, month: string, rolled: boolean, size: () => Fraction): Bucket {
    const key = `${allowance.id}|${month}|${rolled}`;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { allowance, rolled, left: size() };
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  /** Takes what is not covered to its meters; gives what that costs: F(after) - F(before), meter by meter. */
  #reach(event: CaseEvent, leg: string, parts: readonly Part[], covered: Fraction, quantity: Fraction): Fraction {
    const first = parts[0];
    if (first === undefined) return ZERO;
    const rest: Part[] = [];
    let skip = covered;
    for (const { price, quantity: part } of parts) {
      const skipped = smaller(skip, part);
      skip = skip.minus(skipped);
      if (part.minus(skipped).sign() > 0) rest.push({ price, quantity: part.minus(skipped) });
    }
    if (rest.length === 0 && (quantity.sign() === 0 || first.price.feesWhenCovered === true))
      rest.push({ price: first.price, quantity: ZERO });
    let amount = ZERO;
    rest.forEach(({ price, quantity: part }, index) => {
      const meter = this.#meter(event, price);
      const before = cost(meter);
      const session = JSON.stringify([
        leg,
        event.subscription ?? 'default',
        event.session ?? null,
        event.session === undefined ? event.id : null,
        event.service ?? 'default',
      ]);
      const opens = index === 0 && (price.scope === 'event' || !this.#sessions.has(session));
      if (price.scope === 'session') this.#sessions.add(session);
      if (opens) meter.fees += 1;
      const known = meter.events.find(({ id }) => id === event.id);
      if (known === undefined) meter.events.push({ id: event.id, quantity: part });
      else known.quantity = known.quantity.plus(part);
      amount = amount.plus(cost(meter)).minus(before);
    });
    return amount;
  }

  #meter(event: CaseEvent, price: CasePrice): Meter {
    const at = millis(event.at);
    const cycle = this.#cycleOf(at);
    const subscription = event.subscription ?? 'default';
    const owner = price.per === 'subscription' ? subscription : '';
    const key = JSON.stringify([
      this.#case.prices.indexOf(price),
      cycle,
      owner,
      this.#instance(event, price, subscription, at),
    ]);
    let meter = this.#meters.get(key);
    if (meter === undefined) {
      meter = { price, cycle, events: [], fees: 0 };
      this.#meters.set(key, meter);
    }
    return meter;
  }

  #instance(event: CaseEvent, price: CasePrice, subscription: string, at: number): readonly string[] {
    switch (price.scope ?? 'cycle') {
      case 'event':
        return [event.id];
      case 'session':
        return event.session === undefined ? [event.id] : [subscription, event.session];
      case 'day':
        return [this.#clock.at(at).date];
      case 'cycle':
        return [];
    }
  }

  #close(): void {
    for (const meter of this.#meters.values()) {
      const { price, cycle } = meter;
      if (price.minimum === undefined || price.scope === 'event') continue;
      const missing = fraction(price.minimum).minus(cost(meter));
      if (missing.sign() <= 0) continue;
      const leg = price.leg ?? 'retail';
      if (leg !== 'retail') {
        this.#addLeg(leg, missing);
        continue;
      }
      this.trueUp = this.trueUp.plus(missing);
      this.#addCycle(cycle, missing);
    }
  }

  #addCycle(cycle: string, amount: Fraction): void {
    if (this.#case.cycle === 'month') this.cycles.set(cycle, (this.cycles.get(cycle) ?? ZERO).plus(amount));
  }

  #addLeg(leg: string, amount: Fraction): void {
    this.legs.set(leg, (this.legs.get(leg) ?? ZERO).plus(amount));
  }

  #cycleOf(at: number): string {
    return this.#case.cycle === 'month' ? this.#clock.month(at) : 'all';
  }

  #legNames(): readonly string[] {
    return [...new Set(this.#case.prices.map(({ leg = 'retail' }) => leg))];
  }
}

/** F of a meter. */
function cost({ price, events, fees }: Meter): Fraction {
  if (events.length === 0) return ZERO;
  const sum = events.reduce((total, { quantity }) => total.plus(quantity), ZERO);
  let amount = hasPerEventTerms(price) ? perEventAmount(price, events) : modelAmount(price, billedUnits(price, sum));
  amount = amount.plus(fraction(price.connectFee ?? '0').times(fraction(String(fees))));
  amount = amount.times(ONE.minus(fraction(price.discountPercent ?? '0').over(fraction('100'))));
  if (price.maximum !== undefined) amount = smaller(amount, fraction(price.maximum));
  if (price.scope === 'event' && price.minimum !== undefined) amount = larger(amount, fraction(price.minimum));
  return rounded(amount, price.rounding ?? { digits: 12, mode: 'half_up' });
}

function billedUnits(price: CasePrice, quantity: Fraction): Fraction {
  let q = quantity;
  const percentage = price.model === 'percentage' || price.model === 'graduated_percentage';
  if (!percentage && price.minimumQuantity !== undefined && q.sign() > 0)
    q = larger(q, fraction(price.minimumQuantity));
  if (!percentage && price.increment !== undefined)
    q = toMultiple(q, fraction(price.increment), price.incrementRounding ?? 'up');
  if (!percentage) q = q.over(sizeOf(price.unitSize));
  return larger(ZERO, q.minus(fraction(price.freeUnits ?? '0')));
}

function modelAmount(price: CasePrice, u: Fraction): Fraction {
  const tiers = price.tiers ?? [];
  switch (price.model) {
    case 'per_unit':
      return u.times(fraction(price.unitPrice ?? '0'));
    case 'flat':
      return fraction(price.flatPrice ?? '0');
    case 'package': {
      const packages = toMultiple(u.over(sizeOf(price.packageSize)), ONE, price.packageRounding ?? 'up');
      return packages.times(fraction(price.packagePrice ?? '0'));
    }
    case 'percentage':
      return u.times(percent(price.ratePercent));
    case 'stairstep':
      return fraction(tierOf(tiers, u).flatPrice ?? '0');
    case 'volume': {
      const tier = tierOf(tiers, u);
      return fraction(tier.flatPrice ?? '0').plus(tierUnits(tier, u).times(fraction(tier.unitPrice ?? '0')));
    }
    case 'graduated':
    case 'graduated_percentage': {
      let amount = ZERO;
      let below = ZERO;
      for (const [index, tier] of tiers.entries()) {
        if (index > 0 && u.minus(below).sign() <= 0) break;
        const top = tier.upTo === null ? u : smaller(u, fraction(tier.upTo));
        const unitPrice = tier.ratePercent === undefined ? fraction(tier.unitPrice ?? '0') : percent(tier.ratePercent);
        amount = amount.plus(fraction(tier.flatPrice ?? '0')).plus(tierUnits(tier, top.minus(below)).times(unitPrice));
        below = tier.upTo === null ? below : fraction(tier.upTo);
      }
      return amount;
    }
  }
}

function tierOf(tiers: readonly CaseTier[], u: Fraction): CaseTier {
  const tier = tiers.find(({ upTo }) => upTo === null || u.minus(fraction(upTo)).sign() <= 0);
  if (tier === undefined) throw new Error('the last tier has a bound');
  return tier;
}

function tierUnits(tier: CaseTier, x: Fraction): Fraction {
  const whole = tier.increment === undefined ? x : toMultiple(x, fraction(tier.increment), 'up');
  return whole.over(sizeOf(tier.unitSize));
}

function hasPerEventTerms({ model, freeEvents, fixedPerEvent, perEventMinimum, perEventMaximum }: CasePrice): boolean {
  return (
    model === 'percentage' &&
    [freeEvents, fixedPerEvent, perEventMinimum, perEventMaximum].some((term) => term !== undefined)
  );
}

function perEventAmount(price: CasePrice, events: Meter['events']): Fraction {
  let freeLeft = price.freeUnits === undefined ? undefined : fraction(price.freeUnits);
  let sum = ZERO;
  for (const [index, { quantity }] of events.entries()) {
    let free = ZERO;
    const countsAsFree = price.freeEvents === undefined ? freeLeft !== undefined : index < price.freeEvents;
    if (countsAsFree) free = freeLeft === undefined ? quantity : smaller(quantity, freeLeft);
    if (freeLeft !== undefined) freeLeft = freeLeft.minus(free);
    const paid = quantity.minus(free);
    if (countsAsFree && paid.sign() === 0) continue;
    let amount = paid.times(percent(price.ratePercent)).plus(fraction(price.fixedPerEvent ?? '0'));
    if (price.perEventMinimum !== undefined) amount = larger(amount, fraction(price.perEventMinimum));
    if (price.perEventMaximum !== undefined) amount = smaller(amount, fraction(price.perEventMaximum));
    sum = sum.plus(amount);
  }
  return sum;
}

function payWithCredits(input: Case, total: Fraction): { due: Fraction; remaining: Record<string, string> } {
  let due = total;
  const remaining: Record<string, string> = {};
  const credits = [...(input.credits ?? [])].sort(
    (a, b) => (a.priority ?? 0) - (b.priority ?? 0) || codePoints(a.id, b.id),
  );
  for (const { id, amount } of credits) {
    const used = smaller(fraction(amount), due);
    due = due.minus(used);
    remaining[id] = fraction(amount).minus(used).text();
  }
  return { due, remaining };
}

function full(allowance: CaseAllowance): Fraction {
  const quantities = allowance.contributions?.map(({ quantity }) => quantity) ?? [allowance.quantity ?? '0'];
  return quantities.reduce((sum, quantity) => sum.plus(fraction(quantity)), ZERO).times(sizeOf(allowance.unitSize));
}

function toMultiple(value: Fraction, size: Fraction, mode: CaseRoundingMode): Fraction {
  return value.over(size).toInteger(mode).times(size);
}

function rounded(value: Fraction, { digits, mode }: CaseRounding): Fraction {
  return toMultiple(value, ONE.over(fraction(String(10n ** BigInt(digits)))), mode);
}

function percent(rate: string | undefined): Fraction {
  return fraction(rate ?? '0').over(fraction('100'));
}

function sizeOf(unitSize: string | undefined): Fraction {
  return fraction(unitSize ?? '1');
}

function holds(
  band: {
    readonly days?: readonly number[];
    readonly dates?: readonly string[];
    readonly from?: string;
    readonly to?: string;
  },
  local: LocalTime,
): boolean {
  if (band.days !== undefined && !band.days.includes(local.weekday)) return false;
  if (band.dates?.some((date) => date === local.date || date === local.date.slice(5)) === false) return false;
  const from = seconds(band.from ?? '00:00:00');
  const to = seconds(band.to ?? '24:00:00');
  return to > from ? local.second >= from && local.second < to : local.second >= from || local.second < to;
}

function seconds(clock: string): number {
  const [hours = 0, minutes = 0, rest = 0] = clock.split(':').map(Number);
  return hours * 3600 + minutes * 60 + rest;
}

function effective({ effectiveFrom }: CasePrice): number {
  return effectiveFrom === undefined ? -1e15 : millis(effectiveFrom);
}

function includes(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.includes(name);
}

function smaller(a: Fraction, b: Fraction): Fraction {
  return a.minus(b).sign() <= 0 ? a : b;
}

function larger(a: Fraction, b: Fraction): Fraction {
  return a.minus(b).sign() >= 0 ? a : b;
}

/** Two infinities are equal. */
function order(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function canonically(a: CaseEvent, b: CaseEvent): number {
  return millis(a.at) - millis(b.at) || codePoints(a.id, b.id);
}

function codePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function millis(time: string): number {
  return Date.parse(time);
}

function previousMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, '0')}`;
}
