export * from './direct-scheduler.js';
