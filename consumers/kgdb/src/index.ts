export type { Debuggable } from './debuggable.js';
export * from './errors.js';
export * from './kgdb.js';
export type { DebugTarget, Progress } from './rsp/debug-target.js';
export { PACKET_SIZE } from './rsp/limits.js';
export { Stub, type StubEvents } from './rsp/stub.js';
export * from './rsp/target-port.js';
export * from './session.js';
