/**
 * Random cases that use the whole grammar of the format, valid by construction: no two prices tie, commitments and fees have
 * a scope that allows them. What they come to is for the oracle to say.
 */
import type {
  Case,
  CaseAllowance,
  CaseBand,
  CaseEvent,
  CaseModel,
  CasePrice,
  CaseRounding,
  CaseRoundingMode,
  CaseTier,
} from '../../scripts/cases/case.ts';
import type { Random } from '../../scripts/cases/random.ts';
import { oracle } from './oracle.ts';

/** What kind of events a service has: quantities, durations (which are quantities too), or amounts of money. */
type Use = 'quantity' | 'duration' | 'money';

interface World {
  readonly random: Random;
  readonly cycle: 'all' | 'month';
  readonly timezone: string;
  readonly services: readonly string[];
  readonly use: ReadonlyMap<string, Use>;
  readonly subscriptions: readonly string[];
  /** Decimals of quantities. */
  readonly fine: boolean;
  /** Shares of money and prices of quantities stand side by side. */
  readonly mixed: boolean;
  readonly runs: number;
}

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/Santiago',
  'Africa/Cairo',
];
/** Days around which clocks change, months and years end. */
const DAYS = [
  '2026-03-08',
  '2026-03-28',
  '2026-03-29',
  '2026-03-31',
  '2026-04-01',
  '2026-04-04',
  '2026-04-05',
  '2026-04-24',
  '2026-04-30',
  '2026-05-01',
];
/** After the first five of them. */
const LATER = ['2026-04-05T10:00:00Z', '2026-05-15T00:00:00Z'];
const MODES: readonly CaseRoundingMode[] = ['up', 'down', 'half_up', 'half_even'];

/** A case with everything that the oracle makes of it as what it states. */
export function randomCase(random: Random, id: string): Case {
  const withDurations = random.once(3);
  const services = ['data', 'voice', 'premium'].slice(0, 1 + random.below(3));
  const world: World = {
    random,
    cycle: random.once(2) ? 'month' : 'all',
    timezone: random.once(2) ? 'UTC' : random.pick(ZONES),
    services,
    use: new Map(
      services.map((service) => [
        service,
        service === 'premium' || random.once(6) ? 'money' : withDurations ? 'duration' : 'quantity',
      ]),
    ),
    subscriptions: ['A', 'B', 'C'].slice(0, 1 + random.below(3)),
    fine: !withDurations && random.once(3),
    mixed: random.once(6),
    runs: random.once(4) ? 1 + random.below(3) : 1,
  };
  const events = Array.from({ length: random.below(9) + (random.once(20) ? 0 : 1) }, (_, index) =>
    randomEvent(world, index),
  );
  const input = {
    id,
    timezone: world.timezone,
    cycle: world.cycle,
    prices: randomPrices(world, withDurations),
    ...some(random, 'allowances', () =>
      Array.from({ length: 1 + random.below(4) }, (_, at) => randomAllowance(world, at)),
    ),
    ...some(random, 'credits', () => [
      { id: 'k2', amount: decimal(random, 20, 2) },
      { id: 'k1', amount: decimal(random, 20, 2), priority: random.below(2) },
    ]),
    events: random.shuffled(events),
    ...some(random, 'invoiceRounding', () => randomRounding(random)),
  };
  return withOutcome({ ...input, expected: {} });
}

/** The case with all that the oracle makes of it as what it states. */
export function withOutcome(input: Case): Case {
  const { perCycle, ...expected } = oracle(input);
  return { ...input, expected: input.cycle === 'month' ? { ...expected, perCycle } : expected };
}

function randomEvent({ random, services, use, subscriptions, fine, runs }: World, index: number): CaseEvent {
  const service = random.pick(services);
  const id = random.once(4) ? `e${index}` : `e${random.below(3)}-${index}`;
  const day = random.pick(DAYS);
  const clock = [random.below(24), random.once(2) ? random.below(60) : 0, random.once(2) ? random.below(60) : 0];
  const time = clock.map((part) => String(part).padStart(2, '0')).join(':');
  const at = `${day}T${time}${random.once(6) ? '.250' : ''}${random.pick(['Z', '+01:00', '-05:00'])}`;
  const duration = String(random.once(6) ? 0 : random.below(random.once(3) ? 40_000 : 3000));
  const counted = {
    quantity: () => ({
      quantity: `${random.once(12) ? '-' : ''}${decimal(random, random.pick([5, 40, 400]), fine ? 2 : 0)}`,
    }),
    duration: () =>
      random.once(4)
        ? { quantity: String(random.below(4000)) }
        : { duration, ...(random.once(2) ? { quantity: duration } : {}) },
    money: () => ({ amount: `${random.once(12) ? '-' : ''}${decimal(random, random.pick([5, 40, 400]), 2)}` }),
  }[use.get(service) ?? 'quantity']();
  return {
    id,
    at,
    service,
    ...counted,
    ...some(random, 'subscription', () => random.pick(subscriptions)),
    ...some(random, 'session', () => random.pick(['s', 't'])),
    ...(runs > 1 ? { run: 1 + random.below(runs) } : {}),
  };
}

