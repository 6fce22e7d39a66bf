export { type BlockedTask, blockedTasks, type Wait, waitCycles } from './wait-graph.js';
export { type QueueWait, sleeper, WaitQueue, type WaitQueueOptions, type Waits } from './wait-queue.js';
