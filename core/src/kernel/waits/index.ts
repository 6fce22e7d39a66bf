export { type QueueWait, sleeper, WaitQueue, type Waits } from './wait-queue.js';
