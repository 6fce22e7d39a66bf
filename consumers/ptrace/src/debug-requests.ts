import type {
  HardwareDebugInfo,
  HardwareDebugRequest,
  HardwareDebugRequests,
  KernelError,
  Machine,
  Task,
  TrapInstruction,
  UserArea,
  UserDebugRegisters,
} from '@hwbp/core';
import { ptraceError } from './errors.js';

/** The architecture's facets that the requests are answered from. */
export interface DebugFacets {
  readonly area: UserArea;
  readonly debug: UserDebugRegisters;
  readonly hardware: HardwareDebugRequests | undefined;
  /** What is a software breakpoint when it is written into text; `undefined`: nothing. */
  readonly trap: TrapInstruction | undefined;
  readonly machine: Machine;
}

/**
 * Requests about debug registers that are no words of `struct user`. EIO, as for any unknown request, where an
 * architecture has none.
 */
export class DebugRequests {
  readonly #facets: DebugFacets;

  constructor(facets: DebugFacets) {
    this.#facets = facets;
  }

  /** PTRACE_GET_DEBUGREG. */
  getDebugReg(task: Task, register: number): bigint {
    return this.#ownRegisters('PTRACE_GET_DEBUGREG').read(task, register);
  }

  /** PTRACE_SET_DEBUGREG. */
  setDebugReg(task: Task, register: number, value: bigint): void {
    this.#ownRegisters('PTRACE_SET_DEBUGREG').write(task, register, value);
  }

  /** PPC_PTRACE_GETHWDBGINFO. */
  info(): HardwareDebugInfo {
    return this.#hardware('PPC_PTRACE_GETHWDBGINFO').info();
  }

  /** PPC_PTRACE_SETHWDEBUG. */
  set(task: Task, request: HardwareDebugRequest): number {
    return this.#hardware('PPC_PTRACE_SETHWDEBUG').set(task, request);
  }

  /** PPC_PTRACE_DELHWDEBUG. */
  remove(task: Task, handle: number | bigint): void {
    this.#hardware('PPC_PTRACE_DELHWDEBUG').remove(task, handle);
  }

  #ownRegisters(request: string): UserDebugRegisters {
    const { area, debug } = this.#facets;
    if (area.debugOffset(0) === undefined) return debug;
    throw this.#unknown(request, 'its debug registers are words of the user area, for peekUser and pokeUser');
  }

  #hardware(request: string): HardwareDebugRequests {
    const { hardware } = this.#facets;
    if (hardware !== undefined) return hardware;
    throw this.#unknown(request, "it does not offer the facet 'hardware debug requests'");
  }

  #unknown(request: string, why: string): KernelError {
    return ptraceError('PTRACE_NO_REQUEST', `this architecture has no ${request}: ${why}`, { request });
  }
}
