/** Settings of the rater, from the environment. */
import { shellConfigSchema, z } from '@headrace/platform';
import { kafkaSettingsSchema } from '@headrace/stream';

export const configSchema = shellConfigSchema.extend({
  ...kafkaSettingsSchema.shape,
  RATER_THREADS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('worker threads; partitions are pinned to one'),
  RATER_CHECKPOINT_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(60_000)
    .describe('a longer interval costs less and makes recovery re-fold more'),
  RATER_STALL_MS: z.coerce.number().int().min(1000).default(60_000).describe('no progress for so long is not healthy'),
});

export type RaterConfig = z.infer<typeof configSchema>;
