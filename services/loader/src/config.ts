/** Settings of the loader, from the environment. */
import { shellConfigSchema, z } from '@headrace/platform';
import { clickhouseSettingsSchema } from '@headrace/store';
import { kafkaSettingsSchema } from '@headrace/stream';

export const configSchema = shellConfigSchema.extend({
  ...kafkaSettingsSchema.shape,
  ...clickhouseSettingsSchema.shape,
  GENERATION: z.coerce.number().int().min(1).default(1).describe('topic generation to load'),
  LOADER_GROUP: z.string().min(1).default('headrace-loader').describe('consumer group; one for each topic is derived'),
  LOADER_INSERTS_MAX: z.coerce.number().int().min(1).max(64).default(4).describe('inserts at once'),
  LOADER_QUEUE_BYTES_MAX: z.coerce.number().int().min(65_536).default(4_194_304).describe('queue of one partition'),
  LOADER_STALL_MS: z.coerce.number().int().min(1000).default(60_000).describe('no progress for so long is not healthy'),
});

export type LoaderConfig = z.infer<typeof configSchema>;
