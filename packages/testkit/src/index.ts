export type * from './contract.ts';
export { newWorkloadCounts } from './workload/counts.ts';
export { createWorkload } from './workload/workload.ts';
