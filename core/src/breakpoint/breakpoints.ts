import type { ArchBreakpoint, ArchManifest, HwBreakpointAttr, Occupant } from '../arch/index.js';
import { coreError } from '../errors/index.js';
import { type Cpu, hex } from '../hardware/index.js';
import type { Task } from '../kernel/index.js';
import {
  Breakpoint,
  type BreakpointRequest,
  type HitHandler,
  type ModifyOptions,
  type SlotClaim,
} from '../registers/index.js';
import type { BreakpointsParts } from './breakpoints-parts.js';
import { checkAttr, slotClassOf } from './check-arguments.js';
import { DebuggerSlots } from './debugger-slots.js';
import { parseRequest } from './parse-request.js';
import { type Modification, type RegisterOptions, requestOf } from './register-options.js';
import type { WideBreakpoint } from './wide-breakpoint.js';
import { WideBreakpoints } from './wide-breakpoints.js';

const MODIFIABLE: ReadonlySet<string> = new Set(['bp_type', 'bp_addr', 'bp_len', 'disabled']);

/**
 * The core breakpoint API: what Linux calls register_user_hw_breakpoint and friends.
 *
 * A request is refused in this order: no registers at all ENOSYS; a class without registers EOPNOTSUPP; a type that names
 * nothing EINVAL; no free slot ENOSPC (with the holders, even if the request is invalid otherwise); the architecture's
 * EINVAL, EOPNOTSUPP or ENODEV; a kernel address with exclude_kernel EINVAL, without privilege EPERM; an offline CPU ENODEV;
 * a task that has exited ESRCH.
 * A refused request leaves everything as it was.
 */
export class Breakpoints {
  readonly manifest: ArchManifest;
  /** Reservation for a debugger that has stopped the machine and may not wait for locks. */
  readonly debugger: DebuggerSlots;
  readonly #parts: BreakpointsParts;
  readonly #wide: WideBreakpoints;
  readonly #unhook: () => void;
  readonly #registered: Breakpoint[] = [];
  #disposed = false;

