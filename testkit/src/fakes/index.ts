export * from './fake-backend.js';
export * from './fake-breakpoint.js';
export * from './fake-debug-unit.js';
export * from './fake-driver.js';
export * from './fake-manifest.js';
export * from './fake-port.js';
export * from './tiny-backend.js';
