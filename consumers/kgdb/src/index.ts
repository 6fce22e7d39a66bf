export * from './errors.js';
export * from './kgdb.js';
export { PACKET_SIZE } from './rsp/limits.js';
export { Stub, type StubEvents } from './rsp/stub.js';
export * from './session.js';
export type { Progress } from './target/control.js';
export * from './target/port.js';
