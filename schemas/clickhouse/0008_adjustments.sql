-- Adjustments: signed differences that turn what was billed into what is settled, total by total.
--
-- Columns: the key of a total, as in invoice_total_deltas; `id` follows from the settlement and the total;
--   `guided_partition` is that of the rating key, by which settlements are made.
-- Engine: ReplacingMergeTree: a settlement that was repeated writes the same rows.
-- Order: the key of the total, as bills read it, then the settlement; both together are the identity.
-- Partition: the period, one value for all rows of a settlement.
CREATE TABLE IF NOT EXISTS adjustments
(
    id               String,
    settlement       String,
    guided_partition Int32,
    account          String,
    subscription     String,
    service          String,
    zone             String,
    tag              String,
    leg              String,
    period           String,
    currency         String,
    unit             String,
    quantity         Int64,
    amount           Decimal(38, 12)
)
ENGINE = ReplacingMergeTree
PARTITION BY period
ORDER BY (account, period, subscription, service, zone, tag, leg, currency, unit, settlement)
SETTINGS non_replicated_deduplication_window = 10000;

-- Adjustments that count, once each: those of settlements that were completed.
CREATE OR REPLACE VIEW adjustment_lines AS
SELECT * FROM adjustments FINAL
WHERE settlement IN (SELECT settlement FROM settlements)
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- The bill: rated lines and adjustments, by total. After a settlement, and until further events are rated, the settled one.
CREATE OR REPLACE VIEW settled_totals AS
SELECT
    account,
    period,
    subscription,
    service,
    zone,
    tag,
    leg,
    currency,
    unit,
    sum(line_quantity) AS quantity,
    sum(line_amount)   AS amount,
    sum(adjusted)      AS adjusted_amount
FROM
(
    SELECT account, period, subscription, service, zone, tag, leg, currency, unit,
        quantity AS line_quantity, amount AS line_amount, toDecimal128(0, 12) AS adjusted
    FROM rated_lines
    UNION ALL
    SELECT account, period, subscription, service, zone, tag, leg, currency, unit,
        quantity AS line_quantity, amount AS line_amount, amount AS adjusted
    FROM adjustment_lines
)
GROUP BY account, period, subscription, service, zone, tag, leg, currency, unit;
