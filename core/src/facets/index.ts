export * from './facet.js';
export * from './facet-set.js';
export * from './hardware-debug-requests.js';
export * from './target-description.js';
export * from './user-area.js';
export * from './user-debug-registers.js';
