export * from './codes.js';
export * from './errno.js';
export * from './kernel-error.js';
