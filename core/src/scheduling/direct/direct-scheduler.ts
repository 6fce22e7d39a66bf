import type { HwBreakpointAttr } from '../../arch/index.js';
import { coreError } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import type { Logger, Machine, Task, TaskState } from '../../kernel/index.js';
import {
  type Breakpoint,
  type BreakpointPmu,
  type BreakpointScheduler,
  defineScheduler,
  type SchedulerFactory,
} from '../../registers/index.js';

/** Attributes that need event contexts, with the value that means "not asked for". */
const NEEDS_EVENTS = [
  ['sample_period', 1, 'a period other than 1'],
  ['inherit', false, 'inheritance by children'],
  ['exclusive', false, 'exclusive use'],
  ['pinned', true, 'flexible scheduling'],
] as const satisfies readonly (readonly [keyof HwBreakpointAttr, unknown, string])[];

const NO_SERVICES: ReadonlyMap<symbol, unknown> = new Map();

/**
 * Registers follow tasks over context switches and CPUs, and nothing more: what ptrace needs where perf is not built in.
 * Every breakpoint that has a slot is in a register whenever its task runs on a CPU that it allows, or its CPU is online.
 */
export class DirectScheduler implements BreakpointScheduler {
  readonly name = 'direct';
  readonly services: ReadonlyMap<symbol, unknown> = NO_SERVICES;
  readonly #machine: Machine;
  readonly #pmu: BreakpointPmu;
  readonly #logger: Logger;
  /** Breakpoints of a task, in the order of registration; `undefined` while it has none. */
  readonly #ofTask: TaskState<Breakpoint[]>;
  readonly #ofCpu: readonly Breakpoint[][];
  readonly #hooks: readonly (() => void)[];

