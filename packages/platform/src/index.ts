/** The service shell: configuration, errors, log, metrics, health and lifecycle. */
export { z } from 'zod';
export { readConfig } from './config.ts';
export { ERRORS, type ErrorAction, type ErrorCode, HeadraceError, messageOf } from './errors.ts';
export { Gate } from './gate.ts';
export { createLogger, type Logger, type LoggerOptions } from './log.ts';
export { MEMORY_FLAGS, MEMORY_VARIABLES, memoryEnvironment } from './memory.ts';
export { type Counter, type Gauge, type Histogram, type Labels, type MetricSample, Metrics } from './metrics.ts';
export { type ProgressOptions, ProgressWatch } from './progress.ts';
export { retrying } from './retry.ts';
export { runService, shellConfigSchema } from './run.ts';
export type { Health, Service, ServiceContext } from './service.ts';
