import type { ArchManifest, HwBreakpointAttr } from '../arch/index.js';
import { coreError } from '../errors/index.js';
import { checkTask, Disposables, type Task } from '../kernel/index.js';
import {
  type Breakpoint,
  type HitHandler,
  type ModifyOptions,
  nameOf,
  type Registration,
  registrationOf,
} from '../registers/index.js';
import { BreakpointImages } from './breakpoint-images.js';
import type { BreakpointsParts } from './breakpoints-parts.js';
import { DebuggerSlots } from './debugger-slots.js';
import { checkModification, type Modification, type RegisterOptions, requestOf } from './register-options.js';
import type { WideBreakpoint } from './wide-breakpoint.js';
import { WideBreakpoints } from './wide-breakpoints.js';
import type { WideImages } from './wide-images.js';

/**
 * The core breakpoint API: what Linux calls register_user_hw_breakpoint and friends.
 *
 * A request is refused in this order: no registers at all ENOSYS; a class without registers EOPNOTSUPP; a type that
 * names nothing EINVAL; no free slot ENOSPC (with the holders, even if the request is invalid otherwise); the
 * architecture's EINVAL, EOPNOTSUPP or ENODEV; a kernel address with exclude_kernel EINVAL, without privilege EPERM; an
 * offline CPU ENODEV; a task that has exited ESRCH. A refused request leaves everything as it was.
 */
export class Breakpoints {
  /** Reservation for a debugger that has stopped the machine and may not wait for locks. */
  readonly debugger: DebuggerSlots;
  /** The breakpoints in an image, for those who have registered some in the name of others. */
  readonly images: BreakpointImages;
  readonly #parts: BreakpointsParts;
  readonly #wide: WideBreakpoints;
  readonly #hooks = new Disposables();

  /** Use `composeKernel`. */
  constructor(parts: BreakpointsParts) {
    this.#parts = parts;
    this.debugger = new DebuggerSlots(parts);
    this.images = new BreakpointImages(parts);
    this.#wide = new WideBreakpoints(parts, this.images);
    const { hibernation } = parts.machine;
    this.#hooks.add(
      hibernation.parts.register('breakpoints', this.images),
      hibernation.parts.register('wide breakpoints', this.#wide.images),
      hibernation.parts.register('debuggers', this.debugger),
    );
  }

  get manifest(): ArchManifest {
    return this.#parts.registers.manifest;
  }

  /**
   * Watches for one task, wherever it runs, or only while it runs on `options.cpu`. Linux: register_user_hw_breakpoint.
   */
  registerUser(
    attr: HwBreakpointAttr,
    handler: HitHandler,
    task: Task,
    options: RegisterOptions & { readonly cpu?: number } = {},
  ): Breakpoint {
    const { machine } = this.#parts;
    const cpu = options?.cpu ?? -1;
    checkTask(task);
    if (task.memory.physical !== machine.physical) {
      throw new TypeError(`task ${task} is another kernel's; register with that kernel's breakpoints`);
    }
    if (cpu !== -1) machine.cpu(cpu);
    return this.#register(attr, handler, task, cpu, options);
  }

  /** Watches on one CPU, whatever runs there. */
  registerCpu(attr: HwBreakpointAttr, handler: HitHandler, cpu: number, options: RegisterOptions = {}): Breakpoint {
    this.#parts.machine.cpu(cpu);
    return this.#register(attr, handler, undefined, cpu, options);
  }

  /**
   * Watches on every online CPU, and on CPUs that come online later. All or nothing: if one CPU refuses, what was
   * already registered is released and that error is thrown. Linux: register_wide_hw_breakpoint.
   */
  registerWide(attr: HwBreakpointAttr, handler: HitHandler, options: RegisterOptions = {}): WideBreakpoint {
    return this.#wide.register(attr, handler, options);
  }

