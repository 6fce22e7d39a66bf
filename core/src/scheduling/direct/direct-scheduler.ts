import type { HwBreakpointAttr } from '../../arch/index.js';
import { coreError } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import {
  Disposables,
  type HotplugReason,
  type Logger,
  type Machine,
  type Task,
  type TaskState,
} from '../../kernel/index.js';
import {
  type BreakpointChange,
  type BreakpointRequest,
  type Hit,
  type Keeper,
  type ModifyOptions,
  nameOf,
  type Registers,
  type Registration,
} from '../../registers/index.js';
import type { BreakpointScheduler } from '../scheduler.js';
import { DirectImage } from './direct-image.js';

/** Attributes that need event contexts, with the value that means "not asked for". */
const NEEDS_EVENTS = [
  ['sample_period', 1, 'a period other than 1'],
  ['inherit', false, 'inheritance by children'],
  ['exclusive', false, 'exclusive use'],
  ['pinned', true, 'flexible scheduling'],
] as const satisfies readonly (readonly [keyof HwBreakpointAttr, unknown, string])[];

function check(attr: HwBreakpointAttr): void {
  for (const [field, neutral, what] of NEEDS_EVENTS) {
    const value = attr[field];
    if (value === undefined || value === neutral) continue;
    throw coreError(
      'HWBP_SCHEDULER_UNSUPPORTED',
      `${field} ${String(value)}: the direct scheduler cannot do ${what}; compose the kernel with breakpointScheduler: perfEvents() for that, or leave the field out`,
      { field, value },
    );
  }
}

/**
 * Registers follow tasks over context switches and CPUs, and nothing more: what ptrace needs where perf is not built
 * in. Every breakpoint that has a slot is in a register whenever its task runs on a CPU that it allows, or its CPU is
 * online.
 */
export class DirectScheduler implements BreakpointScheduler, Keeper {
  readonly name = 'direct';
  readonly #machine: Machine;
  readonly #registers: Registers;
  readonly #logger: Logger;
  /** Breakpoints of a task, in the order of registration; `undefined` while it has none. */
  readonly #ofTask: TaskState<Registration[]>;
  readonly #ofCpu: readonly Registration[][];
  readonly #hooks = new Disposables();
  readonly image: DirectImage;

  constructor(machine: Machine, registers: Registers, logger: Logger) {
    this.#machine = machine;
    this.#registers = registers;
    this.#logger = logger;
    this.#ofTask = machine.defineTaskState(() => [], 'elsewhere');
    this.#ofCpu = machine.cpus.map(() => []);
    this.image = new DirectImage(
      () => [...this.#ofCpu, ...[...machine.tasks.values()].map((task) => this.#ofTask.peek(task) ?? [])],
      () => registers.registered,
    );
    const { hooks } = machine;
    this.#hooks.add(
      hooks.contextSwitch.add((cpu, previous, next) => this.#switch(cpu, previous, next)),
      hooks.exit.add((task) => this.#exit(task)),
      machine.hotplug.register('scheduler:starting', 'direct scheduler', {
        startup: (cpu) => this.#putIn(this.#ofCpu[cpu.index] as Registration[], cpu.index),
        teardown: (cpu, why) => this.#offline(cpu, why),
      }),
    );
  }

  open(request: BreakpointRequest): Registration {
    return this.#registers.admit(request, this, check);
  }

  activate(registration: Registration): void {
    if (registration.state === 'waiting' || registration.state === 'released') return;
    // One that was displaced and granted again while it was admitted is there already.
    if (registration.scheduled === undefined) {
      const list = this.#list(registration);
      list.push(registration);
      registration.scheduled = list;
    }
    if (registration.state !== 'inactive') return;
    try {
      this.#place(registration);
    } catch (error) {
      this.close(registration);
      throw error;
    }
  }

  close(registration: Registration): void {
    this.#remove(registration);
    this.#registers.release(registration);
  }

  enable(registration: Registration): void {
    const { state } = registration;
    if (state === 'off') {
      this.#registers.enable(registration);
      try {
        this.#place(registration);
      } catch (error) {
        this.#registers.disable(registration);
        throw error;
      }
    }
    this.#registers.setDisabled(registration, false);
  }

  disable(registration: Registration): void {
    this.#registers.disable(registration);
    this.#registers.setDisabled(registration, true);
  }

  modify(registration: Registration, changes: BreakpointChange, options: ModifyOptions): void {
    this.#registers.modify(registration, changes, options, (rewrite) => {
      if (registration.state === 'active') this.#registers.uninstall(registration);
      rewrite();
      if (registration.state === 'inactive') this.#place(registration);
    });
  }

