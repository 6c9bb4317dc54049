/**
 * Checks over the reports of the stages (C01, C02, C03). Each compares figures that two stages counted apart, so that
 * events that vanish, appear or change between them show.
 *
 *   guide ──plan-guided──▶ guided ──guided-rated──▶ rater ──rated-loaded──▶ loader
 *     │                                              ├──rated-aggregated──▶ aggregator
 *     └──refused-loaded──▶ loader-suspense ◀──suspended-loaded──┘
 */
import { BLOCK, type Check, PARTITION, RANGE, SAMPLES_MAX } from './checks.ts';

const RANGE_COLUMNS = 'source, from_offset, from_x, to_offset, to_x, generation';
const NO_VALUE = "'' AS value, '' AS currency";
const SAMPLES = `arraySort(groupArray(${SAMPLES_MAX})(sample)) AS samples`;

/** A report whose own figures do not add up. */
function balance(
  stage: string,
  subject: string,
  sample: string,
  expected: string,
  actual: string,
  unit: string,
): string {
  return `
SELECT ${subject} AS subject, concat(toString(sum(wanted)), ' ${unit}') AS expected,
  concat(toString(sum(found)), ' ${unit}') AS actual, toString(sum(found) - sum(wanted)) AS variance,
  ${NO_VALUE}, count() AS blocks, 1 AS certain, ${SAMPLES}
FROM (SELECT *, ${expected} AS wanted, ${actual} AS found, ${sample} AS sample FROM controls WHERE stage = '${stage}')
WHERE wanted != found GROUP BY subject`;
}

interface Side {
  readonly stage: string;
  readonly figure: string;
  /** Rows that count; all of the stage where absent. */
  readonly where?: string;
}

/**
 * Two stages' figures for the same thing. A row of one side without the other is certain once the other side has
 * reported something later of the same source (`order` rises along a `chain`). More than one row of a side for one thing
 * is a difference too: it was applied twice.
 */
function compare(
  left: Side,
  right: Side,
  at: {
    readonly key: string;
    readonly chain: string;
    readonly order: string;
    readonly subject: string;
    readonly sample: string;
    readonly unit: string;
    /** False where many rows of a side may stand for one (then their figures are added up). */
    readonly once: boolean;
  },
): string {
  const rows = (side: Side) => `stage = '${side.stage}' AND ${side.where ?? '1'}`;
  const twice = at.once ? 'OR right_rows > 1' : '';
  return `
SELECT ${at.subject} AS subject,
  concat(toString(sum(left_sum)), ' ${at.unit} in ', toString(sum(left_rows)), ' reports of ${left.stage}') AS expected,
  concat(toString(sum(right_sum)), ' ${at.unit} in ', toString(sum(right_rows)), ' reports of ${right.stage}') AS actual,
  toString(sum(right_sum) - sum(left_sum)) AS variance, ${NO_VALUE}, count() AS blocks,
  toUInt8(max(multiIf(left_rows = 0, left_last > place, right_rows = 0, right_last > place, 1))) AS certain, ${SAMPLES}
FROM (
  SELECT *, ${at.sample} AS sample,
    max(if(left_rows > 0, place, -1)) OVER (PARTITION BY ${at.chain}) AS left_last,
    max(if(right_rows > 0, place, -1)) OVER (PARTITION BY ${at.chain}) AS right_last
  FROM (
    SELECT ${at.key}, ${at.order} AS place,
      sumIf(${left.figure}, ${rows(left)}) AS left_sum, countIf(${rows(left)}) AS left_rows,
      sumIf(${right.figure}, ${rows(right)}) AS right_sum, countIf(${rows(right)}) AS right_rows
    FROM controls WHERE (${rows(left)}) OR (${rows(right)}) GROUP BY ${at.key}
  )
)
WHERE left_sum != right_sum OR left_rows = 0 OR right_rows = 0 ${twice} GROUP BY subject`;
}

/** Compared by range of plan positions of a raw partition or the reference log. */
const byRange = {
  key: RANGE_COLUMNS,
  chain: 'source, generation',
  order: 'to_offset + to_x',
  subject: 'source',
  sample: RANGE,
} as const;

