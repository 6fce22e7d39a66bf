import type { HwBreakpointAttr } from '../arch/index.js';
import { coreError } from '../errors/index.js';
import type { Cpu } from '../hardware/index.js';
import type { Logger, Machine } from '../kernel/index.js';
import type { Breakpoint, HitHandler } from '../registers/index.js';
import type { Modification, RegisterOptions } from './register-options.js';
import { WideBreakpoint } from './wide-breakpoint.js';

/** What wide breakpoints are made of. */
export interface WideParts {
  readonly machine: Machine;
  readonly logger: Logger;
  /** Reserves a slot on a CPU and validates: nothing is armed yet. */
  admit(attr: HwBreakpointAttr, handler: HitHandler, cpu: number, options: RegisterOptions): Breakpoint;
  /** Lets what was admitted be scheduled. */
  attach(breakpoint: Breakpoint): void;
  modify(breakpoint: Breakpoint, changes: Modification, options: Pick<RegisterOptions, 'privileged'>): void;
  unregister(breakpoint: Breakpoint | undefined): void;
}

/** The requests that concern every online CPU, and what happens to them as CPUs come and go. */
export class WideBreakpoints {
  readonly #parts: WideParts;
  /** With the members that change as CPUs come and go. */
  readonly #all = new Map<WideBreakpoint, Map<number, Breakpoint>>();
  readonly #unhook: readonly (() => void)[];

  constructor(parts: WideParts) {
    this.#parts = parts;
    const { hooks } = parts.machine;
    this.#unhook = [hooks.online.add((cpu) => this.#extend(cpu)), hooks.offline.add((cpu) => this.#shrink(cpu))];
  }

  /** Every CPU has a slot before any register is touched, so that a refusal leaves no trace in one. */
  register(attr: HwBreakpointAttr, handler: HitHandler, options: RegisterOptions): WideBreakpoint {
    const members = new Map<number, Breakpoint>();
    try {
      for (const { index } of this.#parts.machine.onlineCpus) {
        members.set(index, this.#parts.admit(attr, handler, index, options));
      }
      for (const member of members.values()) this.#parts.attach(member);
    } catch (error) {
      for (const member of members.values()) this.#parts.unregister(member);
      throw error;
    }
    const wide = new WideBreakpoint(attr, handler, options, members);
    this.#all.set(wide, members);
    return wide;
  }

  modify(wide: WideBreakpoint, changes: Modification, options: Pick<RegisterOptions, 'privileged'>): void {
    const done: [Breakpoint, HwBreakpointAttr][] = [];
    try {
      for (const member of this.#membersOf(wide).values()) {
        const before = member.attr;
        this.#parts.modify(member, changes, options);
        done.push([member, before]);
      }
    } catch (error) {
      for (const [member, { bp_type, bp_addr, bp_len, disabled }] of done) {
        this.#parts.modify(member, { bp_type, bp_addr, bp_len, disabled: disabled ?? false }, options);
      }
      throw error;
    }
    wide.attr = { ...wide.attr, ...changes };
  }

  unregister(wide: WideBreakpoint | undefined): void {
    if (wide === undefined || wide.members.size === 0) return;
    const members = this.#membersOf(wide);
    for (const member of members.values()) this.#parts.unregister(member);
    members.clear();
    this.#all.delete(wide);
  }

  #membersOf(wide: WideBreakpoint): Map<number, Breakpoint> {
    const members = this.#all.get(wide);
    if (members !== undefined) return members;
    if (wide.members.size === 0) throw coreError('HWBP_RELEASED', `${wide.owner}'s wide breakpoint was unregistered`);
    throw new TypeError(`${wide.owner}'s wide breakpoint is another kernel's: use the API that it was registered with`);
  }

  dispose(): void {
    for (const wide of [...this.#all.keys()]) this.unregister(wide);
    for (const unhook of this.#unhook) unhook();
  }

  #extend({ index }: Cpu): void {
    const { admit, attach, logger } = this.#parts;
    for (const [{ attr, handler, options, owner }, members] of this.#all) {
      try {
        const member = admit(attr, handler, index, options);
        members.set(index, member);
        attach(member);
      } catch (error) {
        members.delete(index);
        logger.log('warn', `CPU ${index} came online without ${owner}'s breakpoint: ${String(error)}`);
      }
    }
  }

  #shrink({ index }: Cpu): void {
    for (const members of this.#all.values()) {
      this.#parts.unregister(members.get(index));
      members.delete(index);
    }
  }
}
