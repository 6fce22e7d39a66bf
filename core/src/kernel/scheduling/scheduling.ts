import { FUNCTION, requireKind } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import type { Random, RandomSource } from '../../random/index.js';
import { CpuState } from '../cpu-state.js';
import { type KernelTask, kernelTask, type Task } from '../task.js';
import { Kept } from './kept.js';
import type { PerTask, SchedulingClass, SchedulingHost, WaitingTasks } from './scheduling-class.js';
import type { SchedulingParameters } from './scheduling-parameters.js';
import { WaitingView } from './waiting-view.js';

/** What the rest of the kernel does for it. */
export interface SchedulingMechanism {
  readonly schedulingClass: SchedulingClass;
  /** Throws what the class refuses, and ESRCH for a task that has ended. */
  setParameters(task: KernelTask, parameters: SchedulingParameters): void;
  yield(cpu: Cpu): void;
  fail(message: string, detail: unknown): void;
  /** Into the kernel's error channel. `what`: whose code threw it. */
  report(error: unknown, what: string): void;
}

/** What it is made of. */
export interface SchedulingParts {
  readonly cpus: readonly Cpu[];
  /** Nanoseconds between the ticks of a CPU. */
  readonly tick: number;
  readonly random: RandomSource;
}

/**
 * How the tasks of a machine get its CPUs: what a scheduling class works with, and the way to it for everybody else.
 */
export class Scheduling implements SchedulingHost {
  /** @internal What is kept of each CPU. */
  readonly states: readonly CpuState[];
  readonly tick: number;
  readonly #waiting: readonly WaitingView[];
  readonly #random: RandomSource;
  #mechanism: SchedulingMechanism | undefined;
  #kinds = 0;

  /** Use `kernel.get(SCHEDULING)`. */
  constructor({ cpus, tick, random }: SchedulingParts) {
    this.states = cpus.map((cpu) => new CpuState(cpu));
    this.#waiting = this.states.map(({ queue }) => new WaitingView(queue));
    this.tick = tick;
    this.#random = random;
  }

  // --- for everybody ---

  /** The name of the class that decides. */
  get className(): string {
    return this.#known.schedulingClass.name;
  }

  /**
   * Changes parameters of a task; those that are not named stay (sched_setattr(2)). Throws a TypeError that names the
   * class and the field for one that the class does not have, or that is wrong; what the class refuses; and ESRCH for a
   * task that has ended. Then nothing changes.
   */
  set(task: Task, parameters: SchedulingParameters): void {
    this.#known.setParameters(kernelTask(task), parameters);
  }

  /** The task that a CPU runs gives up the rest of its time (sched_yield(2)). */
  yield(cpu: Cpu): void {
    this.#known.yield(cpu);
  }

  // --- for the class ---

  get cpus(): number {
    return this.states.length;
  }

  now(cpu: number): number {
    return this.#of(cpu).cpu.clock.now;
  }

  waiting(cpu: number): WaitingTasks {
    return this.#waiting[cpu] ?? this.#unknown(cpu);
  }

  running(cpu: number): Task | undefined {
    const { current } = this.#of(cpu);
    return current?.onCpu === true && current.state === 'running' ? current : undefined;
  }

  allows(task: Task, cpu: number): boolean {
    const state = this.states[cpu];
    return state !== undefined && isAvailable(state) && (task.affinity === undefined || task.affinity.has(cpu));
  }

  idlest(task: Task): number {
    let best = -1;
    let load = Number.POSITIVE_INFINITY;
    for (const { cpu, current, queue } of this.states) {
      const here = queue.length + (current === undefined ? 0 : 1);
      if (here >= load || !this.allows(task, cpu.index)) continue;
      load = here;
      best = cpu.index;
    }
    return best;
  }

  perTask<T extends object>(create: (task: Task) => T): PerTask<T> {
    requireKind('create', create, FUNCTION);
    return new Kept(this.#kinds++, create);
  }

  random(name: string): Random {
    return this.#random.stream(name);
  }

  fail(message: string, detail?: unknown): void {
    this.#known.fail(message, detail);
  }

  // --- for the kernel ---

  /** @internal The machine that all this is of. */
  attach(mechanism: SchedulingMechanism): void {
    if (this.#mechanism !== undefined) throw new TypeError('this scheduling is of a machine already: make another one');
    this.#mechanism = mechanism;
  }

  /** @internal The class has done something wrong. */
  report(error: unknown, what: string): void {
    this.#known.report(error, what);
  }

  get #known(): SchedulingMechanism {
    if (this.#mechanism !== undefined) return this.#mechanism;
    throw new TypeError('a scheduling class may ask for this once its machine is there, not where it is made');
  }

  #of(cpu: number): CpuState {
    return this.states[cpu] ?? this.#unknown(cpu);
  }

  #unknown(cpu: number): never {
    throw new TypeError(`a CPU is a whole number below ${this.states.length}, got ${String(cpu)}`);
  }
}

/** Tasks may wait there: it is online, or will be again after a suspend. */
export function isAvailable(state: CpuState): boolean {
  return state.cpu.online || state.asleep;
}