  constructor(machine: Machine, pmu: BreakpointPmu, logger: Logger) {
    this.#machine = machine;
    this.#pmu = pmu;
    this.#logger = logger;
    this.#ofTask = machine.defineTaskState(() => []);
    this.#ofCpu = machine.cpus.map(() => []);
    this.#hooks = [
      machine.hooks.contextSwitch.add((cpu, previous, next) => this.#switch(cpu, previous, next)),
      machine.hooks.exit.add((task) => this.#exit(task)),
      machine.hooks.online.add((cpu) => this.#putIn(this.#ofCpu[cpu.index] as Breakpoint[], cpu.index)),
      machine.hooks.offline.add((cpu) => this.#offline(cpu)),
    ];
  }

  /** It never needs a breakpoint of its own. */
  connect(): void {}

  check(attr: HwBreakpointAttr): void {
    for (const [field, neutral, what] of NEEDS_EVENTS) {
      const value = attr[field];
      if (value === undefined || value === neutral) continue;
      throw coreError(
        'HWBP_SCHEDULER_UNSUPPORTED',
        `${field} ${String(value)}: the direct scheduler cannot do ${what}; compose the kernel with scheduler: perfEvents() for that, or leave the field out`,
        { field, value },
      );
    }
  }

  attach(breakpoint: Breakpoint): void {
    const list = this.#list(breakpoint);
    list.push(breakpoint);
    if (breakpoint.state !== 'inactive') return;
    try {
      this.#place(breakpoint);
    } catch (error) {
      list.splice(list.indexOf(breakpoint), 1);
      throw error;
    }
  }

  detach(breakpoint: Breakpoint): void {
    if (breakpoint.state === 'active') this.#pmu.remove(breakpoint);
    const list = this.#list(breakpoint);
    const at = list.indexOf(breakpoint);
    if (at >= 0) list.splice(at, 1);
  }

  withdraw(breakpoint: Breakpoint): void {
    this.detach(breakpoint);
  }

  enable(breakpoint: Breakpoint): void {
    if (breakpoint.state !== 'off') return;
    breakpoint.state = 'inactive';
    try {
      this.#place(breakpoint);
    } catch (error) {
      breakpoint.state = 'off';
      throw error;
    }
  }

  disable(breakpoint: Breakpoint): void {
    if (breakpoint.state === 'active') this.#pmu.remove(breakpoint);
    breakpoint.state = 'off';
  }

  update(breakpoint: Breakpoint, change: () => void): void {
    if (breakpoint.state === 'active') this.#pmu.remove(breakpoint);
    change();
    if (breakpoint.state === 'inactive') this.#place(breakpoint);
  }

  /** Nobody can go out of the way. */
  aside(_cpu: number, action: () => void): void {
    action();
  }

  dispose(): void {
    for (const unhook of this.#hooks) unhook();
  }

  #list(breakpoint: Breakpoint): Breakpoint[] {
    if (breakpoint.task !== undefined) return this.#ofTask.get(breakpoint.task);
    return this.#ofCpu[breakpoint.cpu] as Breakpoint[];
  }

  /** Installs an inactive breakpoint if it belongs on a CPU right now. */
  #place(breakpoint: Breakpoint): void {
    const { task, cpu } = breakpoint;
    if (task === undefined) {
      if (this.#machine.cpu(cpu).online) this.#pmu.add(breakpoint, cpu);
    } else if (task.onCpu && task.alive && (cpu < 0 || cpu === task.cpu)) {
      this.#pmu.add(breakpoint, task.cpu);
    }
  }

  #switch(cpu: Cpu, previous: Task | undefined, next: Task | undefined): void {
    const leaving = previous === undefined ? undefined : this.#ofTask.peek(previous);
    const coming = next === undefined ? undefined : this.#ofTask.peek(next);
    if ((leaving === undefined || leaving.length === 0) && (coming === undefined || coming.length === 0)) return;
    const driver = this.#pmu.driver(cpu.index);
    driver.hold();
    try {
      if (leaving !== undefined) this.#takeOut(leaving);
      if (coming !== undefined) this.#putIn(coming, cpu.index);
    } finally {
      driver.release();
    }
  }

  #takeOut(breakpoints: readonly Breakpoint[]): void {
    for (let i = 0; i < breakpoints.length; i++) {
      const breakpoint = breakpoints[i] as Breakpoint;
      if (breakpoint.state === 'active') this.#pmu.remove(breakpoint);
    }
  }

  #putIn(breakpoints: readonly Breakpoint[], cpu: number): void {
    for (let i = 0; i < breakpoints.length; i++) {
      const breakpoint = breakpoints[i] as Breakpoint;
      if (breakpoint.state !== 'inactive' || (breakpoint.cpu >= 0 && breakpoint.cpu !== cpu)) continue;
      try {
        this.#pmu.add(breakpoint, cpu);
      } catch (error) {
        // The switch must go on: the breakpoint stays inactive and has its chance at the next one.
        this.#logger.log('error', `context switch on CPU ${cpu}: ${String(error)}`);
      }
    }
  }

  /** A dead task's breakpoints keep their slots until they are unregistered, but no register. */
  #exit(task: Task): void {
    const breakpoints = this.#ofTask.peek(task);
    if (breakpoints !== undefined) this.#takeOut(breakpoints);
  }

  /**
   * As in Linux, a CPU's breakpoints do not come back with it: their hits stay readable and their slots taken. Those that
   * are enabled while it is away are installed when it comes online.
   */
  #offline(cpu: Cpu): void {
    for (const breakpoint of this.#ofCpu[cpu.index] as Breakpoint[]) {
      if (breakpoint.state !== 'active') continue;
      this.disable(breakpoint);
      breakpoint.attr = { ...breakpoint.attr, disabled: true };
    }
  }
}

const DIRECT = defineScheduler('direct', ({ machine, pmu, logger }) => new DirectScheduler(machine, pmu, logger));

/** The default scheduler. */
export function directScheduler(): SchedulerFactory {
  return DIRECT;
}
