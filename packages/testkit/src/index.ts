export type * from './contract.ts';
export { kafkaConnectionFromEnvironment } from './publisher/connection.ts';
export { publish, publishFacts } from './publisher/publish.ts';
export { newWorkloadCounts } from './workload/counts.ts';
export { createWorkload } from './workload/workload.ts';
