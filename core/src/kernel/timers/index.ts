export type { Timer, TimerAction, TimerOptions } from './timer.js';
export { Timers } from './timers.js';
