import type { ArchManifest, Breakpoints, Machine, SymbolTable, SystemCallNumbers, TargetDescription } from '@hwbp/core';

/** What of a kernel a target is made of. */
export interface TargetParts {
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly manifest: ArchManifest;
  readonly symbols: SymbolTable;
  /** Where the instructions of routines are: there are no bytes. */
  readonly texts: readonly { readonly address: bigint; readonly size: number }[];
  readonly description: TargetDescription;
  /** `undefined`: the architecture does not say which register a system call is numbered by. */
  readonly callNumbers: SystemCallNumbers | undefined;
}

/** The name under which kgdb holds registers. */
export const OWNER = 'kgdb';
