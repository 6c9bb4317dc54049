-- By how much each rated block moved each total: the fields of schemas/avro/invoice-total-delta.v1.avsc.
--
-- Engine: ReplacingMergeTree: the same delta inserted twice is one delta.
-- Order: the key of the total, as bills read it, then the block that moved it; both together are the identity.
-- Partition: the month of the block, one value for a block, so that a block is one part.
-- Strings: plain, as in rated_usage.
CREATE TABLE IF NOT EXISTS invoice_total_deltas
(
    generation       Int32,
    guided_partition Int32,
    guided_offset    Int64,
    block_time       DateTime64(6, 'UTC'),
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
    amount           Decimal(38, 12),
    lines            Int64
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(block_time)
ORDER BY (account, period, subscription, service, zone, tag, leg, currency, unit, generation, guided_partition, guided_offset)
SETTINGS non_replicated_deduplication_window = 10000;

-- Current totals. `included` maps generation/partition to the highest guided offset that moved the total; up to where
-- every total of a partition is complete stands in loaded_positions (table_name = 'invoice_total_deltas').
CREATE OR REPLACE VIEW invoice_totals AS
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
    sum(quantity) AS quantity,
    sum(amount)   AS amount,
    sum(lines)    AS lines,
    maxMap(map(concat(toString(generation), '/', toString(guided_partition)), guided_offset)) AS included
FROM invoice_total_deltas FINAL
GROUP BY account, period, subscription, service, zone, tag, leg, currency, unit
SETTINGS do_not_merge_across_partitions_select_final = 1;
