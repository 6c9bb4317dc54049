-- Findings of revenue assurance: the fields of schemas/avro/finding.v1.avsc, one row for each time one was seen or changed.
--
-- Engine: ReplacingMergeTree by version: the latest sighting or change of a finding stands.
-- Order: the id, which is the identity.
-- Partition: none: findings are few, and versions of one must meet whenever they were written.
CREATE TABLE IF NOT EXISTS findings
(
    id            String,
    control       LowCardinality(String),
    severity      LowCardinality(String),
    key           String,
    expected      String,
    actual        String,
    variance      String,
    value_at_risk String,
    currency      LowCardinality(String),
    detail        String,
    evidence      String,
    samples       Array(String),
    first_seen    DateTime64(6, 'UTC'),
    last_seen     DateTime64(6, 'UTC'),
    status        LowCardinality(String),
    owner         String,
    reason        String,
    changed_by    String,
    changed_at    DateTime64(6, 'UTC'),
    version       DateTime64(6, 'UTC') MATERIALIZED greatest(last_seen, changed_at)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000;

-- Each finding as it stands now.
CREATE OR REPLACE VIEW findings_current AS
SELECT * FROM findings FINAL;
