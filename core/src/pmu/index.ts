export * from './breakpoint.js';
export * from './breakpoint-pmu.js';
export * from './claim.js';
export * from './histogram.js';
export * from './linux-policy.js';
export * from './scheduler.js';
export * from './slot-accounting.js';
export * from './slot-policy.js';
