import type { ControlAccess, ControlFault } from './control.js';
import type { Cpu } from './cpu.js';
import type { DebugException } from './debug-unit.js';
import type { Access, HypercallRequest, Operation } from './instruction.js';

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

/**
 * An instruction calls the hypervisor. That one sets `result`: what the call returns; the instruction then completes.
 * Otherwise it has not happened: there is no hypervisor, or not for whoever called.
 */
export interface HypercallTrap {
  readonly kind: 'hypercall';
  readonly request: HypercallRequest;
  /** @settable */
  result: bigint | undefined;
}

/** A device wants attention: a line of `cpu.interrupts` that was raised, and is acknowledged by being reported here. */
export interface Interrupt {
  readonly kind: 'interrupt';
  readonly line: number;
}

/**
 * A virtual CPU's access to an I/O port, or to an address behind which there is no memory. Whoever emulates the device
 * sets `result`: the value that is loaded, or that is of no interest to a store; the instruction then completes.
 * Otherwise it has not happened.
 */
export interface DeviceTrap {
  readonly kind: 'device';
  readonly access: Access;
  /** The port, or the physical address. */
  readonly address: bigint;
  /** @settable */
  result: bigint | undefined;
}

/**
 * A virtual CPU is about to do something that is not an access: to raise a software breakpoint is such a thing too. It
 * goes on if somebody sets `done`.
 */
export interface OperationTrap {
  readonly kind: 'operation';
  readonly operation: Operation | 'breakpoint';
  /** @settable */
  done: boolean;
}

/** What a virtual CPU cannot finish by itself: its hypervisor is asked first. */
export type VirtualTrap = Trap | DeviceTrap | OperationTrap;

/** What a CPU cannot finish by itself. */
export type Trap =
  | DebugException
  | SoftwareTrap
  | PageFault
  | CopyFault
  | SystemCallTrap
  | Completed
  | ControlTrap
  | HypercallTrap
  | Interrupt;

/**
 * What became of a CPU that its owner was let run on. `budget`: it is used up, or the CPU is wanted back. `idle`,
 * `starved`, `held`: nothing can execute there, see `machine.run`. `stopped`, `suspended`: somebody ended the run.
 */
export interface CpuRun {
  readonly reason: 'budget' | 'idle' | 'starved' | 'held' | 'stopped' | 'suspended';
  /** What `stop` or the suspension said. */
  readonly message?: string;
  readonly detail?: unknown;
  /** Of the budget: instructions that retired, and exceptions that were taken instead of one. */
  readonly used: number;
}

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
  /**
   * Lets the owner execute on this CPU alone: up to `budget` (1 or more) of what {@link CpuRun.used} counts, and no
   * further once `cpu.present` is false. A hypervisor asks; without it a guest of this owner cannot run.
   */
  run?(cpu: Cpu, budget: number): CpuRun;
}

/** A CPU without an owner: what happens on it concerns nobody. */
export const NOBODY: TrapHandler = Object.freeze({ trap() {} });

export const BREAKPOINT_TRAP: SoftwareTrap = Object.freeze({ kind: 'software', name: 'breakpoint' });
export const DEBUG_TRAP: SoftwareTrap = Object.freeze({ kind: 'software', name: 'debug' });
export const COPY_FAULT: CopyFault = Object.freeze({ kind: 'copy' });
