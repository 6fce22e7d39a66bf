export type { SystemCallAbi } from './abi.js';
export { isError } from './abi.js';
export { type RestartName, SystemCallRestart } from './restart.js';
export type { CallResult, CallSteps, CallTable, CallValue, NumberedCall, NumberedHandler } from './system-call.js';
export { NO_SYSTEM_CALL_HOST, type SystemCallHost, SystemCalls } from './system-calls.js';