  /**
   * Changes address, type, length or the disabled flag in place. The slot is never given up, and on an error (EINVAL,
   * EOPNOTSUPP, ENOSPC, EPERM) the breakpoint keeps its settings and keeps running. Linux: modify_user_hw_breakpoint.
   */
  modify(breakpoint: Breakpoint, changes: Modification, options: ModifyOptions = {}): void {
    const registration = this.#registered(breakpoint);
    checkModification(changes, options);
    this.#parts.scheduler.modify(registration, changes, options);
  }

  /** Changes every CPU's member of a wide breakpoint, or none. */
  modifyWide(wide: WideBreakpoint, changes: Modification, options: Pick<RegisterOptions, 'privileged'> = {}): void {
    this.#wide.modify(wide, changes, options);
  }

  /** Lets a disabled breakpoint fire. */
  enable(breakpoint: Breakpoint): void {
    this.#parts.scheduler.enable(this.#registered(breakpoint));
  }

  /** Keeps a breakpoint from firing; it keeps its slot. */
  disable(breakpoint: Breakpoint): void {
    this.#parts.scheduler.disable(this.#registered(breakpoint));
  }

  /**
   * Releases a breakpoint and its slot. Once this returns its handler is never called again, not even for a hit in
   * flight. Nothing happens for `undefined` and for one that is released already. Linux: unregister_hw_breakpoint.
   */
  unregister(breakpoint: Breakpoint | undefined): void {
    if (breakpoint === undefined || registrationOf(breakpoint).state === 'released') return;
    this.#parts.scheduler.close(this.#registered(breakpoint));
  }

  /** Releases a wide breakpoint on every CPU. */
  unregisterWide(wide: WideBreakpoint | undefined): void {
    this.#wide.unregister(wide);
  }

  /** The same of wide ones. */
  get wideImages(): WideImages {
    return this.#wide.images;
  }

  /** Every breakpoint that is registered, in no particular order. */
  get registered(): readonly Breakpoint[] {
    return this.#parts.registers.registered.map(({ view }) => view);
  }

  /** Who is in each debug register of a CPU, a debugger's included; `undefined`: nobody. */
  occupants(cpu: number): readonly (Breakpoint | undefined)[] {
    const { machine, registers } = this.#parts;
    const { occupants } = registers.driver(machine.cpu(cpu).index);
    return occupants.map((occupant) => (occupant as Registration | undefined)?.view);
  }

  /** True while the registers of a CPU are kept quiet, by an exception or a debugger: nothing there is seen. */
  isMuted(cpu: number): boolean {
    const { machine, registers } = this.#parts;
    return registers.driver(machine.cpu(cpu).index).muted;
  }

  /** True while anybody holds a slot. Linux: hw_breakpoint_is_used. */
  get isUsed(): boolean {
    return this.#parts.registers.isUsed;
  }

  /**
   * Nothing is admitted any more; debuggers and wide breakpoints give back what they have. The rest goes with the
   * scheduler.
   */
  [Symbol.dispose](): void {
    this.#parts.registers.close();
    this.#wide[Symbol.dispose]();
    this.debugger[Symbol.dispose]();
    this.#hooks[Symbol.dispose]();
  }

  #register(
    attr: HwBreakpointAttr,
    handler: HitHandler,
    task: Task | undefined,
    cpu: number,
    options: RegisterOptions,
  ): Breakpoint {
    const { scheduler } = this.#parts;
    const registration = scheduler.open(requestOf(attr, handler, task, cpu, options));
    scheduler.activate(registration);
    return registration.view;
  }

  #registered(breakpoint: Breakpoint): Registration {
    const registration = registrationOf(breakpoint);
    if (this.#parts.registers.has(registration)) return registration;
    const what = nameOf(breakpoint);
    if (breakpoint.state === 'released') throw coreError('HWBP_RELEASED', `${what} was unregistered`);
    throw new TypeError(`${what} is not one of this kernel's: use the API that it was registered with`);
  }
}
