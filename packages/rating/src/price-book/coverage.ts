/**
 * Finds use that some prices leave out: of a place and a time, what access points, rating groups, radio types, directions
 * and hours none of them fits. It walks one criterion after the other and looks only at values that the prices tell
 * apart, so it ends as soon as a price without further criteria remains.
 */
import type { Band, Price, Scope } from './price-book.ts';
import { uncoveredHours, type WeekGap } from './week-time.ts';

/** What use has to be covered: a scope's criteria but for service and place, one direction or both, and hours. */
export interface Region extends Pick<Scope, 'rats' | 'apns' | 'ratingGroups'> {
  readonly direction: Price['direction'];
  /** Undefined: at all hours. */
  readonly bands: readonly Band[] | undefined;
}

/** Use that is left out, in words; no word for what is left out whatever it is. */
export interface Gap {
  readonly words: readonly string[];
}

type Value = string | number;

interface Criterion {
  values(of: Region): readonly Value[] | undefined;
  /** All values there are, where they can be named. */
  readonly all?: readonly Value[];
  words(value: Value | undefined): string;
}

const CRITERIA: readonly Criterion[] = [
  {
    values: (of) => of.apns,
    words: (apn) => (apn === undefined ? 'with any other access point' : `with access point '${apn}'`),
  },
  {
    values: (of) => of.ratingGroups,
    words: (group) => (group === undefined ? 'with any other rating group' : `with rating group ${group}`),
  },
  {
    values: (of) => of.rats,
    words: (rat) => (rat === undefined ? 'with any other radio type' : `with radio type '${rat}'`),
  },
  {
    values: (of) => (of.direction === undefined ? undefined : [of.direction]),
    all: ['up', 'down'],
    words: (direction) => `in direction ${direction}`,
  },
];

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The first use of the region that none of the prices fits, or undefined if they cover it. */
export function uncovered(region: Region, prices: readonly Price[]): Gap | undefined {
  const words = walk(region, prices, 0);
  return words === undefined ? undefined : { words };
}

function walk(region: Region, prices: readonly Price[], level: number): string[] | undefined {
  if (prices.length === 0) return [];
  if (prices.some((price) => unrestricted(price, level))) return undefined;
  const criterion = CRITERIA[level];
  if (criterion === undefined) {
    const hours = uncoveredHours(
      region.bands,
      prices.map((price) => price.bands),
    );
    return hours === undefined ? undefined : [hoursInWords(hours)];
  }
  const named = new Set(prices.flatMap((price) => criterion.values(price) ?? []));
  if (named.size === 0) return walk(region, prices, level + 1);
  const wanted = criterion.values(region) ?? criterion.all;
  if (wanted === undefined || wanted.some((value) => !named.has(value))) {
    // What no price names is alike, and prices that fit it fit any value: it alone decides.
    const fitting = prices.filter((price) => criterion.values(price) === undefined);
    const left = walk(region, fitting, level + 1);
    return left === undefined ? undefined : [criterion.words(wanted?.find((value) => !named.has(value))), ...left];
  }
  for (const value of wanted) {
    const fitting = prices.filter((price) => criterion.values(price)?.includes(value) ?? true);
    const left = walk(region, fitting, level + 1);
    if (left !== undefined) return [criterion.words(value), ...left];
  }
  return undefined;
}

/** Whether a price has no criterion of those that a region may have; from a level of them on. */
export function unrestricted(price: Price, level = 0): boolean {
  if (price.bands !== undefined) return false;
  for (let next = level; next < CRITERIA.length; next += 1) {
    if (CRITERIA[next]?.values(price) !== undefined) return false;
  }
  return true;
}

function hoursInWords(hours: WeekGap): string {
  const day = hours.date ?? DAYS[hours.day - 1] ?? '';
  return `on ${day} from ${clock(hours.from)} to ${clock(hours.to)}`;
}

function clock(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = seconds % 60;
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}${rest === 0 ? '' : `:${two(rest)}`}`;
}
