/** Inserts rated blocks, suspense and invoice-total differences into ClickHouse, in covered order, exactly once. */
export { configSchema, type LoaderConfig } from './config.ts';
export { type LoaderOptions, startLoader } from './loader.ts';
export { LoaderMeters } from './meters.ts';
export { type LoaderRoom, PartitionLoader } from './partition-loader.ts';
export { insertToken, type LoadRoute, loadRoutes } from './routes.ts';
