/** Peak memory of the processes of a run. */
import { readFileSync } from 'node:fs';
import type { Servers } from '@headrace/embedded';
import { fetchMetrics, sumOf } from './metrics.ts';
import type { RunningServices } from './pipeline.ts';
import { SERVICES } from './readings.ts';

const MIB = 1024 * 1024;

/** MiB by process. What the system does not tell, or is not on this machine, is left out. */
export async function peaksOf(
  services: RunningServices,
  servers: Pick<Servers, 'kafka' | 'clickhouse'>,
  publisherMiB: number,
): Promise<Record<string, number>> {
  const peaks: Record<string, number> = { publisher: publisherMiB };
  for (const name of SERVICES) {
    const samples = await fetchMetrics(services[name].port);
    if (samples !== null) peaks[name] = Math.round(sumOf(samples, 'headrace_process_resident_peak_bytes') / MIB);
  }
  for (const name of ['kafka', 'clickhouse'] as const) {
    const peak = peakOfProcess(servers[name].pid);
    if (peak !== null) peaks[name] = peak;
  }
  peaks.demo = Math.round((process.resourceUsage().maxRSS * 1024) / MIB);
  return peaks;
}

/** As the kernel keeps it; null where there is no /proc, or no such process. */
function peakOfProcess(pid: number | undefined): number | null {
  if (pid === undefined) return null;
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Math.round((Number(kib) * 1024) / MIB);
  } catch {
    // Another system than Linux: the figure is left out.
    return null;
  }
}
