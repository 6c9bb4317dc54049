/** Settings of assurance, from the environment. */
import { shellConfigSchema, z } from '@headrace/platform';
import { clickhouseSettingsSchema } from '@headrace/store';
import { kafkaSettingsSchema } from '@headrace/stream';

export const configSchema = shellConfigSchema.extend({
  ...kafkaSettingsSchema.shape,
  ...clickhouseSettingsSchema.shape,
  GENERATION: z.coerce.number().int().min(1).default(1).describe('topic generation whose rated blocks are read'),
  ASSURANCE_GROUP: z.string().min(1).default('headrace-assurance').describe('consumer group'),
  ASSURANCE_LIVE_INTERVAL_MS: z.coerce.number().int().min(250).default(5_000).describe('between checks of the reports'),
  ASSURANCE_STORED_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(300_000)
    .describe('between checks of the lines'),
  ASSURANCE_GRACE_MS: z.coerce.number().int().min(0).default(120_000).describe('how long a report may be missing'),
  ASSURANCE_QUEUE_BYTES_MAX: z.coerce.number().int().min(65_536).default(8_388_608).describe('queue of one partition'),
  ASSURANCE_STALL_MS: z.coerce
    .number()
    .int()
    .min(1000)
    .default(60_000)
    .describe('no progress for so long is not healthy'),
});

export type AssuranceConfig = z.infer<typeof configSchema>;
