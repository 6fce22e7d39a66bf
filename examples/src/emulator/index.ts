export * from './riscv.js';
export * from './riscv-target.js';