/** The same, for each guided partition that a plan's blocks went to. */
const byGuidedRange = {
  key: `${RANGE_COLUMNS}, guided_partition`,
  chain: 'source, generation, guided_partition',
  order: 'to_offset + to_x',
  subject: `concat(${PARTITION}, ' from ', source)`,
  sample: RANGE,
} as const;

/** Compared by rated block: one guided offset. */
const byBlock = {
  key: 'generation, guided_partition, guided_offset',
  chain: 'generation, guided_partition',
  order: 'guided_offset',
  subject: PARTITION,
  sample: BLOCK,
} as const;

function figures(name: string, build: (figure: string, unit: string) => string) {
  return [
    { name: `${name}-events`, sql: build('events', 'events') },
    { name: `${name}-bytes`, sql: build('bytes', 'bytes') },
  ];
}

const critical = { kind: 'live', severity: 'critical' } as const;

const planBalance = figures('plan-balance', (figure, unit) => {
  const out = ['guided', 'rejected', 'suspended', 'duplicate'].map((outcome) => `${figure}_${outcome}`).join(' + ');
  return balance('guide', 'source', RANGE, `${figure}_in`, out, unit);
}).map((check) => ({
  ...check,
  ...critical,
  control: 'C01',
  says: 'What the guide received is not what it guided, rejected and suspended.',
}));

const planGuided = figures('plan-guided', (figure, unit) => {
  const left = { stage: 'guide', figure: `${figure}_guided` };
  return compare(
    left,
    { stage: 'guided', figure: `${figure}_in`, where: "source != 'reference'" },
    { ...byRange, unit, once: false },
  );
}).map((check) => ({
  ...check,
  ...critical,
  control: 'C01',
  says: 'What a plan guided is not what its blocks for the guided partitions hold.',
}));

const guidedRated = figures('guided-rated', (figure, unit) => {
  const right = { stage: 'rater', figure: `${figure}_in`, where: "NOT startsWith(source, 'guided/')" };
  return compare({ stage: 'guided', figure: `${figure}_in` }, right, { ...byGuidedRange, unit, once: true });
}).map((check) => ({
  ...check,
  ...critical,
  control: 'C02',
  says: 'What was guided to a partition is not what its rater took in; a block is missing, doubled or altered.',
}));

const raterBalance = figures('rater-balance', (figure, unit) => {
  const out = ['rated', 'duplicate', 'rejected', 'suspended'].map((outcome) => `${figure}_${outcome}`).join(' + ');
  return balance('rater', PARTITION, BLOCK, `${figure}_in`, out, unit);
}).map((check) => ({
  ...check,
  ...critical,
  control: 'C02',
  says: 'What the rater took in is not what it rated, suspended and dropped as duplicate.',
}));

const aggregated = (
  [
    ['lines', 'lines', 'lines'],
    ['events', 'events_rated', 'events'],
    ['quantity', 'quantity', 'units'],
  ] as const
).map(([name, figure, unit]) => ({
  ...critical,
  name: `rated-aggregated-${name}`,
  control: 'C02',
  says: 'What the rater says that it rated is not what the aggregator counted in the lines.',
  sql: compare({ stage: 'rater', figure }, { stage: 'aggregator', figure }, { ...byBlock, unit, once: true }),
}));

