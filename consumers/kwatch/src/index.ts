export type { Attitude } from './attitude.js';
export { type HwBreakpoint, KwatchCalls } from './calls.js';
export { KWATCH_ERRORS, type KwatchErrorCode } from './errors.js';
export { Kwatch } from './kwatch.js';
export { HW_BREAKPOINT_INSTALLED, HW_BREAKPOINT_REGISTERED, Watch } from './watch.js';
export type { WatchRequest } from './watch-request.js';