function randomPrices(world: World, withBands: boolean): CasePrice[] {
  const { random, services, use, mixed: alike } = world;
  const prices: CasePrice[] = [];
  /** Each price has a priority of its own in its leg and kind, so none tie; versions share one. */
  let priority = random.below(5) - 8;
  for (const leg of random.once(3)
    ? ['retail', 'wholesale']
    : random.once(12)
      ? ['retail', 'partner', 'wholesale']
      : ['retail']) {
    for (const kind of ['counted', 'money'] as const) {
      const own = services.filter((service) => alike || (use.get(service) === 'money') === (kind === 'money'));
      if (own.length === 0) continue;
      const mixed = own.length < services.length;
      const count = 1 + random.below(3);
      for (let at = 0; at < count; at += 1) {
        priority += 1 + random.below(2);
        const last = at === count - 1;
        const where = {
          ...(leg === 'retail' ? {} : { leg }),
          ...(mixed || random.once(3) ? { services: last && !random.once(6) ? own : [random.pick(own)] } : {}),
          ...(last && !random.once(6) ? {} : restricted(world)),
          ...(!last || random.once(8) ? bands(random, withBands) : {}),
          priority,
        };
        prices.push({ ...where, ...randomPrice(world, kind, leg) });
        if (random.once(4))
          prices.push({
            ...where,
            ...randomPrice(world, kind, leg),
            effectiveFrom: `${random.pick(DAYS)}T12:00:00+02:00`,
          });
      }
    }
  }
  return prices;
}

function restricted({ random, subscriptions }: World): Pick<CasePrice, 'subscriptions'> {
  return random.once(2) ? { subscriptions: subscriptions.filter(() => random.once(2)).concat('Z') } : {};
}

function bands(random: Random, often: boolean): Pick<CasePrice, 'when'> {
  if (!(often || random.once(4))) return {};
  return { when: Array.from({ length: 1 + random.below(2) }, () => randomBand(random)) };
}

function randomBand(random: Random): CaseBand {
  const clock = () => `${String(random.below(24)).padStart(2, '0')}:${random.pick(['00', '30'])}:00`;
  return {
    ...some(random, 'days', () => [1 + random.below(3), ...[4, 5, 6, 7].filter(() => random.once(2))]),
    ...(random.once(5) ? { dates: random.pick([['03-29'], ['2026-04-05', '05-01'], ['03-31', '04-01']]) } : {}),
    ...some(random, 'from', clock),
    ...some(random, 'to', clock),
  };
}

function randomPrice(world: World, kind: 'counted' | 'money', leg: string): Omit<CasePrice, 'priority'> {
  const { random } = world;
  const scope = random.pick(['event', 'session', 'day', 'cycle'] as const);
  const counted: readonly CaseModel[] = ['per_unit', 'flat', 'graduated', 'volume', 'stairstep', 'package'];
  const model = kind === 'money' ? random.pick(['percentage', 'graduated_percentage'] as const) : random.pick(counted);
  const maximum = `${random.below(60) + 30}.5`;
  return {
    ...(scope === 'cycle' && random.once(2) ? {} : { scope }),
    ...some(random, 'per', () => random.pick(['account', 'subscription'] as const)),
    ...(kind === 'counted' ? countedFields(world) : {}),
    ...(random.once(4) ? { freeUnits: decimal(random, 20, kind === 'money' ? 2 : 0) } : {}),
    ...modelFields(world, model),
    ...(scope === 'event' || scope === 'session' ? some(random, 'connectFee', () => decimal(random, 2, 2)) : {}),
    ...(random.once(5) ? { discountPercent: random.pick(['10', '12.5', '100', '33.333333333333']) } : {}),
    ...(random.once(5) ? { maximum } : {}),
    ...(random.once(5) ? { minimum: random.once(4) ? '0.5' : decimal(random, 30, 2) } : {}),
    ...(random.once(3) ? { rounding: randomRounding(random) } : {}),
    ...(leg === 'retail' && random.once(5) ? { feesWhenCovered: random.once(4) === false } : {}),
  };
}

function countedFields(world: World): Partial<CasePrice> {
  const { random, fine } = world;
  return {
    ...(random.once(3) ? { unitSize: random.pick(['60', '10', '8', ...(fine ? ['0.5'] : [])]) } : {}),
    ...(random.once(5) ? { minimumQuantity: decimal(random, 60, fine ? 2 : 0) } : {}),
    ...(random.once(3)
      ? {
          increment: random.pick(['6', '60', '7', ...(fine ? ['0.25'] : [])]),
          ...some(random, 'incrementRounding', () => random.pick(MODES)),
        }
      : {}),
  };
}

