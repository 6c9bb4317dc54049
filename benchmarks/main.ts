/** `npm run bench -- fold | guide | flat [--events N] [--rounds N] [--seed S] [--quick] [--json]`. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureFlat } from './micro/flat.ts';
import { flatReport } from './micro/flat-report.ts';
import { type FoldResult, measureFold } from './micro/fold.ts';
import { type GuideResult, measureGuide } from './micro/guide.ts';

const HELP = `npm run bench -- fold | guide | flat [options]

  fold          events/s of decode + rate + encode on one thread, beside bare Avro decoding (avsc, generic) of the same
                guided events in the same run
  guide         events/s of decode + resolve + write on one thread, beside bare Avro decoding of the same events
  flat          ns of rating an event as its size, the tiers, the pool, the book and the buckets grow, and bytes of state a
                subscription

  --events N    distinct usage events of the reference workload (400000); flat: of a case and round (10000)
  --scale S     fold: XS, 1 thousand SIMs, each heard of as often as in the reference workload (the standard), or S, 100
                thousand, each heard of four times; flat and guide have their own
  --rounds N    rounds; the median counts (5; flat: 25)
  --seed S      seed of the workload (1)
  --tables A,B  flat: only these tables, by their names in the JSON
  --quick       a small run: 40000 events, 3 rounds; flat: 4000 events, 9 rounds
  --json        the last line is one JSON object
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string' },
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: 'XS' },
    tables: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const which = positionals[0] ?? 'fold';
if (values.help) process.stdout.write(HELP);
else if (which !== 'fold' && which !== 'guide' && which !== 'flat') {
  process.stderr.write(`There is no benchmark "${which}"; this version has: fold, guide, flat.\n`);
  process.exitCode = 2;
} else {
  const [events, rounds] =
    which === 'flat' ? (values.quick ? [4_000, 9] : [10_000, 25]) : values.quick ? [40_000, 3] : [400_000, 5];
  const options = {
    events: wholeNumber('events', values.events, events),
    rounds: wholeNumber('rounds', values.rounds, rounds),
    seed: values.seed,
    progress: (what: string) => process.stderr.write(`${what}\n`),
  };
  if (which === 'flat') show(measureFlat({ ...options, tables: values.tables?.split(',') }), flatReport);
  else if (which === 'fold') show(measureFold({ ...options, scale: scaleOf(values.scale) }), foldReport);
  else show(measureGuide(options), guideReport);
}

function show<Result>(result: Result, report: (result: Result) => string): void {
  process.stdout.write(report(result));
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
}

function scaleOf(text: string): 'XS' | 'S' {
  if (text !== 'XS' && text !== 'S') throw new RangeError(`--scale takes XS or S, not "${text}"`);
  return text;
}

function wholeNumber(name: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new RangeError(`--${name} takes a whole number from 1, not "${text}"`);
  return Number(text);
}

function foldReport(result: FoldResult): string {
  const rows: [string, string][] = [
    ['bare Avro decoding (avsc)', perSecond(result.bareDecodePerSecond)],
    ['decode', perSecond(result.decodePerSecond)],
    ['rate', perSecond(result.ratePerSecond)],
    ['encode', perSecond(result.encodePerSecond)],
    ['decode + rate + encode', perSecond(result.foldPerSecond)],
    ['ratio to bare decoding', `${percent(result.foldToDecode)}  (spread ${result.spread})`],
    ['  first half (cold)', percent(result.coldToDecode)],
    ['  both halves', percent(result.wholeToDecode)],
    ['helper threads on top', percent(result.helperShare)],
    ['bytes of duplicate key', result.bytesPerDuplicateKey.toFixed(1)],
  ];
  return `Fold: ${result.events} guided events, scale ${result.scale}, ${result.lines} lines, ${result.rounds} rounds, seed ${result.seed}
Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}

${tableOf(rows)}

All but the two indented lines are of the second half of the events, which the rater comes to warm.
Goal: decode + rate + encode at 25 % or more of bare decoding of the same events in the same run.
Not measured: Kafka, guiding, the digest of a block, ClickHouse.
`;
}

function guideReport(result: GuideResult): string {
  const rows: [string, string][] = [
    ['bare Avro decoding (avsc)', perSecond(result.bareDecodePerSecond)],
    ['decode', perSecond(result.decodePerSecond)],
    ['validate, resolve, write', perSecond(result.executePerSecond)],
    ['all of it', perSecond(result.guidePerSecond)],
    ['ratio to bare decoding', `${percent(result.guideToDecode)}  (spread ${result.spread})`],
  ];
  return `Guide: ${result.events} raw events, ${result.guided} guided, ${result.rounds} rounds, seed ${result.seed}
Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}

${tableOf(rows)}

Not measured: Kafka, the plan log, compression, applying the reference log.
`;
}

function tableOf(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, value]) => `  ${name.padEnd(28)}${value}`).join('\n');
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}

function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')} events per CPU second`;
}
