/** Answers each rated block with one block of differences of the invoice totals. */
export { type AggregatorOptions, startAggregator } from './aggregator.ts';
export { type AggregatorConfig, configSchema } from './config.ts';
export { differencesOf, type Recount, recount } from './differences.ts';
export { AggregatorMeters } from './meters.ts';
export { type AggregatorRoom, PartitionAggregator } from './partition-aggregator.ts';
export { type AggregatedBlock, aggregate } from './totals-block.ts';