function modelFields(world: World, model: CaseModel): Pick<CasePrice, 'model'> & Partial<CasePrice> {
  const { random } = world;
  const unitPrice = random.once(2) ? decimal(random, 2, 3) : decimal(random, 1, 12);
  switch (model) {
    case 'per_unit':
      return { model, unitPrice };
    case 'flat':
      return { model, flatPrice: decimal(random, 5, 2) };
    case 'package':
      return {
        model,
        packageSize: String(1 + random.below(60)),
        packagePrice: decimal(random, 5, 2),
        ...some(random, 'packageRounding', () => random.pick(MODES)),
      };
    case 'percentage':
      return {
        model,
        ratePercent: decimal(random, 9, 4),
        ...(!world.mixed && random.once(2) ? perEventTerms(random) : {}),
      };
    default:
      return { model, tiers: randomTiers(world, model) };
  }
}

function perEventTerms(random: Random): Partial<CasePrice> {
  const minimum = decimal(random, 1, 2);
  const terms: readonly Partial<CasePrice>[] = [
    { freeEvents: random.below(4) },
    { fixedPerEvent: decimal(random, 2, 2) },
    { perEventMinimum: minimum },
    { perEventMaximum: String(1 + random.below(4)) },
  ];
  return Object.assign({}, ...terms.filter(() => random.once(2)));
}

function randomTiers(world: World, model: CaseModel): CaseTier[] {
  const { random, fine } = world;
  let bound = random.once(6) ? -1 - random.below(30) : 0;
  return Array.from({ length: 1 + random.below(4) }, (_, index) => index).map((_, index, all) => {
    bound = index === 0 && bound < 0 ? 0 : bound + 1 + random.below(30);
    const upTo = index === all.length - 1 ? null : `${bound}${fine && random.once(2) ? '.5' : ''}`;
    const flatPrice = decimal(random, 5, 2);
    if (model === 'stairstep') return { upTo, flatPrice };
    if (model === 'graduated_percentage')
      return { upTo, ratePercent: decimal(random, 9, 3), ...some(random, 'flatPrice', () => flatPrice) };
    return {
      upTo,
      ...some(random, 'unitPrice', () => decimal(random, 2, 3)),
      ...some(random, 'flatPrice', () => flatPrice),
      ...(random.once(4) ? { increment: random.pick(['2', '5', '30']) } : {}),
      ...(random.once(5) ? { unitSize: random.pick(['3', '60']) } : {}),
    };
  });
}

function randomAllowance(world: World, at: number): CaseAllowance {
  const { random, services, use, subscriptions, cycle, fine, runs, mixed } = world;
  // A bucket of one kind only: money or what is counted.
  const kind = use.get(random.pick(services)) === 'money';
  const own = services.filter((service) => mixed || (use.get(service) === 'money') === kind);
  const quantity = decimal(random, random.pick([5, 50, 500]), fine || kind ? 1 : 0);
  const recurs = cycle === 'month' && random.once(2);
  const from = `${random.pick(DAYS.slice(0, 5))}T00:00:00Z`;
  return {
    id: random.pick(['a', 'b', 'B']) + at,
    ...(random.once(4)
      ? {
          contributions: subscriptions.map((subscription) => ({
            subscription,
            quantity: decimal(random, 20, fine ? 1 : 0),
          })),
        }
      : { quantity }),
    ...(random.once(4) ? { unitSize: random.pick(['60', '3', '1']) } : {}),
    ...(own.length < services.length || random.once(3) ? { services: random.once(3) ? [random.pick(own)] : own } : {}),
    ...(random.once(4) ? restricted(world) : {}),
    ...some(random, 'priority', () => random.below(3) - 1),
    ...(recurs || random.once(4) ? { validFrom: from } : {}),
    ...(random.once(5) ? { validTo: random.pick(LATER) } : {}),
    ...(recurs ? { recurs: 'cycle', ...some(random, 'rollover', () => randomRollover(world)) } : {}),
    ...(random.once(4) ? { limitPerSubscription: String(1 + random.below(20)) } : {}),
    ...(random.once(5) ? { step: String(1 + random.below(30)) } : {}),
    ...(runs > 1 && random.once(3) ? { run: 1 + random.below(runs) } : {}),
  };
}

function randomRollover({ random, use }: World): NonNullable<CaseAllowance['rollover']> {
  // Time is cut at whole seconds, so what rolls over has to be whole too.
  const timed = [...use.values()].includes('duration');
  return {
    ...some(random, 'maximum', () => String(1 + random.below(60))),
    ...(random.once(3) ? { maximumPercent: random.pick(timed ? ['100'] : ['50', '25', '100']) } : {}),
  };
}

function randomRounding(random: Random): CaseRounding {
  return { digits: random.below(5), mode: random.pick(MODES) };
}

/** A decimal from 0 to below a whole number, with at most so many decimals. */
function decimal(random: Random, below: number, decimals: number): string {
  const whole = String(random.below(below));
  const fraction = Array.from({ length: random.below(decimals + 1) }, () => String(random.below(10))).join('');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** The field, or nothing: either is as likely. */
function some<Name extends string, Value>(random: Random, name: Name, value: () => Value): { [Key in Name]?: Value } {
  const field: { [Key in Name]?: Value } = {};
  if (random.once(2)) field[name] = value();
  return field;
}
