-- Rejected and suspended events with their raw bytes: the fields of schemas/avro/suspended-event.v1.avsc.
--
-- Engine: ReplacingMergeTree by last_attempt: an event that was tried again and suspended again is one event.
-- Order: the event's origin, which is its identity and what a recycle run reads in order.
-- Partition: the month of the block, one value for a block, so that a block is one part.
CREATE TABLE IF NOT EXISTS suspended_usage
(
    stage            LowCardinality(String),
    outcome          LowCardinality(String),
    code             LowCardinality(String),
    detail           String,
    origin_topic     LowCardinality(String),
    origin_partition Int32,
    origin_offset    Int64,
    origin_index     Int32,
    block_time       DateTime64(6, 'UTC'),
    first_attempt    DateTime64(6, 'UTC'),
    last_attempt     DateTime64(6, 'UTC'),
    event_key        FixedString(16),
    event_id         String,
    event_time       DateTime64(6, 'UTC'),
    source           LowCardinality(String),
    service          LowCardinality(String),
    account          LowCardinality(String),
    subscription     String,
    sim              String,
    plmn             LowCardinality(String),
    unit             LowCardinality(String),
    quantity         Int64,
    estimated_value  Decimal(38, 12),
    currency         LowCardinality(String),
    raw_encoding     LowCardinality(String),
    raw              String
)
ENGINE = ReplacingMergeTree(last_attempt)
PARTITION BY toYYYYMM(block_time)
ORDER BY (origin_topic, origin_partition, origin_offset, origin_index)
SETTINGS non_replicated_deduplication_window = 10000;

-- Each event once, as its last attempt left it. FINAL over all partitions: a later attempt may stand in a later month.
CREATE OR REPLACE VIEW suspense AS
SELECT * FROM suspended_usage FINAL;

-- What waits and what was refused, by cause: how many, since when, and what it is worth.
CREATE OR REPLACE VIEW suspense_by_cause AS
SELECT
    outcome,
    code,
    service,
    currency,
    count()              AS events,
    min(first_attempt)   AS oldest,
    max(last_attempt)    AS newest,
    sum(estimated_value) AS value
FROM suspense
GROUP BY outcome, code, service, currency;
