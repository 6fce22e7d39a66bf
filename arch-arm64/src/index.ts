export { arm64, arm64Backend } from './arm64.js';
export type { Arm64Breakpoint } from './driver/arm64-breakpoint.js';
export { NT_ARM_HW_BREAK, NT_ARM_HW_WATCH } from './facets/register-sets.js';
export type { Arm64Features } from './features.js';
export * from './quirks.js';
export { Arm64DebugUnit, type Arm64DebugUnitOptions } from './silicon/arm64-debug-unit.js';
export type { Arm64Silicon, RegisterPair } from './silicon/arm64-silicon.js';
