import type { ControlAccess, ControlFault } from './control.js';
import type { Cpu } from './cpu.js';
import type { DebugException } from './debug-unit.js';

/** A software breakpoint instruction, or one that a debugger planted (`breakpoint`); x86's INT1 (`debug`). */
export interface SoftwareTrap {
  readonly kind: 'software';
  readonly name: 'breakpoint' | 'debug';
}

/** An access to this address has no page that allows it; nothing of the instruction happened. */
export interface PageFault {
  readonly kind: 'fault';
  readonly address: bigint;
  readonly write: boolean;
}

/** A store found a page that is shared since a fork, which now has a copy of its own: the access goes on by itself. */
export interface CopyFault {
  readonly kind: 'copy';
}

/** A system call instruction has completed. What it asks for is opaque to the hardware. */
export interface SystemCallTrap {
  readonly kind: 'syscall';
  readonly call: unknown;
}

/** The instruction that `cpu.completeDisarmed` spoke of has completed. */
export interface Completed {
  readonly kind: 'completed';
  readonly completion: object;
}

/**
 * An instruction may not access a control register by itself. Whoever emulates it sets `result`: the value that it
 * reads, or that is of no interest to a write; the instruction then completes. Otherwise it has not happened.
 */
export interface ControlTrap {
  readonly kind: 'control';
  readonly access: ControlAccess;
  readonly fault: ControlFault;
  /** @settable */
  result: bigint | undefined;
}

/** A device wants attention: a line of `cpu.interrupts` that was raised, and is acknowledged by being reported here. */
export interface Interrupt {
  readonly kind: 'interrupt';
  readonly line: number;
}

/** What a CPU cannot finish by itself. */
export type Trap =
  | DebugException
  | SoftwareTrap
  | PageFault
  | CopyFault
  | SystemCallTrap
  | Completed
  | ControlTrap
  | Interrupt;

/**
 * Who owns a CPU: a kernel, or a hypervisor for the time that its guest runs. Everything that a CPU cannot finish by
 * itself comes here, in the middle of `cpu.execute` or of a program's own loop; the CPU's registers are those of the
 * moment.
 */
export interface TrapHandler {
  trap(cpu: Cpu, trap: Trap): void;
  /**
   * Somebody else takes the CPU for good: its debug registers are not this owner's any more. Returns how to take that
   * back, if the other one comes to nothing.
   */
  giveUp?(cpu: Cpu): () => void;
}

/** A CPU without an owner: what happens on it concerns nobody. */
export const NOBODY: TrapHandler = Object.freeze({ trap() {} });

export const BREAKPOINT_TRAP: SoftwareTrap = Object.freeze({ kind: 'software', name: 'breakpoint' });
export const DEBUG_TRAP: SoftwareTrap = Object.freeze({ kind: 'software', name: 'debug' });
export const COPY_FAULT: CopyFault = Object.freeze({ kind: 'copy' });