  /** Use `composeKernel`. */
  constructor(parts: BreakpointsParts) {
    this.#parts = parts;
    this.manifest = parts.backend.manifest;
    this.debugger = new DebuggerSlots(parts);
    this.#wide = new WideBreakpoints({
      machine: parts.machine,
      logger: parts.logger,
      admit: (attr, handler, cpu, options) => this.#admit(requestOf(attr, handler, undefined, cpu, options)),
      attach: (breakpoint) => this.#attach(breakpoint),
      modify: (breakpoint, changes, options) => this.modify(breakpoint, changes, options),
      unregister: (breakpoint) => this.#release(breakpoint),
    });
    // After the wide ones have gone with the CPU: what is left there is lost.
    this.#unhook = parts.machine.hooks.offline.add((cpu) => this.#reportLost(cpu));
    parts.scheduler.connect({
      create: (asked) => this.#create(asked),
      release: (breakpoint) => this.#release(breakpoint),
      modify: (breakpoint, changes, options) => this.modify(breakpoint, changes, options),
    });
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
    const cpu = options.cpu ?? -1;
    if (task.memory.physical !== this.#parts.machine.physical) {
      throw new TypeError(`task ${task} is another kernel's; register with that kernel's breakpoints`);
    }
    if (cpu !== -1) this.#parts.machine.cpu(cpu);
    return this.#register(attr, handler, task, cpu, options);
  }

  /** Watches on one CPU, whatever runs there. */
  registerCpu(attr: HwBreakpointAttr, handler: HitHandler, cpu: number, options: RegisterOptions = {}): Breakpoint {
    this.#parts.machine.cpu(cpu);
    return this.#register(attr, handler, undefined, cpu, options);
  }

  /**
   * Watches on every online CPU, and on CPUs that come online later. All or nothing: if one CPU refuses, what was already
   * registered is released and that error is thrown. Linux: register_wide_hw_breakpoint.
   */
  registerWide(attr: HwBreakpointAttr, handler: HitHandler, options: RegisterOptions = {}): WideBreakpoint {
    return this.#wide.register(attr, handler, options);
  }

  /**
   * Changes address, type, length or the disabled flag in place. The slot is never given up, and on an error (EINVAL,
   * EOPNOTSUPP, ENOSPC, EPERM) the breakpoint keeps its settings and keeps running. Linux: modify_user_hw_breakpoint.
   */
  modify(breakpoint: Breakpoint, changes: Modification, options: ModifyOptions = {}): void {
    this.#requireRegistered(breakpoint);
    for (const field of Object.keys(changes)) {
      if (MODIFIABLE.has(field)) continue;
      throw coreError('HWBP_MODIFY_FIELD', `modify cannot change ${field}; unregister and register again`, { field });
    }
    const attr: HwBreakpointAttr = { ...breakpoint.attr, ...changes };
    checkAttr(attr);
    const privileged = options.privileged ?? breakpoint.privileged;
    // The architecture judges first, then whether the new class has registers: the other way round than for a new request.
    const info = parseRequest(this.#parts, options.asked ?? attr, privileged);
    options.confirm?.();
    const slotClass = slotClassOf(attr.bp_type, this.manifest);
    const before = { slotClass: breakpoint.slotClass, attr: breakpoint.attr, info: breakpoint.info };
    if (breakpoint.state === 'waiting') {
      // Rewritten first: the policy may grant it for the new class at once.
      breakpoint.attr = attr;
      breakpoint.info = info;
    }
    try {
      if (slotClass !== before.slotClass)
        this.#settle(breakpoint, this.#parts.accounting.change(breakpoint, slotClass));
    } catch (error) {
      breakpoint.attr = before.attr;
      breakpoint.info = before.info;
      throw error;
    }
    try {
      this.#rewrite(breakpoint, attr, info);
    } catch (error) {
      if (slotClass !== before.slotClass) this.#parts.accounting.change(breakpoint, before.slotClass);
      throw error;
    }
  }

  /** What a policy answered for a claim that it knows: it may have changed its mind. */
  #settle(breakpoint: Breakpoint, granted: boolean): void {
    if (granted) this.granted(breakpoint);
    else this.displaced(breakpoint);
  }

  /** Changes every CPU's member of a wide breakpoint, or none. */
  modifyWide(wide: WideBreakpoint, changes: Modification, options: Pick<RegisterOptions, 'privileged'> = {}): void {
    this.#wide.modify(wide, changes, options);
  }

  /** Lets a disabled breakpoint fire. */
  enable(breakpoint: Breakpoint): void {
    this.#requireRegistered(breakpoint);
    if (breakpoint.state !== 'waiting') this.#parts.scheduler.enable(breakpoint);
    breakpoint.attr = { ...breakpoint.attr, disabled: false };
  }

  /** Keeps a breakpoint from firing; it keeps its slot. */
  disable(breakpoint: Breakpoint): void {
    this.#requireRegistered(breakpoint);
    if (breakpoint.state !== 'waiting') this.#parts.scheduler.disable(breakpoint);
    breakpoint.attr = { ...breakpoint.attr, disabled: true };
  }

  /**
   * Releases a breakpoint and its slot. Once this returns its handler is never called again, not even for a hit in flight.
   * Nothing happens for `undefined` and for one that is released already. Linux: unregister_hw_breakpoint.
   */
  unregister(breakpoint: Breakpoint | undefined): void {
    if (breakpoint === undefined || breakpoint.state === 'released') return;
    this.#requireRegistered(breakpoint);
    this.#release(breakpoint);
  }

  /** Also of one that was admitted and not attached. */
  #release(breakpoint: Breakpoint | undefined): void {
    if (breakpoint === undefined || breakpoint.state === 'released') return;
    this.#parts.scheduler.detach(breakpoint);
    breakpoint.state = 'released';
    this.#parts.accounting.release(breakpoint);
    if (breakpoint.index >= 0) this.#forget(breakpoint);
  }

  /** Releases a wide breakpoint on every CPU. */
  unregisterWide(wide: WideBreakpoint | undefined): void {
    this.#wide.unregister(wide);
  }

  /** Every breakpoint that is registered, in no particular order. */
  get registered(): readonly Breakpoint[] {
    return this.#registered;
  }

  /** True while anybody holds a slot. Linux: hw_breakpoint_is_used. */
  get isUsed(): boolean {
    return this.#parts.accounting.policy.isUsed;
  }

  /** @internal The architecture cannot handle its hits. */
  giveUp(occupant: Occupant): void {
    if (occupant instanceof Breakpoint && this.#registered[occupant.index] === occupant) this.disable(occupant);
  }

  /** @internal The policy took a granted claim's register away. */
  displaced(claim: SlotClaim): void {
    if (!(claim instanceof Breakpoint) || claim.state === 'waiting' || claim.state === 'released') return;
    this.#parts.scheduler.withdraw(claim);
    claim.state = 'waiting';
    this.#notify(claim, claim.notices.uninstalled);
  }

  /** @internal The policy grants a waiting claim. */
  granted(claim: SlotClaim): void {
    if (!(claim instanceof Breakpoint) || claim.state !== 'waiting') return;
    claim.state = claim.attr.disabled === true ? 'off' : 'inactive';
    // A claim that is granted while it is still being admitted is attached when that is done.
    if (claim.index < 0) return;
    this.#parts.scheduler.attach(claim);
    this.#notify(claim, claim.notices.installed);
  }

  /** Unregisters everything and stops following tasks and CPUs. */
  dispose(): void {
    this.#wide.dispose();
    this.debugger.dispose();
    for (const breakpoint of [...this.#registered]) this.unregister(breakpoint);
    this.#disposed = true;
    this.#unhook();
    this.#parts.scheduler.dispose();
    this.#parts.pmu.dispose();
  }

  #reportLost(cpu: Cpu): void {
    for (const { task, cpu: bound, owner, address } of this.#registered) {
      if (task !== undefined || bound !== cpu.index) continue;
      const what = `${owner}'s breakpoint at ${hex(address)}`;
      this.#parts.logger.log('warn', `CPU ${cpu.index} went offline: ${what} is lost, its slot stays taken`);
    }
  }

  #remember(breakpoint: Breakpoint): void {
    breakpoint.index = this.#registered.length;
    this.#registered.push(breakpoint);
  }

  /** In constant time: the last one takes its place. */
  #forget(breakpoint: Breakpoint): void {
    const last = this.#registered.pop();
    if (last === undefined || last === breakpoint) return;
    this.#registered[breakpoint.index] = last;
    last.index = breakpoint.index;
  }

  /** A notice that throws must not upset the policy that is in the middle of its decision. */
  #notify(breakpoint: Breakpoint, notice: ((breakpoint: Breakpoint) => void) | undefined): void {
    try {
      notice?.(breakpoint);
    } catch (error) {
      this.#parts.logger.log('error', `a placement notice of ${breakpoint.owner} threw: ${String(error)}`);
    }
  }

  #register(
    attr: HwBreakpointAttr,
    handler: HitHandler,
    task: Task | undefined,
    cpu: number,
    options: RegisterOptions,
  ): Breakpoint {
    const breakpoint = this.#admit(requestOf(attr, handler, task, cpu, options));
    this.#attach(breakpoint);
    return breakpoint;
  }

  /** For the scheduler: registered, and not yet attached. */
  #create(asked: BreakpointRequest): Breakpoint {
    const breakpoint = this.#admit(asked);
    this.#remember(breakpoint);
    return breakpoint;
  }

  /** A breakpoint with a slot, or a place in the queue, that may be attached. */
  #admit(asked: BreakpointRequest): Breakpoint {
    const { attr, handler, task, cpu } = asked;
    checkAttr(attr);
    if (typeof handler !== 'function') throw new TypeError('a breakpoint needs a handler function');
    const { accounting, scheduler, machine } = this.#parts;
    if (this.#disposed) throw coreError('HWBP_DISPOSED', 'this kernel was disposed; compose a new one');
    scheduler.check(attr);
    const breakpoint = new Breakpoint(asked, slotClassOf(attr.bp_type, this.manifest));
    breakpoint.state = 'waiting';
    if (accounting.reserve(breakpoint)) breakpoint.state = attr.disabled === true ? 'off' : 'inactive';
    try {
      breakpoint.info = parseRequest(this.#parts, attr, breakpoint.privileged);
      asked.confirm?.();
      // A child inherits what its parent has, whether that can count now or not.
      if (cpu >= 0 && asked.parent === undefined && !machine.cpu(cpu).online) {
        throw coreError('HWBP_CPU_OFFLINE', `CPU ${cpu} is offline; bring it online first`, { cpu });
      }
      if (task !== undefined && !task.alive)
        throw coreError('HWBP_TASK_GONE', `task ${task} has exited`, { pid: task.pid });
    } catch (error) {
      breakpoint.state = 'released';
      accounting.release(breakpoint);
      throw error;
    }
    return breakpoint;
  }

  #attach(breakpoint: Breakpoint): void {
    const { accounting, scheduler } = this.#parts;
    try {
      if (breakpoint.state !== 'waiting') scheduler.attach(breakpoint);
    } catch (error) {
      breakpoint.state = 'released';
      accounting.release(breakpoint);
      throw error;
    }
    this.#remember(breakpoint);
  }

  #rewrite(breakpoint: Breakpoint, attr: HwBreakpointAttr, info: ArchBreakpoint): void {
    const { attr: oldAttr, info: oldInfo, state: oldState } = breakpoint;
    const apply = (newAttr: HwBreakpointAttr, newInfo: ArchBreakpoint) => (): void => {
      breakpoint.attr = newAttr;
      breakpoint.info = newInfo;
      if (newAttr.disabled === true) breakpoint.state = 'off';
      else if (breakpoint.state === 'off') breakpoint.state = 'inactive';
    };
    if (oldState === 'waiting') {
      breakpoint.attr = attr;
      breakpoint.info = info;
      return;
    }
    try {
      this.#parts.scheduler.update(breakpoint, apply(attr, info));
    } catch (error) {
      this.#parts.scheduler.update(breakpoint, apply(oldAttr, oldInfo));
      throw error;
    }
  }

  #requireRegistered(breakpoint: Breakpoint): void {
    const known = this.#registered[breakpoint.index] === breakpoint;
    if (known && breakpoint.state !== 'released') return;
    const what = `${breakpoint.owner}'s breakpoint at ${hex(breakpoint.address)}`;
    if (breakpoint.state === 'released') throw coreError('HWBP_RELEASED', `${what} was unregistered`);
    throw new TypeError(`${what} is not one of this kernel's: use the API that it was registered with`);
  }
}
