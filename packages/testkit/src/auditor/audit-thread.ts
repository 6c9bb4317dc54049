/** The body of the auditor's thread: makes the workload it is told to, audits it, and sends progress and report. */
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkloadOptions } from '../contract.ts';
import { createWorkload } from '../workload/workload.ts';
import { audit } from './audit.ts';

const workload = createWorkload(workerData as WorkloadOptions);
const report = await audit({
  facts: workload.facts(),
  messages: workload.messages(),
  onProgress: (events) => parentPort?.postMessage({ events }),
});
parentPort?.postMessage({ report });
