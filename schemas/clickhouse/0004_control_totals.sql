-- What each stage did with each range of its input: the fields of schemas/avro/control-totals.v1.avsc.
--
-- Engine: ReplacingMergeTree: a range that was repeated after a crash reports the same figures and counts once.
-- Order: stage and source as the controls compare them, then the range. The guided offset and the status are part of
--   the identity: a range met as a gap and applied later is two rows, and a repeat never replaces what was applied.
-- Partition: the month of the block; repeats carry the same block time.
CREATE TABLE IF NOT EXISTS control_totals
(
    stage            LowCardinality(String),
    source           LowCardinality(String),
    from_offset      Int64,
    from_x           Int64,
    to_offset        Int64,
    to_x             Int64,
    generation       Int32,
    guided_partition Int32,
    guided_offset    Int64,
    block_time       DateTime64(6, 'UTC'),
    status           LowCardinality(String),
    events_in        Int64,
    events_guided    Int64,
    events_rated     Int64,
    events_duplicate Int64,
    events_rejected  Int64,
    events_suspended Int64,
    bytes_in         Int64,
    bytes_guided     Int64,
    bytes_rated      Int64,
    bytes_duplicate  Int64,
    bytes_rejected   Int64,
    bytes_suspended  Int64,
    lines            Int64,
    quantity         Int64,
    event_quantity   Int64,
    broken_events    Int64,
    amounts          Map(LowCardinality(String), String),
    digest           String
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(block_time)
ORDER BY (stage, source, generation, guided_partition, from_offset, from_x, to_offset, to_x, guided_offset, status)
SETTINGS non_replicated_deduplication_window = 10000;

-- Figures that count, once each.
CREATE OR REPLACE VIEW controls AS
SELECT * FROM control_totals FINAL
WHERE status = 'applied'
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Law 1: every event received ends in exactly one place. `in_flight` is what the guide passed on and no rater has
-- answered yet; once all is rated it must be 0. `difference` is what the guide itself cannot account for: always 0.
CREATE OR REPLACE VIEW event_account AS
SELECT
    sumIf(events_in, stage = 'guide')                         AS received,
    sumIf(events_rated, stage = 'rater')                      AS rated,
    sumIf(events_duplicate, stage IN ('guide', 'rater'))      AS duplicate,
    sumIf(events_rejected, stage IN ('guide', 'rater'))       AS rejected,
    sumIf(events_suspended, stage IN ('guide', 'rater'))      AS suspended,
    sumIf(events_guided, stage = 'guide')
        - sumIf(events_rated + events_duplicate + events_rejected + events_suspended, stage = 'rater') AS in_flight,
    sumIf(events_in - events_guided - events_duplicate - events_rejected - events_suspended, stage = 'guide') AS difference
FROM controls;

-- The same as one row for each outcome and stage, with usage bytes.
CREATE OR REPLACE VIEW events_by_outcome AS
SELECT
    stage,
    tupleElement(figure, 1)      AS outcome,
    sum(tupleElement(figure, 2)) AS events,
    sum(tupleElement(figure, 3)) AS bytes
FROM controls
ARRAY JOIN
[
    ('received', events_in, bytes_in),
    ('guided', events_guided, bytes_guided),
    ('rated', events_rated, bytes_rated),
    ('duplicate', events_duplicate, bytes_duplicate),
    ('rejected', events_rejected, bytes_rejected),
    ('suspended', events_suspended, bytes_suspended)
] AS figure
WHERE stage IN ('guide', 'rater')
GROUP BY stage, outcome;
