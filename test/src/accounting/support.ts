import {
  type Architecture,
  type Breakpoint,
  composeKernel,
  HW_BREAKPOINT_RW,
  type HwBreakpointAttr,
  type Kernel,
  KernelError,
  type ProgramFactory,
  type Task,
} from '@hwbp/core';
import type { ExecutionContext } from 'ava';

/** Where a breakpoint is asked for, as the spec's vectors write it: `cur` and `oth` are tasks, `c0` and `c1` CPUs. */
export type Place = 'cur/any' | 'cur@c0' | 'cur@c1' | 'oth/any' | 'oth@c0' | 'CPU c0' | 'CPU c1';

/** The verbs of the vectors, for whatever holds a slot. */
export interface VectorRig<T> {
  /** Asks for a slot there. */
  on(place: Place): T;
  /** Asks for that many. */
  fill(place: Place, count: number): T[];
  /** ENOSPC at each of these places. */
  full(...places: readonly Place[]): void;
  remove(...holders: readonly (T | undefined)[]): void;
}

const endless: ProgramFactory = () => ({ state: 'ready', run: () => 1 });

/** A kernel with two CPUs and two tasks, and the verbs of the vectors. */
export class AccountingRig implements VectorRig<Breakpoint> {
  readonly kernel: Kernel;
  readonly slots: number;
  readonly cur: Task;
  readonly oth: Task;
  readonly #t: ExecutionContext;
  #next = 0x10_0000n;

  constructor(t: ExecutionContext, arch: Architecture) {
    this.#t = t;
    this.kernel = composeKernel({ arch, cpus: 2, strict: true });
    this.slots = arch.backend.manifest.slots.data;
    this.cur = this.kernel.machine.spawn(endless, { comm: 'cur' });
    this.oth = this.kernel.machine.spawn(endless, { comm: 'oth' });
  }

  /** Registers; RW on one byte that nobody else watches, unless it is said. */
  on(place: Place, attr: Partial<HwBreakpointAttr> = {}): Breakpoint {
    const { breakpoints } = this.kernel;
    const full = { bp_type: HW_BREAKPOINT_RW, bp_addr: this.#next++, bp_len: 1, ...attr };
    const handler = (): void => {};
    const cpu = Number(place.at(-1));
    if (place.startsWith('CPU')) return breakpoints.registerCpu(full, handler, cpu);
    const task = place.startsWith('cur') ? this.cur : this.oth;
    return breakpoints.registerUser(full, handler, task, place.endsWith('any') ? {} : { cpu });
  }

  /** Registers that many there. */
  fill(place: Place, count: number): Breakpoint[] {
    return Array.from({ length: count }, () => this.on(place));
  }

  /** ENOSPC at each of these places. The refusal names as many holders as there are slots in use. */
  full(...places: readonly Place[]): void {
    for (const place of places) {
      const error = this.#t.throws(() => this.on(place), { instanceOf: KernelError, code: 'HWBP_NO_SLOT' }, place);
      this.#t.is(error.errno, 'ENOSPC', place);
      this.#t.is((error.details.holders as unknown[]).length, error.details.used as number, place);
    }
  }

  remove(...breakpoints: readonly (Breakpoint | undefined)[]): void {
    for (const breakpoint of breakpoints) this.kernel.breakpoints.unregister(breakpoint);
  }

  /** Everything is removed at the end of a vector: then nothing is in use. */
  end(): void {
    this.remove(...[...this.kernel.breakpoints.registered]);
    this.#t.false(this.kernel.breakpoints.isUsed);
  }
}
