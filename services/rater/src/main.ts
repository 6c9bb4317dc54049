/** Rater: usage.guided in, usage.rated and usage.suspense out. */
import { readConfig, runService } from '@headrace/platform';
import { kafkaSettings } from '@headrace/stream';
import { configSchema } from './config.ts';
import { startRater } from './rater.ts';

runService('rater', ({ log, metrics, signal }) => {
  const config = readConfig(configSchema);
  return startRater({
    kafka: kafkaSettings(config),
    threads: config.RATER_THREADS,
    stallMs: config.RATER_STALL_MS,
    checkpointIntervalMs: config.RATER_CHECKPOINT_INTERVAL_MS,
    log,
    metrics,
    signal,
  });
});
