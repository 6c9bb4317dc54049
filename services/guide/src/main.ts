/** Guide: usage.events and reference.log in, usage.guided and usage.suspense out. */
import { readConfig, runService } from '@headrace/platform';
import { kafkaSettings } from '@headrace/stream';
import { configSchema } from './config.ts';
import { startGuide } from './guide.ts';

runService('guide', ({ log, metrics, signal }) => {
  const config = readConfig(configSchema);
  return startGuide({
    kafka: kafkaSettings(config),
    registryUrl: config.SCHEMA_REGISTRY_URL,
    rules: {
      receiptTime: config.RECEIPT_TIME,
      horizonDays: config.GUIDE_HORIZON_DAYS,
      futureToleranceMinutes: config.GUIDE_FUTURE_TOLERANCE_MINUTES,
    },
    limits: { eventsMax: config.GUIDE_PLAN_EVENTS_MAX, bytesMax: config.GUIDE_PLAN_BYTES_MAX },
    queueBytesMax: config.GUIDE_QUEUE_BYTES_MAX,
    stallMs: config.GUIDE_STALL_MS,
    log,
    metrics,
    signal,
  });
});
