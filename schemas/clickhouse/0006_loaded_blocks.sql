-- What has been loaded: a row after each block, empty ones too. The highest row of a source is the loader's position.
--
-- Columns: `source` is what the block covers a range of (guided/<generation>/<partition>, raw/<partition>, reference);
--   from is exclusive and to inclusive in positions, as in the block's header. `next_offset` is the offset at which the
--   consumed topic goes on, which may be ahead of `to_offset` where the topic holds repeated blocks.
-- Engine: ReplacingMergeTree: a row repeated after a crash is one row.
-- Order: table and source first, since the highest position of each is what is read; then the range, the identity.
-- Partition: none: one small row for each block, and the position must be found without looking through months.
CREATE TABLE IF NOT EXISTS loaded_blocks
(
    table_name  LowCardinality(String),
    source      LowCardinality(String),
    generation  Int32,
    partition   Int32,
    from_offset Int64,
    from_x      Int64,
    to_offset   Int64,
    to_x        Int64,
    next_offset Int64,
    rows        Int64,
    digest      String,
    block_time  DateTime64(6, 'UTC'),
    loaded_at   DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree
ORDER BY (table_name, source, generation, partition, to_offset, to_x, from_offset, from_x)
SETTINGS non_replicated_deduplication_window = 10000;

-- Up to where each table is complete, by source.
CREATE OR REPLACE VIEW loaded_positions AS
SELECT
    table_name,
    source,
    generation,
    partition,
    tupleElement(last, 1) AS to_offset,
    tupleElement(last, 2) AS to_x,
    tupleElement(last, 3) AS next_offset,
    tupleElement(last, 4) AS digest,
    blocks,
    rows
FROM
(
    SELECT
        table_name,
        source,
        generation,
        partition,
        max((to_offset, to_x, next_offset, digest)) AS last,
        count()                                     AS blocks,
        sum(rows)                                   AS rows
    FROM loaded_blocks FINAL
    GROUP BY table_name, source, generation, partition
);
