/** Audits a workload in a thread of its own, so that the caller's event loop stays free. */
import { Worker } from 'node:worker_threads';
import type { AuditReport, WorkloadOptions } from '../contract.ts';

type Message = { readonly events: number } | { readonly report: AuditReport };

export interface AuditHooks {
  readonly onProgress?: (events: number) => void;
  /** Ends the thread; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

export async function auditInThread(options: WorkloadOptions, hooks: AuditHooks = {}): Promise<AuditReport> {
  hooks.signal?.throwIfAborted();
  const { seed, events, scale, giant } = options;
  const worker = new Worker(new URL('./audit-thread.ts', import.meta.url), {
    workerData: { seed, events, scale, giant },
  });
  const stop = (): void => {
    void worker.terminate();
  };
  hooks.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<AuditReport>((resolve, reject) => {
      worker.on('message', (message: Message) => {
        if ('report' in message) resolve(message.report);
        else hooks.onProgress?.(message.events);
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(hooks.signal?.reason ?? new Error('The auditor ended without a report.')));
    });
  } finally {
    hooks.signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
