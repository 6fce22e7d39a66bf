export * from './compose.js';
export * from './composition-error.js';
export * from './consumer.js';
export * from './describe.js';
export * from './injection.js';
export * from './kernel.js';
export * from './kernel-options.js';
export * from './tokens.js';
