import type { Context, ExecutionState } from './context.js';
import type { ControlAccess, ControlResult } from './control.js';
import type { FilterPart, WatchFilter } from './watch-filter.js';

/**
 * An exception that a debug unit raises. All that software may want to know of it is in the unit's registers, as on
 * silicon; so a unit hands out constants, and a hit allocates nothing. Make one with {@link debugException}.
 */
export interface DebugException {
  readonly kind: 'debug';
  /** The manual's name of the exception, such as `#DB` or `DSI`. */
  readonly vector: string;
  /** `before`: the instruction has not executed and executes again. `after`: the instruction has completed. */
  readonly timing: 'before' | 'after';
}

/** A debug exception of this vector and timing: one of a unit's constants. */
export function debugException(vector: string, timing: DebugException['timing']): DebugException {
  return Object.freeze({ kind: 'debug', vector, timing });
}

/** A register whose bits are among what a context keeps as fields, such as x86's EFLAGS with TF. */
export interface FlagsRegister {
  /** As an instruction's `registers` name it. */
  readonly name: string;
  /** An instruction in the context's mode writes it. */
  write(context: Context, value: bigint): void;
}

/**
 * The silicon of one CPU's debug registers, as the machine (or somebody's own CPU) drives it.
 *
 * For each instruction, in this order:
 * 1. {@link fetch}, if the filter may match the address of its first byte;
 * 2. {@link move}, if it accesses a control register;
 * 3. {@link access} for each access that the filter may match, before anything is performed;
 * 4. {@link retire} after it has completed, if {@link pending} is set or the CPU single-steps.
 * An exception from 1, 2 or 3 means: stop here, nothing of the instruction happens, take the exception, execute it again later.
 * If the instruction faults for another reason, call {@link discard}.
 *
 * For backend authors: a unit must keep {@link filter} armed for every condition that could match (a superset is
 * allowed, never a subset), must report each instruction at most once through `retire`, and must not know any kernel.
 * The numbers under which it arms ranges are handed out by the filter (`filter.allot`): others may stand in the same
 * filter.
 */
export interface DebugUnit {
  /** The test that stands in front of this unit. */
  readonly filter: WatchFilter;
  /** True while conditions matched that {@link retire} has yet to report. */
  readonly pending: boolean;
  /** The register with the flags that the CPU itself works with; absent: instructions cannot write them. */
  readonly flags?: FlagsRegister;
  /**
   * The CPU makes the accesses of an instruction one by one, each once it was checked: at an exception before one of
   * them, those before it have stored. Absent: none has.
   */
  readonly storesEarlier?: boolean;
  /**
   * An instruction is about to execute at this address. `shadowed`: in the debug shadow of the one before it, which may
   * hold back what has matched so far.
   */
  fetch(hi: number, lo: number, state: ExecutionState, shadowed?: boolean): DebugException | undefined;
  /** An access of `size` bytes (1 or more) of the given kind is about to be made. `part` says load, store or port. */
  access(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): DebugException | undefined;
  /** The instruction completed. */
  retire(state: ExecutionState): DebugException | undefined;
  /** The instruction was abandoned (page fault): conditions that it matched so far are forgotten. */
  discard(): void;
  /**
   * An instruction reads or writes a control register: the value that was read or written, an exception that comes
   * before (general detect), or why it may not. `undefined`: the register is none of this unit's.
   */
  move(access: ControlAccess, state: ExecutionState): ControlResult | undefined;
  /** Power-on state of every register. */
  reset(): void;
}

/** A unit that matches nothing: a CPU without debug registers. Single step is not its business either. */
export class NullDebugUnit implements DebugUnit {
  readonly filter: WatchFilter;
  readonly pending = false;

  constructor(filter: WatchFilter) {
    this.filter = filter;
  }

  fetch(): undefined {}
  access(): undefined {}
  retire(): undefined {}
  move(): undefined {}
  discard(): void {}
  reset(): void {}
}
