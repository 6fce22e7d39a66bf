import type { Bus } from './bus.js';
import type { DebugUnit } from './debug-unit.js';
import type { Hypervisor } from './hypervisor.js';
import type { Mmu } from './memory/mmu.js';
import type { Progress } from './progress.js';
import type { RegisterRoles } from './register-roles.js';
import type { SoftwareBreakpoints } from './software-breakpoints.js';

/** What a CPU is built from. */
export interface CpuParts {
  readonly index: number;
  readonly unit: DebugUnit;
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly planted: SoftwareBreakpoints;
  /** Names of its general registers. */
  readonly roles: RegisterRoles;
  /** Of a virtual CPU: who makes it execute. */
  readonly hypervisor?: Hypervisor | undefined;
  /** How far it has come: whoever builds it can see that, and put it back. */
  readonly progress: Progress;
}
