export * from './server.js';
export type { Timer } from './timer.js';
