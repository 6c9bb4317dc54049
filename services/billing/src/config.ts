/** Settings of billing, from the environment. */
import { z } from '@headrace/platform';
import { clickhouseSettingsSchema } from '@headrace/store';
import { kafkaSettingsSchema } from '@headrace/stream';

export const configSchema = z.object({
  ...kafkaSettingsSchema.shape,
  ...clickhouseSettingsSchema.shape,
});
