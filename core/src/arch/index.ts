export * from './attr.js';
export * from './backend.js';
export * from './manifest.js';
export * from './null-backend.js';
