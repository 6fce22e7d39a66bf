export * from './event-description.js';
export { type ParseEventsOptions, parseEvents, pointAt } from './parse-events.js';
