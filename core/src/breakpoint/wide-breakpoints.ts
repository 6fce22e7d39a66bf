import type { HwBreakpointAttr } from '../arch/index.js';
import { coreError, shown } from '../errors/index.js';
import type { Cpu } from '../hardware/index.js';
import { Disposables, type HotplugReason, type Logger, type Machine } from '../kernel/index.js';
import { type Breakpoint, type HitHandler, type Registers, registrationOf } from '../registers/index.js';
import type { BreakpointScheduler } from '../scheduling/index.js';
import type { BreakpointImages } from './breakpoint-images.js';
import { checkModification, type Modification, type RegisterOptions, requestOf } from './register-options.js';
import { WideBreakpoint } from './wide-breakpoint.js';
import { WideImages } from './wide-images.js';
import { WideRecord } from './wide-record.js';
import { atOnce, byIpi, type WideTravel } from './wide-travel.js';

/** What wide breakpoints are made of. */
export interface WideParts {
  readonly machine: Machine;
  readonly logger: Logger;
  readonly registers: Registers;
  readonly scheduler: BreakpointScheduler;
  /** What concerns other CPUs travels to them by interrupts. Default false. */
  readonly byIpi?: boolean;
}

function checkWide(wide: unknown): void {
  if (wide instanceof WideBreakpoint) return;
  throw new TypeError(`wide is a wide breakpoint, as registerWide returns it, got ${shown(wide)}`);
}

/** The requests that concern every online CPU, and what happens to them as CPUs come and go. */
export class WideBreakpoints {
  readonly #parts: WideParts;
  readonly #all = new Map<WideBreakpoint, WideRecord>();
  /** Those that were unregistered, to tell them from another kernel's. */
  #gone: WeakSet<WideBreakpoint> | undefined;
  readonly #hooks = new Disposables();
  #travel: WideTravel;
  /** Those that were unregistered, and that a CPU still has. */
  readonly #leaving = new Set<WideRecord>();
  readonly images: WideImages;

  constructor(parts: WideParts, images: BreakpointImages) {
    this.#parts = parts;
    this.#travel = parts.byIpi === true ? byIpi(parts.machine) : atOnce;
    this.images = new WideImages(parts.machine, images, this.#all);
    this.#hooks.add(
      parts.machine.hotplug.register('wide:starting', 'wide breakpoints', {
        startup: (cpu) => this.#extend(cpu),
        teardown: (cpu, why) => this.#shrink(cpu, why),
      }),
    );
  }

