export type { BreakpointScheduler } from './scheduler.js';
