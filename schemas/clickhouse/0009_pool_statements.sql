-- Pools as a settlement found them: size, what was drawn, what went over, in raw units.
--
-- Engine: ReplacingMergeTree: a settlement that was repeated writes the same rows.
-- Order: period and pool, as statements are read, then the settlement; together the identity.
-- Partition: the period.
CREATE TABLE IF NOT EXISTS pool_statements
(
    settlement String,
    period     String,
    pool       String,
    account    String,
    rule       String,
    allocation String,
    size       Int64,
    used       Int64,
    overage    Int64
)
ENGINE = ReplacingMergeTree
PARTITION BY period
ORDER BY (period, pool, settlement)
SETTINGS non_replicated_deduplication_window = 10000;

-- What of a pool's overage falls to each member, in the currency's minor unit; shares of a pool add up to its `charged`
-- exactly. `exact` is what the lines add up to. An empty subscription is the pool's own line.
CREATE TABLE IF NOT EXISTS pool_shares
(
    settlement   String,
    period       String,
    pool         String,
    currency     String,
    subscription String,
    amount       Decimal(38, 12),
    charged      Decimal(38, 12),
    exact        Decimal(38, 12)
)
ENGINE = ReplacingMergeTree
PARTITION BY period
ORDER BY (period, pool, currency, subscription, settlement)
SETTINGS non_replicated_deduplication_window = 10000;

-- As the latest settlement of each period has them.
CREATE OR REPLACE VIEW settled_pools AS
SELECT * FROM pool_statements FINAL
WHERE (period, settlement) IN (SELECT period, settlement FROM latest_settlements);

CREATE OR REPLACE VIEW settled_pool_shares AS
SELECT * FROM pool_shares FINAL
WHERE (period, settlement) IN (SELECT period, settlement FROM latest_settlements);
