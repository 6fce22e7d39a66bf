export * from './errors.js';
export * from './options.js';
export * from './ptrace.js';
export * from './tracer.js';
export * from './wait-status.js';
