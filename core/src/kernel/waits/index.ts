export { type QueueWait, WaitQueue, type Waits } from './wait-queue.js';
