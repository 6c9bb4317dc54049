-- Settlements: one row for each period that was settled, with the input that its id is made of. A row is written after all
-- that the settlement wrote: it is the commit, and what has no row here does not count.
--
-- Columns: `positions` maps generation/partition to the next guided offset, up to which was read; `reference` is the next position of
--   the reference log; `conflicts` counts event keys that nobody had decided on, and `conflicts_digest` names them. `digest` is
--   over the settled totals. Counts of events are of all that were folded, months before included. `unrated` is JSON: what
--   could not be rated in canonical order, by code.
-- Engine: ReplacingMergeTree: a settlement that was repeated is one.
-- Order: the id, which is the identity, behind the period that is asked for.
-- Partition: none: a few small rows a month.
CREATE TABLE IF NOT EXISTS settlements
(
    settlement       String,
    period           String,
    positions        Map(String, Int64),
    reference        Int64,
    conflicts        Int64,
    conflicts_digest String,
    fold_version     Int32,
    digest           String,
    adjustments      Int64,
    events_rated     Int64,
    events_duplicate Int64,
    events_suspended Int64,
    unrated          String,
    settled_at       DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree
ORDER BY (period, settlement)
SETTINGS non_replicated_deduplication_window = 10000;

-- The settlement of each period that counts for what is not added up: the latest.
CREATE OR REPLACE VIEW latest_settlements AS
SELECT period, argMax(settlement, settled_at) AS settlement
FROM settlements
GROUP BY period;
