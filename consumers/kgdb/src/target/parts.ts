import type { ArchManifest, Breakpoints, Machine, SymbolTable, TargetDescription } from '@hwbp/core';

/** What of a kernel a target is made of. */
export interface TargetParts {
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly manifest: ArchManifest;
  readonly symbols: SymbolTable;
  readonly description: TargetDescription;
}

/** The name under which kgdb holds registers. */
export const OWNER = 'kgdb';
