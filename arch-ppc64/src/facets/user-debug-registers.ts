import { type FacetServices, hex, type KernelError, type Task, type UserDebugRegisters } from '@hwbp/core';
import { ppc64Error } from '../errors.js';
import type { ResolvedFeatures } from '../features.js';
import { DETACH_KEEPS_BREAKPOINTS } from '../quirks.js';
import { DABR_BT } from '../silicon/dabr.js';
import { ThreadBreakpoints } from './thread-breakpoints.js';

const FLAGS = 7n;
const TRANSLATE = BigInt(DABR_BT);
const DOUBLEWORD = 8;

/**
 * The one debug register of a ppc64 task as PTRACE_GET_DEBUGREG and _SET_DEBUGREG show it: the layout of DABR, whatever
 * registers the CPU has (Linux: arch/powerpc/kernel/ptrace/ptrace-noadv.c).
 */
export class Ppc64UserDebugRegisters implements UserDebugRegisters, Disposable {
  readonly count = 1;
  readonly #services: FacetServices;
  readonly #features: ResolvedFeatures;
  readonly #thread: ThreadBreakpoints;

  constructor(services: FacetServices, features: ResolvedFeatures) {
    this.#services = services;
    this.#features = features;
    this.#thread = ThreadBreakpoints.of(services);
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }

  read(task: Task, register: number): bigint {
    this.#check(register);
    return this.#thread.readback(task);
  }

  /**
   * Reads at bit 0, stores at bit 1, and bit 2, which must be set with an address; without reads and stores it removes.
   */
  write(task: Task, register: number, value: bigint): void {
    this.#check(register);
    const data = BigInt.asUintN(64, value);
    const address = data & ~FLAGS;
    if (address >= this.#features.taskSize) throw this.#refused(data, 'its address is not in user space');
    if (data !== 0n && (data & TRANSLATE) === 0n) throw this.#refused(data, 'bit 2 (translate) is not set');
    const bp_type = Number(data & 3n);
    if (bp_type === 0) {
      this.#thread.remove(task, 0);
      return;
    }
    const attr = { bp_addr: address, bp_len: DOUBLEWORD, bp_type };
    const breakpoint = this.#thread.at(task, 0);
    if (breakpoint === undefined) this.#thread.create(task, 0, attr);
    else this.#thread.modify(breakpoint, attr);
    this.#thread.setReadback(task, data);
  }

  tracerGone(task: Task): void {
    if (!this.#services.quirks.isOn(DETACH_KEEPS_BREAKPOINTS)) this.#thread.clear(task);
  }

  #check(register: number): void {
    if (register === 0) return;
    throw ppc64Error('PPC64_NO_DEBUG_REGISTER', `there is no debug register ${register}; there is 0`, { register });
  }

  #refused(value: bigint, why: string): KernelError {
    return ppc64Error('PPC64_BAD_DABR', `${hex(value)} cannot be written to debug register 0: ${why}`, { value });
  }
}
