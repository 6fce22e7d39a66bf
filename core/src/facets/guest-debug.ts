import type { ArchBreakpoint } from '../arch/index.js';
import type { Access, Cpu, DebugUnit, Trap, VirtualTrap } from '../hardware/index.js';
import { Facet } from './facet.js';

/** A guest has left to whoever debugs it from outside. */
export interface DebugExit {
  readonly reason: 'debug';
  /** A software breakpoint, or the debug unit. */
  readonly cause: 'software' | 'hardware';
  /** Where the guest is. */
  readonly pc: bigint;
  /** Numbers of the debugger's breakpoints that were hit. */
  readonly hits: readonly number[];
  /** True if it is the end of a single step. */
  readonly step: boolean;
  /** The architecture's registers at the exit, by name, such as `dr6`. */
  readonly registers: Readonly<Record<string, bigint>>;
}

/**
 * What becomes of something that a guest's CPU could not finish. `guest`: it is not intercepted, its kernel is told at
 * once. `resume`: it was dealt with, the guest goes on at the next entry. `inject`: its kernel is told of this. A
 * {@link DebugExit}: whoever debugs the guest is told. In all cases but the first the guest is to leave.
 */
export type Interception = 'guest' | 'resume' | { readonly inject: Trap } | DebugExit;

/**
 * How a hypervisor does an instruction of a guest itself. `port`: an access to a port. `load`, `store`: an access to a
 * device's memory. `skip`: an operation that it steps over. `halt`: the one that waits for an interrupt.
 */
export type Emulation = 'port' | 'load' | 'store' | 'skip' | 'halt';

/** What somebody who debugs a guest from outside wants. */
export interface OutsideDebugging {
  /** The guest is to stop after its next instruction. */
  readonly step: boolean;
  /** Software breakpoints of the guest stop it. */
  readonly software: boolean;
  /**
   * What takes the place of the guest's own breakpoints, by register; `undefined`: the guest keeps its own. A register
   * may be left free.
   */
  readonly breakpoints: readonly (ArchBreakpoint | undefined)[] | undefined;
}

/** The debug registers of one virtual CPU, as its guest sees them and as they are loaded. */
export interface GuestDebugState {
  /** What the guest finds in place of a chip's debug unit. */
  readonly unit: DebugUnit;
  /** The guest enters a physical CPU, whose own registers are quiet. Writes a register only if one is needed. */
  enter(physical: DebugUnit): void;
  /** It leaves: what it has left in the unit is read back, and disarmed. */
  leave(): void;
  /** Something happened in the guest, while it is loaded. */
  intercept(cpu: Cpu, trap: VirtualTrap): Interception;
  /** The hypervisor does the instruction that executes itself. */
  emulate(cpu: Cpu, how: Emulation): void;
  /** True if the instruction counts as done when its access leaves to a device, and not when that has answered. */
  advances(access: Access): boolean;
  /** What waits for the next entry: told to the guest's kernel now; `undefined`: nothing does. */
  inject(cpu: Cpu): Trap | undefined;
  /** A step of whoever debugs it came to its end in {@link emulate}d instructions. */
  takeExit(): DebugExit | undefined;
  /**
   * Somebody debugs the guest from outside, or, `undefined`, lets go of it. To be called before each entry that steps.
   */
  debug(cpu: Cpu, wanted: OutsideDebugging | undefined): void;
}

/** The hypervisor's side of a virtual CPU's debug registers. */
export interface GuestHost {
  /** The guest's kernel reaches for a register that is not loaded, while it is on a physical CPU: it is to leave. */
  accessed(): void;
  /** Somebody outside changes how the virtual CPU goes on: it is to leave, if it is on a physical CPU. */
  leave(): void;
  /** What instruction stands at an address, as far as the hypervisor can say. */
  decode(pc: bigint): 'breakpoint' | undefined;
}

/** Where the debug registers of guests come from. */
export interface GuestDebug {
  /** Those of a virtual CPU after reset. */
  create(host: GuestHost): GuestDebugState;
  /**
   * A guest has left: what the unit's status shows of it must not be taken for the host's. `active`: the host has
   * something armed there.
   */
  settle(physical: DebugUnit, active: boolean): void;
  /**
   * Names of the functions that the host's kernel is in behind an exit: `db`, `dr`, `bp`, `hcall`, `io`, `halt`, ...
   */
  path(exit: string): readonly string[];
}

/** Virtual CPUs whose guests have debug registers of their own. */
export const GUEST_DEBUG = new Facet<GuestDebug>(
  'guest debug state',
  'GuestDebug (debug registers of virtual CPUs), and offer it with GUEST_DEBUG',
);
