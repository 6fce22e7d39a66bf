export * from './instruction-program.js';
export * from './program.js';
