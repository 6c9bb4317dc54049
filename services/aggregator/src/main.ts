/** The aggregator as a process. */
import { readConfig, runService } from '@headrace/platform';
import { Broker, kafkaSettings } from '@headrace/stream';
import { startAggregator } from './aggregator.ts';
import { configSchema } from './config.ts';
import { AggregatorMeters } from './meters.ts';

runService('aggregator', async ({ log, metrics, signal }) => {
  const config = readConfig(configSchema);
  const broker = await Broker.connect(kafkaSettings(config), log);
  const producer = broker.producer();
  const meters = new AggregatorMeters(metrics, config.AGGREGATOR_STALL_MS);
  const room = { broker, producer, meters, generation: config.GENERATION, log, signal };
  const options = { group: config.AGGREGATOR_GROUP, queueBytesMax: config.AGGREGATOR_QUEUE_BYTES_MAX };
  const aggregator = await startAggregator(room, options, metrics);
  return {
    ...aggregator,
    async stop() {
      await aggregator.stop();
      await producer.close();
      await broker.close();
    },
  };
});
