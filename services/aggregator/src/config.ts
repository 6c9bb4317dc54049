/** Settings of the aggregator, from the environment. */
import { shellConfigSchema, z } from '@headrace/platform';
import { kafkaSettingsSchema } from '@headrace/stream';

export const configSchema = shellConfigSchema.extend({
  ...kafkaSettingsSchema.shape,
  GENERATION: z.coerce.number().int().min(1).default(1).describe('topic generation to aggregate'),
  AGGREGATOR_GROUP: z.string().min(1).default('headrace-aggregator').describe('consumer group'),
  AGGREGATOR_QUEUE_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(65_536)
    .default(16_777_216)
    .describe('queue of one partition'),
  AGGREGATOR_STALL_MS: z.coerce
    .number()
    .int()
    .min(1000)
    .default(60_000)
    .describe('no progress for so long is not healthy'),
});

export type AggregatorConfig = z.infer<typeof configSchema>;
