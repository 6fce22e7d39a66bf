import type {
  ArchManifest,
  BreakpointPlaces,
  Breakpoints,
  InstructionBreakpoint,
  Machine,
  SymbolTable,
  TargetDescription,
} from '@hwbp/core';

/** What of a kernel xmon works with. */
export interface XmonParts {
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly manifest: ArchManifest;
  readonly symbols: SymbolTable;
  /** How registers are read; `undefined`: the architecture does not say. */
  readonly description: TargetDescription | undefined;
  /** A register of its own for one instruction; `undefined`: the CPU has none. */
  readonly instruction: InstructionBreakpoint | undefined;
  /** Instructions that can have no breakpoint; `undefined`: the architecture names none. */
  readonly places: BreakpointPlaces | undefined;
}

/** The name under which xmon holds registers, and stops the machine. */
export const OWNER = 'xmon';
