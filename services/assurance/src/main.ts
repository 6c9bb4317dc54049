/** Assurance as a process. */
import { readConfig, runService } from '@headrace/platform';
import { clickhouseSettings, Store } from '@headrace/store';
import { Broker, kafkaSettings } from '@headrace/stream';
import { startAssurance } from './assurance.ts';
import { configSchema } from './config.ts';
import { AssuranceMeters } from './meters.ts';

/** An unchanged finding is written again after so long. */
const SEEN_EVERY_MS = 600_000;

runService('assurance', async ({ log, metrics, signal }) => {
  const config = readConfig(configSchema);
  const store = await Store.connect(clickhouseSettings(config), log);
  await store.requireSchema();
  const broker = await Broker.connect(kafkaSettings(config), log);
  const producer = broker.producer();
  const meters = new AssuranceMeters(metrics, config.ASSURANCE_STALL_MS);
  const options = {
    group: config.ASSURANCE_GROUP,
    generation: config.GENERATION,
    queueBytesMax: config.ASSURANCE_QUEUE_BYTES_MAX,
    liveIntervalMs: config.ASSURANCE_LIVE_INTERVAL_MS,
    storedIntervalMs: config.ASSURANCE_STORED_INTERVAL_MS,
    graceMs: config.ASSURANCE_GRACE_MS,
    seenEveryMs: SEEN_EVERY_MS,
  };
  const assurance = await startAssurance({ broker, store, meters, log, signal }, producer, options, metrics);
  return {
    ...assurance,
    async stop() {
      await assurance.stop();
      await producer.close();
      await broker.close();
      await store.close();
    },
  };
});
