import type { ControlAccess, ControlFault } from './control.js';
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

/** The non-maskable interrupt of `cpu.interrupts`. */
export interface NonMaskableInterrupt {
  readonly kind: 'nmi';
}

/** An access that a device answers: it is told what is stored. */
export interface DeviceAccess extends Access {
  readonly value?: bigint;
}

/**
 * A virtual CPU's access to an I/O port, or to an address behind which there is no memory. Whoever emulates the device
 * sets `result`: the value that is loaded, or that is of no interest to a store; the instruction then completes.
 * Otherwise it has not happened.
 */
export interface DeviceTrap {
  readonly kind: 'device';
  readonly access: DeviceAccess;
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
  | Interrupt
  | NonMaskableInterrupt;

export const NON_MASKABLE: NonMaskableInterrupt = Object.freeze({ kind: 'nmi' });
export const BREAKPOINT_TRAP: SoftwareTrap = Object.freeze({ kind: 'software', name: 'breakpoint' });
export const DEBUG_TRAP: SoftwareTrap = Object.freeze({ kind: 'software', name: 'debug' });
export const COPY_FAULT: CopyFault = Object.freeze({ kind: 'copy' });
