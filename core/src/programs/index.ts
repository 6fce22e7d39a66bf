export * from './instruction-program.js';
export * from './lackey.js';
export * from './lackey-error.js';
export * from './program.js';
