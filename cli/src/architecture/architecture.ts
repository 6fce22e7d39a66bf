import type { Architecture, Cpu } from '@hwbp/core';
import type { FacetContractOptions } from '@hwbp/testkit';
import type { UserCode } from '../config/user-code.js';

/** What no manifest says of an architecture's facets, and their suite has to be told. */
export type FacetUse = Pick<FacetContractOptions, 'debugRegisters' | 'systemCalls' | 'writable'>;

/** An architecture as the commands need it: one that they know by name, or the user's own. */
export interface KnownArchitecture {
  /** Makes one: of what is usual, or, for those that take options, with these. */
  create(options?: object): Architecture;
  /** As uname(1) has it. */
  readonly machine: string;
  /** What its CPUs are, for people. */
  readonly cpu: string;
  /** The control register of a CPU as text; `undefined` if there is none. */
  control(cpu: Cpu): string | undefined;
  /** What its facets' suite has to be told. */
  readonly facetUse: FacetUse;
  /** Whose fault it is what comes out of its code; `undefined` for one of this project's. */
  readonly code?: UserCode;
}
