export { DirectScheduler } from './direct-scheduler.js';
