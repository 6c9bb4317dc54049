/** Settings of the command line, from the environment. */
import { z } from '@headrace/platform';
import { clickhouseSettingsSchema } from '@headrace/store';
import { kafkaSettingsSchema } from '@headrace/stream';

export const configSchema = z.object({
  ...kafkaSettingsSchema.shape,
  ...clickhouseSettingsSchema.shape,
  SCHEMA_REGISTRY_URL: z.url().optional().describe('Confluent-compatible registry; else schemas/avro/manifest.json'),
});
