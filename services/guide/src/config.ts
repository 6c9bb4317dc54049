/** Settings of the guide, from the environment. */
import { shellConfigSchema, z } from '@headrace/platform';
import { kafkaSettingsSchema } from '@headrace/stream';

export const configSchema = shellConfigSchema.extend({
  ...kafkaSettingsSchema.shape,
  SCHEMA_REGISTRY_URL: z.url().optional().describe('Confluent-compatible registry; else schemas/avro/manifest.json'),
  RECEIPT_TIME: z
    .enum(['log', 'header'])
    .default('log')
    .describe('log: receipt time is the Kafka timestamp; header: the received-at header, for replays'),
  GUIDE_HORIZON_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(400)
    .default(45)
    .describe('late-arrival horizon; older events are rejected'),
  GUIDE_FUTURE_TOLERANCE_MINUTES: z.coerce
    .number()
    .int()
    .min(0)
    .max(1440)
    .default(60)
    .describe('how far an event may lie after its receipt'),
  GUIDE_PLAN_EVENTS_MAX: z.coerce.number().int().min(1).max(65_536).default(32_768).describe('events in one plan'),
  GUIDE_PLAN_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1024)
    .max(16_777_216)
    .default(12_582_912)
    .describe('bytes of guided events in one plan'),
  GUIDE_QUEUE_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(65_536)
    .default(16_777_216)
    .describe('queue of one raw partition; half of it becomes one plan at most'),
  GUIDE_STALL_MS: z.coerce.number().int().min(1000).default(60_000).describe('no progress for so long is not healthy'),
});

export type GuideConfig = z.infer<typeof configSchema>;

/** What a plan is made with; written into it, so that whoever executes it does the same. */
export interface PlanRules {
  readonly receiptTime: 'log' | 'header';
  readonly horizonDays: number;
  readonly futureToleranceMinutes: number;
}

export interface PlanLimits {
  readonly eventsMax: number;
  readonly bytesMax: number;
}
