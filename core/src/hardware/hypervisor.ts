import type { Mode } from './context.js';
import type { VirtualTrap } from './trap.js';
import type { WatchFilter } from './watch-filter.js';

/** Who makes a virtual CPU execute; declared here, implemented by a consumer that has virtual machines. */
export interface Hypervisor {
  /** True while the CPU's instructions may execute: it is on a physical CPU, and not wanted back. Asked often. */
  readonly present: boolean;
  /** Something happened that the CPU cannot finish by itself: passed on to `cpu.traps`, or dealt with. */
  trap(trap: VirtualTrap): void;
  /** The CPU has something to attend to: if it waits for that, it is to go on. */
  kick(): void;
  /** Code of the guest's kernel executes on the CPU, outside of any program: on some physical CPU. */
  inside<T>(action: () => T): T;
}

/** Where a guest was when its host's CPU was interrupted. */
export interface InterruptedGuest {
  readonly mode: Mode;
  readonly pc: bigint;
}

/**
 * A guest that is on a physical CPU. Its registers are in the debug unit, so whoever does something else there has it
 * leave first.
 */
export interface Visitor {
  /** Where it is. */
  readonly at: InterruptedGuest;
  /** True behind an instruction of its that shadows: nothing may come between it and the next one. */
  readonly shadowed: boolean;
  /** The physical CPU is wanted for something else: gives back its registers. */
  leave(): void;
  /** As it was before {@link leave}. */
  enter(): void;
  /** The physical CPU is a guest's, and its accesses are looked up in another filter from now on. */
  moved(from: WatchFilter, to: WatchFilter): void;
  /** The physical CPU has something to attend to: what executes hands over. */
  interrupt(): void;
}
