import type { Task } from '../kernel/index.js';
import { Facet } from './facet.js';

// One architecture's published interface: powerpc's debug requests (arch/powerpc/include/uapi/asm/ptrace.h), under the
// names that it has there. Another architecture may offer the same.

/** What the hardware can do, as a debugger is told: the fields of powerpc's `struct ppc_debug_info`. */
export interface HardwareDebugInfo {
  readonly version: number;
  readonly num_instruction_bps: number;
  readonly num_data_bps: number;
  readonly num_condition_regs: number;
  /** Bytes. */
  readonly data_bp_alignment: number;
  /** Bytes. */
  readonly sizeof_condition: number;
  /** Bit set of `PPC_DEBUG_FEATURE_*`. */
  readonly features: bigint;
}

/** What a debugger asks for: the fields of powerpc's `struct ppc_hw_breakpoint`. */
export interface HardwareDebugRequest {
  readonly version: number;
  /** Bit set of `PPC_BREAKPOINT_TRIGGER_*`. */
  readonly trigger_type: number;
  /** One of `PPC_BREAKPOINT_MODE_*`. */
  readonly addr_mode: number;
  readonly condition_mode: number;
  /** First byte, 64 bits. */
  readonly addr: bigint;
  /** End of a range, the first byte behind it; 64 bits. */
  readonly addr2: bigint;
  readonly condition_value: bigint;
}

/** Bits of `features`: what the registers can do. */
export const PPC_DEBUG_FEATURE_INSN_BP_RANGE = 0x01n;
export const PPC_DEBUG_FEATURE_INSN_BP_MASK = 0x02n;
export const PPC_DEBUG_FEATURE_DATA_BP_RANGE = 0x04n;
export const PPC_DEBUG_FEATURE_DATA_BP_MASK = 0x08n;
/** Ranges of up to 512 bytes, by DAWR. */
export const PPC_DEBUG_FEATURE_DATA_BP_DAWR = 0x10n;
/** Such ranges may lie anywhere (ISA 3.1). */
export const PPC_DEBUG_FEATURE_DATA_BP_ARCH_31 = 0x20n;

/** Bits of `trigger_type`. */
export const PPC_BREAKPOINT_TRIGGER_EXECUTE = 1;
export const PPC_BREAKPOINT_TRIGGER_READ = 2;
export const PPC_BREAKPOINT_TRIGGER_WRITE = 4;

/** Values of `addr_mode`. */
export const PPC_BREAKPOINT_MODE_EXACT = 0;
export const PPC_BREAKPOINT_MODE_RANGE_INCLUSIVE = 1;
export const PPC_BREAKPOINT_MODE_RANGE_EXCLUSIVE = 2;
export const PPC_BREAKPOINT_MODE_MASK = 3;

/** `condition_mode`: no condition. */
export const PPC_BREAKPOINT_CONDITION_NONE = 0;

/**
 * Breakpoints that a debugger in user space asks for by what it wants, and gets handles of, instead of by writing
 * registers: powerpc's PPC_PTRACE_GETHWDBGINFO, _SETHWDEBUG and _DELHWDEBUG. They and `UserDebugRegisters` may be two
 * views of the same breakpoints.
 *
 * For consumers: the task must not be running. A hit raises SIGTRAP with the signal information that the architecture
 * gives. A breakpoint may be spent with its first hit; its handle stays taken until it is removed.
 *
 * For backend authors: breakpoints follow fork, exec and exit of a task on their own. A refused request must change
 * nothing.
 */
export interface HardwareDebugRequests {
  /** What there is. */
  info(): HardwareDebugInfo;
  /**
   * Returns a handle, 1 or more. Throws ENOTSUPP for another version, EINVAL for what the hardware cannot do, EIO for
   * an address outside user space, ENOSPC with no register left, ENODEV where the hardware is not usable.
   */
  set(task: Task, request: HardwareDebugRequest): number;
  /** Throws EINVAL for a handle that cannot be, ENOENT for one that is not taken. */
  remove(task: Task, handle: number | bigint): void;
}

export const HARDWARE_DEBUG_REQUESTS = new Facet<HardwareDebugRequests>(
  'hardware debug requests',
  'HardwareDebugRequests (info, set and remove, on breakpoints of the core API), and offer it with HARDWARE_DEBUG_REQUESTS',
);
