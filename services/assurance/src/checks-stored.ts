/**
 * Checks over what is stored, for seldom runs, since they read the lines themselves: the third net against lines that are
 * there twice, and the money of the stored lines against what the raters said that they wrote.
 *
 * Stored lines are compared up to the block that both the loader and the rater have reported, in each partition.
 */
import { BLOCK, type Check, PARTITION, SAMPLES_MAX } from './checks.ts';

const stored = { kind: 'stored', severity: 'critical' } as const;
const NO_VALUE = "'' AS value, '' AS currency";

/** Partitions, and the guided offset up to which all of `stages` have reported. */
function reported(stages: readonly string[]): string {
  const last = stages.map((stage) => `maxIf(guided_offset, stage = '${stage}')`).join(', ');
  const list = stages.map((stage) => `'${stage}'`).join(', ');
  return `SELECT generation, guided_partition, least(${last}) AS upto FROM controls WHERE stage IN (${list})
    GROUP BY generation, guided_partition HAVING uniqExact(stage) = ${stages.length}`;
}

/** Money by partition and currency: what `stage` reported against the sum of `table`. */
function storedAmounts(stage: string, loader: string, table: string): string {
  return `
SELECT ${PARTITION} AS subject, toString(sum(wanted)) AS expected, toString(sum(found)) AS actual,
  toString(sum(found) - sum(wanted)) AS variance, toString(sum(found) - sum(wanted)) AS value, currency,
  1 AS blocks, 1 AS certain, [concat('up to offset ', toString(any(upto)))] AS samples
FROM (
  SELECT generation, guided_partition, guided_offset, currency, toDecimal128(amount_text, 12) AS wanted,
    toDecimal128(0, 12) AS found
  FROM controls ARRAY JOIN mapKeys(amounts) AS currency, mapValues(amounts) AS amount_text WHERE stage = '${stage}'
  UNION ALL
  SELECT generation, guided_partition, guided_offset, currency, toDecimal128(0, 12) AS wanted, amount AS found
  FROM ${table} FINAL WHERE leg = 'retail'
) AS money INNER JOIN (${reported([stage, loader])}) AS range USING (generation, guided_partition)
WHERE guided_offset <= upto GROUP BY generation, guided_partition, currency HAVING sum(wanted) != sum(found)`;
}

/** Lines by partition. \`lines\` is SQL for the count that one row of the table stands for. */
function storedLines(stage: string, loader: string, table: string, lines: string): string {
  return `
SELECT ${PARTITION} AS subject, concat(toString(sum(wanted)), ' lines') AS expected,
  concat(toString(sum(found)), ' lines') AS actual, toString(sum(found) - sum(wanted)) AS variance, ${NO_VALUE},
  1 AS blocks, 1 AS certain, [concat('up to offset ', toString(any(upto)))] AS samples
FROM (
  SELECT generation, guided_partition, guided_offset, lines AS wanted, toInt64(0) AS found
  FROM controls WHERE stage = '${stage}'
  UNION ALL
  SELECT generation, guided_partition, guided_offset, toInt64(0) AS wanted, toInt64(${lines}) AS found FROM ${table} FINAL
) AS counted INNER JOIN (${reported([stage, loader])}) AS range USING (generation, guided_partition)
WHERE guided_offset <= upto GROUP BY generation, guided_partition HAVING sum(wanted) != sum(found)`;
}

export const STORED_CHECKS: readonly Check[] = [
  {
    ...stored,
    severity: 'warning',
    name: 'distinct-lines',
    control: 'C02',
    says: 'Lines stand twice in rated_usage; sums that are read through the view count them once.',
    sql: `
SELECT ${PARTITION} AS subject, concat(toString(uniqExact(guided_offset, line)), ' distinct lines') AS expected,
  concat(toString(count()), ' rows') AS actual, toString(count() - uniqExact(guided_offset, line)) AS variance, ${NO_VALUE},
  1 AS blocks, 1 AS certain, emptyArrayString() AS samples
FROM rated_usage GROUP BY generation, guided_partition HAVING count() != uniqExact(guided_offset, line)`,
  },
  {
    ...stored,
    name: 'stored-lines',
    control: 'C02',
    says: 'The lines in rated_usage are not the lines that the rater reported.',
    sql: storedLines('rater', 'loader', 'rated_usage', '1'),
  },
  {
    ...stored,
    name: 'stored-amounts',
    control: 'C02',
    says: 'The money in rated_usage is not the money that the rater reported.',
    sql: storedAmounts('rater', 'loader', 'rated_usage'),
  },
  {
    ...stored,
    name: 'totals-lines',
    control: 'C02',
    says: 'The lines that the invoice totals count are not the lines that the aggregator counted.',
    sql: storedLines('aggregator', 'loader-totals', 'invoice_total_deltas', 'lines'),
  },
  {
    ...stored,
    name: 'totals-amounts',
    control: 'C02',
    says: 'The money in the invoice totals is not the money that the aggregator added up.',
    sql: storedAmounts('aggregator', 'loader-totals', 'invoice_total_deltas'),
  },
  {
    ...stored,
    name: 'billed-twice',
    control: 'C10',
    says: 'An event key is billed in more than one block.',
    sql: `
SELECT 'rated_usage' AS subject, 'each event in 1 block' AS expected,
  concat(toString(count()), ' events in ', toString(sum(blocks_of_event)), ' blocks') AS actual,
  toString(sum(blocks_of_event) - count()) AS variance, ${NO_VALUE},
  count() AS blocks, 1 AS certain, arraySort(groupArray(${SAMPLES_MAX})(event)) AS samples
FROM (
  SELECT event_key, any(event_id) AS event, uniqExact(${BLOCK}) AS blocks_of_event FROM rated_usage
  WHERE event_key != toFixedString('', 16) AND tag != 'adjustment' GROUP BY event_key HAVING blocks_of_event > 1
)
HAVING count() > 0`,
  },
];
