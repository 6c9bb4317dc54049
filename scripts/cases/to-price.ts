/** One price of a case as a price book's document has it. */
import { formatTimeMicros } from '@headrace/rating';
import type { CasePrice, CaseRoundingMode, CaseTier } from './case.ts';
import { hasPerEventTerms, isShare, type Kind, type Kinds, nothingOf } from './kinds.ts';
import type { Quantities } from './quantities.ts';
import { boundOf } from './times.ts';

export type Entry = Record<string, unknown>;

const HUNDRED = '100';
const MODES = { up: 'up', down: 'down', half_up: 'half-up', half_even: 'half-even' } as const;

export function roundingMode(mode: CaseRoundingMode): (typeof MODES)[CaseRoundingMode] {
  return MODES[mode];
}

export interface PriceNames {
  readonly id: string;
  readonly priority: number;
  readonly leg: 'retail' | 'wholesale';
}

export function priceEntry(price: CasePrice, names: PriceNames, kinds: Kinds, quantities: Quantities): Entry {
  const kind = kinds.kindOfPrice(price);
  const { scope = 'cycle', per = 'account', effectiveFrom, when } = price;
  const services = kinds.servicesOfPrice(price);
  const bands = when?.filter(({ days, dates }) => days?.length !== 0 && dates?.length !== 0);
  const forNothing = services.length === 0 || bands?.length === 0;
  // Events and sessions are of one subscription, so whose meter it is makes no difference there.
  const owner = scope === 'event' || scope === 'session' ? 'subscription' : per;
  return {
    ...names,
    services: forNothing ? [nothingOf(kind)] : services,
    ...given({ effectiveFrom: effectiveFrom === undefined ? undefined : formatTimeMicros(boundOf(effectiveFrom)) }),
    ...given({ when: forNothing ? undefined : bands?.map((band) => ({ ...band })) }),
    ...modelFields(price, kind, quantities),
    ...meteredFields(price, kind, quantities),
    ...given({ feesWhenCovered: names.leg === 'retail' ? price.feesWhenCovered : undefined }),
    meter: { owner, scope },
  };
}

function meteredFields(price: CasePrice, kind: Kind, quantities: Quantities): Entry {
  const { unitSize = '1', minimumQuantity, increment, incrementRounding, freeUnits, rounding } = price;
  const counts = !isShare(price);
  const { connectFee, discountPercent, maximum, minimum } = price;
  return given({
    minimumQuantity: counts && minimumQuantity !== undefined ? quantities.of(kind, minimumQuantity) : undefined,
    increment: counts && increment !== undefined ? quantities.of(kind, increment) : undefined,
    incrementRounding:
      counts && increment !== undefined && incrementRounding !== undefined
        ? roundingMode(incrementRounding)
        : undefined,
    freeUnits:
      freeUnits === undefined || hasPerEventTerms(price)
        ? undefined
        : quantities.of(kind, freeUnits, counts ? unitSize : '1'),
    connectFee: isZero(connectFee) ? undefined : connectFee,
    discountPercent,
    maximum,
    minimum,
    rounding: rounding === undefined ? undefined : { digits: rounding.digits, mode: roundingMode(rounding.mode) },
  });
}

function modelFields(price: CasePrice, kind: Kind, quantities: Quantities): Entry {
  const { unitSize = '1', tiers = [] } = price;
  const of = (...factors: readonly string[]) => quantities.of(kind, ...factors);
  const bound = (upTo: string | null, size: string) => given({ upTo: upTo === null ? undefined : of(upTo, size) });
  switch (price.model) {
    case 'per_unit':
      return { model: 'per-unit', unitPrice: price.unitPrice ?? '0', per: of(unitSize) };
    case 'flat':
      return { model: 'flat', flatPrice: price.flatPrice ?? '0' };
    case 'package':
      return {
        model: 'package',
        packageSize: of(price.packageSize ?? '1', unitSize),
        packagePrice: price.packagePrice ?? '0',
        packageRounding: roundingMode(price.packageRounding ?? 'up'),
      };
    case 'graduated':
    case 'volume':
      return { model: price.model, tiers: tiers.map((tier) => tierEntry(tier, unitSize, bound, of)) };
    case 'stairstep':
      return {
        model: 'stairstep',
        tiers: tiers.map(({ upTo, flatPrice = '0' }) => ({ ...bound(upTo, unitSize), flatPrice })),
      };
    case 'percentage':
      if (kind !== 'money') return { model: 'per-unit', unitPrice: price.ratePercent ?? '0', per: of(HUNDRED) };
      return { model: 'percentage', ratePercent: price.ratePercent ?? '0', ...perEventFields(price, quantities) };
    case 'graduated_percentage':
      if (kind !== 'money') return { model: 'graduated', tiers: tiers.map((tier) => hundredsEntry(tier, bound, of)) };
      return {
        model: 'graduated-percentage',
        tiers: tiers.map(({ upTo, flatPrice = '0', ratePercent = '0' }) => ({
          ...bound(upTo, '1'),
          flatPrice,
          ratePercent,
        })),
      };
    default:
      return price.model satisfies never;
  }
}

function tierEntry(
  tier: CaseTier,
  priceUnitSize: string,
  bound: (upTo: string | null, size: string) => Entry,
  of: (...factors: readonly string[]) => number | string,
): Entry {
  const { upTo, unitPrice = '0', flatPrice = '0', unitSize = '1', increment } = tier;
  return {
    ...bound(upTo, priceUnitSize),
    unitPrice,
    flatPrice,
    per: of(unitSize, priceUnitSize),
    ...given({ increment: increment === undefined ? undefined : of(increment, priceUnitSize) }),
  };
}

/** A tier of percentages of what is counted: a price for each hundred. */
function hundredsEntry(
  { upTo, flatPrice = '0', ratePercent = '0' }: CaseTier,
  bound: (upTo: string | null, size: string) => Entry,
  of: (...factors: readonly string[]) => number | string,
): Entry {
  return { ...bound(upTo, '1'), unitPrice: ratePercent, flatPrice, per: of(HUNDRED) };
}

function perEventFields(price: CasePrice, quantities: Quantities): Entry {
  if (!hasPerEventTerms(price)) return {};
  const { freeEvents, freeUnits, fixedPerEvent, perEventMinimum, perEventMaximum } = price;
  const perEvent = given({
    freeEvents,
    freeAmount: freeUnits === undefined ? undefined : quantities.of('money', freeUnits),
    fixed: fixedPerEvent,
    minimum: perEventMinimum,
    maximum: perEventMaximum,
  });
  return { perEvent };
}

export function isZero(amount: string | undefined): boolean {
  return amount === undefined || /^0+(\.0+)?$/.test(amount);
}

/** Without the fields that are undefined. */
export function given(entry: Entry): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}
