export type { IpiCall } from './calls.js';
export { EXECUTION_CONTEXTS, type ExecutionContext } from './execution-context.js';
export type { CallOptions, HandlerCode, Interrupted, IrqHandler } from './handler-code.js';
export type { HandlerKind } from './handler-frame.js';
export { Interrupts } from './interrupts.js';
