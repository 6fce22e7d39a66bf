export { LACKEY_ERRORS, LackeyError, type LackeyErrorCode } from './lackey-error.js';
export { type LackeyOptions, LackeyReplay } from './lackey-replay.js';
export type { CodeRange } from './lackey-search.js';