  /**
   * Every CPU has accepted before any register is touched and anybody makes room, so that a refusal leaves no trace and
   * nobody hears of it.
   */
  register(attr: HwBreakpointAttr, handler: HitHandler, options: RegisterOptions): WideBreakpoint {
    const record = new WideRecord(attr, handler, options);
    const { machine, registers, scheduler } = this.#parts;
    registers.together(() =>
      this.#orNone(record, () => {
        for (const { index } of machine.onlineCpus) this.#open(record, index);
      }),
    );
    this.#orNone(record, () => {
      const members = new Map(record.members);
      record.call = this.#travel(`install ${record.owner}'s wide breakpoint`, [...members.keys()], (cpu) => {
        const member = members.get(cpu);
        if (member !== undefined && record.members.get(cpu) === member) scheduler.activate(registrationOf(member));
      });
    });
    const wide = new WideBreakpoint(record);
    this.#all.set(wide, record);
    return wide;
  }

  modify(wide: WideBreakpoint, changes: Modification, options: Pick<RegisterOptions, 'privileged'>): void {
    const record = this.#recordOf(wide);
    checkModification(changes, options);
    const { scheduler } = this.#parts;
    const done: [Breakpoint, HwBreakpointAttr][] = [];
    try {
      record.call = this.#travel(`modify ${record.owner}'s wide breakpoint`, [...record.members.keys()], (cpu) => {
        const member = record.members.get(cpu);
        if (member === undefined) return;
        const before = member.attr;
        scheduler.modify(registrationOf(member), changes, options);
        done.push([member, before]);
      });
    } catch (error) {
      for (const [member, { bp_type, bp_addr, bp_len, disabled }] of done) {
        const before = { bp_type, bp_addr, bp_len, disabled: disabled ?? false };
        scheduler.modify(registrationOf(member), before, options);
      }
      throw error;
    }
    record.attr = { ...record.attr, ...changes };
  }

  /** Also one that has no member at the moment: it would have one on the next CPU that comes online. */
  unregister(wide: WideBreakpoint | undefined): void {
    if (wide === undefined) return;
    checkWide(wide);
    if (this.#gone?.has(wide) === true) return;
    const record = this.#recordOf(wide);
    this.#all.delete(wide);
    this.#gone ??= new WeakSet();
    this.#gone.add(wide);
    this.#leaving.add(record);
    if (record.members.size === 0) this.#leaving.delete(record);
    const cpus = [...record.members.keys()];
    record.released = true;
    record.call = this.#travel(`remove ${record.owner}'s wide breakpoint`, cpus, (cpu) => this.#close(record, cpu));
  }

  [Symbol.dispose](): void {
    this.#travel = atOnce;
    for (const wide of [...this.#all.keys()]) this.unregister(wide);
    for (const record of this.#leaving) for (const cpu of [...record.members.keys()]) this.#close(record, cpu);
    this.#hooks[Symbol.dispose]();
  }

  #recordOf(wide: WideBreakpoint): WideRecord {
    checkWide(wide);
    const record = this.#all.get(wide);
    if (record !== undefined) return record;
    if (this.#gone?.has(wide) === true)
      throw coreError('HWBP_RELEASED', `${wide.owner}'s wide breakpoint was unregistered`);
    throw new TypeError(`${wide.owner}'s wide breakpoint is another kernel's: use the API that it was registered with`);
  }

  /** What throws leaves no member, the latest being the first to go. */
  #orNone({ members }: WideRecord, action: () => void): void {
    try {
      action();
    } catch (error) {
      for (const member of [...members.values()].reverse()) this.#parts.scheduler.close(registrationOf(member));
      throw error;
    }
  }

  #open(record: WideRecord, cpu: number, options = record.options): Breakpoint {
    const { attr, handler, members } = record;
    const told: HitHandler = this.#parts.byIpi === true ? (hit) => void (record.released || handler(hit)) : handler;
    const { view } = this.#parts.scheduler.open(requestOf(attr, told, undefined, cpu, options, record));
    members.set(cpu, view);
    return view;
  }

  /** What is registered may have to wait there, as it may have to anywhere, whatever it said when it was asked for. */
  #extend({ index }: Cpu): void {
    for (const record of this.#all.values()) {
      const wasOn = record.suspended.delete(index);
      const member = record.members.get(index);
      if (member !== undefined) {
        if (!wasOn || member.state !== 'off') continue;
        // It was lost over a suspend, as a CPU's breakpoints are in Linux.
        this.#close(record, index);
      }
      try {
        this.#parts.scheduler.activate(registrationOf(this.#open(record, index, { ...record.options, waits: true })));
      } catch (error) {
        record.members.delete(index);
        const message = `CPU ${index} came online without ${record.owner}'s breakpoint: ${String(error)}`;
        this.#parts.logger.log('warn', message);
      }
    }
  }

  #shrink({ index }: Cpu, why: HotplugReason): void {
    for (const record of [...this.#all.values(), ...this.#leaving]) {
      if (why !== 'suspend') this.#close(record, index);
      else if (record.members.get(index)?.state !== 'off') record.suspended.add(index);
    }
  }

  #close(record: WideRecord, index: number): void {
    const { members } = record;
    const member = members.get(index);
    if (member !== undefined) this.#parts.scheduler.close(registrationOf(member));
    members.delete(index);
    if (members.size === 0) this.#leaving.delete(record);
  }
}
