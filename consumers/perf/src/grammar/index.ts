export * from './event-description.js';
export { parseEvents, pointAt } from './parse-events.js';
