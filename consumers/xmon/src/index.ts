export { XMON_ERRORS, type XmonErrorCode } from './errors.js';
export { MESSAGES as XMON_MESSAGES } from './messages.js';
export { MOST_ENTRIES } from './points/entries.js';
export { type XmonOptions, type XmonRun, XmonSession } from './session.js';
export { Xmon } from './xmon.js';