  /** Nobody can go out of the way. */
  aside(_cpu: number, action: () => void): void {
    action();
  }

  [Symbol.dispose](): void {
    for (const registration of [...this.#registers.registered]) this.close(registration);
    this.#hooks[Symbol.dispose]();
  }

  // --- what happens to those that it keeps ---

  hit(registration: Registration, hit: Hit): void {
    this.#registers.count(registration, hit);
    registration.handler(hit);
  }

  displaced(registration: Registration): void {
    if (registration.state === 'active') this.#registers.uninstall(registration);
    this.#remove(registration);
  }

  granted(registration: Registration): void {
    this.activate(registration);
  }

  givenUp(registration: Registration): void {
    this.disable(registration);
  }

  // --- private ---

  #list(registration: Registration): Registration[] {
    if (registration.task !== undefined) return this.#ofTask.get(registration.task);
    return this.#ofCpu[registration.cpu] as Registration[];
  }

  #remove(registration: Registration): void {
    if (registration.scheduled === undefined) return;
    const list = this.#list(registration);
    const at = list.lastIndexOf(registration);
    registration.scheduled = undefined;
    if (at === list.length - 1) list.pop();
    else list.splice(at, 1);
  }

  /** Installs an inactive breakpoint if it belongs on a CPU right now. */
  #place(registration: Registration): void {
    const { task, cpu } = registration;
    if (task === undefined) {
      const there = this.#machine.cpu(cpu);
      if (there.online && !this.#machine.hotplug.isLeaving(there)) this.#registers.install(registration, cpu);
    } else if (task.onCpu && task.alive && (cpu < 0 || cpu === task.cpu)) {
      this.#registers.install(registration, task.cpu);
    }
  }

  #switch(cpu: Cpu, previous: Task | undefined, next: Task | undefined): void {
    const leaving = previous === undefined ? undefined : this.#ofTask.peek(previous);
    const coming = next === undefined ? undefined : this.#ofTask.peek(next);
    if ((leaving === undefined || leaving.length === 0) && (coming === undefined || coming.length === 0)) return;
    const unmute = this.#registers.driver(cpu.index).mute(false);
    try {
      if (leaving !== undefined) this.#takeOut(leaving);
      if (coming !== undefined) this.#putIn(coming, cpu.index);
    } finally {
      unmute();
    }
  }

  #takeOut(registrations: readonly Registration[]): void {
    for (let i = 0; i < registrations.length; i++) {
      const registration = registrations[i] as Registration;
      if (registration.state === 'active') this.#registers.uninstall(registration);
    }
  }

  #putIn(registrations: readonly Registration[], cpu: number): void {
    for (let i = 0; i < registrations.length; i++) {
      const registration = registrations[i] as Registration;
      if (registration.state !== 'inactive' || (registration.cpu >= 0 && registration.cpu !== cpu)) continue;
      try {
        this.#registers.install(registration, cpu);
      } catch (error) {
        // The switch must go on: the breakpoint stays inactive and has its chance at the next one.
        this.#logger.log('error', `context switch on CPU ${cpu}: ${String(error)}`);
      }
    }
  }

  /** A dead task's breakpoints keep their slots until they are unregistered, but no register. */
  #exit(task: Task): void {
    const registrations = this.#ofTask.peek(task);
    if (registrations !== undefined) this.#takeOut(registrations);
  }

  /**
   * As in Linux, a CPU's breakpoints do not come back with it: their hits stay readable and their slots taken. Those
   * that are enabled while it is away are installed when it comes online. Those of a CPU that is to be again as it was
   * keep waiting for it.
   */
  #offline(cpu: Cpu, why: HotplugReason): void {
    const registrations = this.#ofCpu[cpu.index] as Registration[];
    if (why !== 'hotplug') {
      this.#takeOut(registrations);
      return;
    }
    for (const registration of registrations) {
      if (registration.state !== 'active') continue;
      this.disable(registration);
      this.#logger.log('warn', `CPU ${cpu.index} went offline: ${nameOf(registration)} is lost, its slot stays taken`);
    }
  }
}
