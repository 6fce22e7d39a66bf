export * from './breakpoints.js';
export * from './breakpoints-parts.js';
export * from './debugger-reservation.js';
export * from './debugger-slots.js';
export * from './register-options.js';
export * from './wide-breakpoint.js';
