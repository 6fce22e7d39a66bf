export * from './breakpoints.js';
export * from './debugger-slots.js';
export * from './wide-breakpoint.js';
