/** The loader as a process. */
import { Gate, readConfig, runService } from '@headrace/platform';
import { clickhouseSettings, Store } from '@headrace/store';
import { Broker, kafkaSettings } from '@headrace/stream';
import { configSchema } from './config.ts';
import { startLoader } from './loader.ts';
import { LoaderMeters } from './meters.ts';

runService('loader', async ({ log, metrics, signal }) => {
  const config = readConfig(configSchema);
  const store = await Store.connect(clickhouseSettings(config), log);
  await store.requireSchema();
  const broker = await Broker.connect(kafkaSettings(config), log);
  const producer = broker.producer();
  const meters = new LoaderMeters(metrics, config.LOADER_STALL_MS);
  const room = { broker, producer, store, meters, log, signal, inserts: new Gate(config.LOADER_INSERTS_MAX) };
  const options = {
    generation: config.GENERATION,
    group: config.LOADER_GROUP,
    queueBytesMax: config.LOADER_QUEUE_BYTES_MAX,
  };
  const loader = await startLoader(room, options, metrics);
  return {
    ...loader,
    async stop() {
      await loader.stop();
      await producer.close();
      await broker.close();
      await store.close();
    },
  };
});