const amounts: Check = {
  ...critical,
  name: 'rated-aggregated-amounts',
  control: 'C02',
  says: 'The money that the rater says is not the money that the aggregator added up from the lines.',
  sql: `
SELECT ${PARTITION} AS subject, toString(sum(wanted)) AS expected, toString(sum(found)) AS actual,
  toString(sum(found) - sum(wanted)) AS variance, toString(sum(found) - sum(wanted)) AS value, currency,
  count() AS blocks, 1 AS certain, ${SAMPLES}
FROM (
  SELECT *, currency, ${BLOCK} AS sample, toDecimal128OrZero(rated[currency], 12) AS wanted,
    toDecimal128OrZero(added[currency], 12) AS found
  FROM (
    SELECT generation, guided_partition, guided_offset, anyIf(amounts, stage = 'rater') AS rated,
      anyIf(amounts, stage = 'aggregator') AS added
    FROM controls WHERE stage IN ('rater', 'aggregator') GROUP BY generation, guided_partition, guided_offset
    HAVING countIf(stage = 'rater') > 0 AND countIf(stage = 'aggregator') > 0 AND mapSort(rated) != mapSort(added)
  ) ARRAY JOIN arrayDistinct(arrayConcat(mapKeys(rated), mapKeys(added))) AS currency
)
WHERE wanted != found GROUP BY subject, currency`,
};

const others: readonly Check[] = [
  {
    ...critical,
    name: 'plan-chain',
    control: 'C01',
    says: 'A plan does not begin where the one before it ended: ranges of the source are not accounted for.',
    sql: `
SELECT source AS subject, concat('begins at ', toString(any(last_offset)), ',', toString(any(last_x))) AS expected,
  concat('begins at ', toString(any(from_offset)), ',', toString(any(from_x))) AS actual,
  toString(sum(from_offset - last_offset)) AS variance, ${NO_VALUE}, count() AS blocks, 0 AS certain, ${SAMPLES}
FROM (
  SELECT *, ${RANGE} AS sample,
    lagInFrame(to_offset, 1, 0) OVER plans AS last_offset, lagInFrame(to_x, 1, 0) OVER plans AS last_x
  FROM controls WHERE stage = 'guide' OR (stage = 'guided' AND source = 'reference' AND guided_partition = 0)
  WINDOW plans AS (PARTITION BY source ORDER BY to_offset, to_x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE from_offset != last_offset OR from_x != last_x GROUP BY source`,
  },
  {
    ...critical,
    name: 'parts',
    control: 'C03',
    says: 'The parts of events do not add up to the events.',
    sql: `
SELECT concat(${PARTITION}, ' ', stage) AS subject, concat(toString(sum(event_quantity)), ' units') AS expected,
  concat(toString(sum(quantity)), ' units, ', toString(sum(broken_events)), ' broken events') AS actual,
  toString(sum(quantity) - sum(event_quantity)) AS variance, ${NO_VALUE}, count() AS blocks, 1 AS certain, ${SAMPLES}
FROM (SELECT *, ${BLOCK} AS sample FROM controls WHERE stage IN ('rater', 'aggregator'))
WHERE quantity != event_quantity OR broken_events != 0 GROUP BY subject`,
  },
  {
    ...critical,
    name: 'rated-loaded-lines',
    control: 'C02',
    says: 'What the rater says that it wrote is not what ClickHouse says that it took.',
    sql: compare(
      { stage: 'rater', figure: 'lines' },
      { stage: 'loader', figure: 'lines' },
      { ...byBlock, unit: 'lines', once: true },
    ),
  },
  {
    ...critical,
    name: 'refused-loaded',
    control: 'C01',
    says: 'What the guide rejected and suspended is not what stands in suspended_usage.',
    sql: compare(
      { stage: 'guide', figure: '(events_rejected + events_suspended)' },
      { stage: 'loader-suspense', figure: 'lines', where: "NOT startsWith(source, 'guided/')" },
      { ...byRange, unit: 'events', once: true },
    ),
  },
  {
    ...critical,
    name: 'suspended-loaded',
    control: 'C02',
    says: 'What the rater suspended is not what stands in suspended_usage.',
    sql: compare(
      { stage: 'rater', figure: 'events_suspended', where: 'events_suspended > 0' },
      { stage: 'loader-suspense', figure: 'lines', where: "startsWith(source, 'guided/')" },
      { ...byBlock, unit: 'events', once: true },
    ),
  },
];

export const LIVE_CHECKS: readonly Check[] = [
  ...planBalance,
  ...planGuided,
  ...guidedRated,
  ...raterBalance,
  ...aggregated,
  amounts,
  ...others,
];
