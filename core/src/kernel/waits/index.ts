export { type BlockedTask, blockedTasks, type Wait, waitCycles } from './wait-graph.js';
export { type QueueWait, sleeper, type WaitHost, WaitQueue, type WaitQueueOptions } from './wait-queue.js';
