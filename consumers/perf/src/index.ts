export * from './attr/index.js';
export * from './errors.js';
export * from './records/record-types.js';
