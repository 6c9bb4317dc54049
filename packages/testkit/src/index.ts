/** The seeded reference workload, a publisher as a mediation system would be, and the independent auditor. */
export { audit } from './auditor/audit.ts';
export { type AuditHooks, auditInThread } from './auditor/in-thread.ts';
export { amountsByCurrency, canonicalTotals, compareTotals, totalsDigest } from './auditor/totals.ts';
export type * from './contract.ts';
export { kafkaConnectionFromEnvironment } from './publisher/connection.ts';
export { publish, publishFacts } from './publisher/publish.ts';
export { newWorkloadCounts } from './workload/counts.ts';
export { createWorkload } from './workload/workload.ts';
