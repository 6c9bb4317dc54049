/** Revenue assurance: takes in what every stage reports, compares it, and keeps the findings. */
export { type AssuranceOptions, startAssurance } from './assurance.ts';
export { Checker, type Round } from './checker.ts';
export type { Check, Difference } from './checks.ts';
export { LIVE_CHECKS } from './checks-live.ts';
export { STORED_CHECKS } from './checks-stored.ts';
export { type AssuranceConfig, configSchema } from './config.ts';
export { findingId, findingKey, Reconciler } from './findings.ts';
export { raterControls } from './header-controls.ts';
export { type AssuranceRoom, Intake } from './intake.ts';
export { AssuranceMeters } from './meters.ts';
