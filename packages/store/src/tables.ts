/** Names of tables and views of schemas/clickhouse that services write and read. */
export const TABLES = {
  ratedUsage: 'rated_usage',
  /** rated_usage without copies of a line: money is read here. */
  ratedLines: 'rated_lines',
  suspendedUsage: 'suspended_usage',
  suspense: 'suspense',
  invoiceTotalDeltas: 'invoice_total_deltas',
  invoiceTotals: 'invoice_totals',
  controlTotals: 'control_totals',
  /** control_totals that count, once each. */
  controls: 'controls',
  eventAccount: 'event_account',
  eventsByOutcome: 'events_by_outcome',
  findings: 'findings',
  findingsCurrent: 'findings_current',
  loadedBlocks: 'loaded_blocks',
  loadedPositions: 'loaded_positions',
  settlements: 'settlements',
  adjustments: 'adjustments',
  adjustmentLines: 'adjustment_lines',
  settledTotals: 'settled_totals',
  poolStatements: 'pool_statements',
  poolShares: 'pool_shares',
  settledPools: 'settled_pools',
  settledPoolShares: 'settled_pool_shares',
} as const;
