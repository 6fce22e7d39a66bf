export { type Riscv64Driver, type Riscv64Silicon, riscv64Driver } from './driver/riscv64-driver.js';
export type { TriggerBreakpoint } from './driver/trigger-breakpoint.js';
export type { Riscv64Options } from './options.js';
export { riscv64, riscv64Backend } from './riscv64.js';
export { CSR, type TriggerCsrs } from './silicon/csr.js';
export { Riscv64DebugUnit } from './silicon/riscv64-debug-unit.js';
