export { type FixedPriorityOptions, fixedPriority } from './fixed-priority.js';
