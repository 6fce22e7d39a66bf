import type {
  HardwareDebugInfo,
  HardwareDebugRequest,
  HardwareDebugRequests,
  KernelError,
  Machine,
  RegisterSet,
  RegisterSets,
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
  /** Sets of registers; `undefined`: the architecture names none. */
  readonly sets: RegisterSets | undefined;
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

  /**
   * PTRACE_GETREGSET: the first bytes of a set, as many as `length` asks for and the set has. EINVAL for a set that the
   * architecture does not have, and for a length between two elements.
   */
  getRegSet(task: Task, type: number, length: number): Uint8Array {
    const set = this.#set(type, length);
    return set.read(task, Math.min(length, set.size));
  }

  /** PTRACE_SETREGSET: likewise. Returns how many bytes the set took. */
  setRegSet(task: Task, type: number, bytes: Uint8Array): number {
    const set = this.#set(type, bytes.length);
    const length = Math.min(bytes.length, set.size);
    set.write(task, bytes.subarray(0, length));
    return length;
  }

  #set(type: number, length: number): RegisterSet {
    const set = this.#facets.sets?.sets.get(type);
    if (set === undefined) {
      const known = [...(this.#facets.sets?.sets.keys() ?? [])].map((note) => `0x${note.toString(16)}`);
      const message = `this architecture has no register set 0x${type.toString(16)}: it has ${known.join(', ') || 'none'}`;
      throw ptraceError('PTRACE_BAD_SET', message, { type });
    }
    if (Number.isInteger(length) && length >= 0 && length % set.elementSize === 0) return set;
    const message = `${length} bytes end inside an element of register set 0x${type.toString(16)}: use a multiple of ${set.elementSize}`;
    throw ptraceError('PTRACE_BAD_SET', message, { type, length });
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
