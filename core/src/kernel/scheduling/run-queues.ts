import type { CpuState } from '../cpu-state.js';
import type { Gates } from '../execution-gate.js';
import type { KernelTask } from '../task.js';
import { ClassGuard } from './class-guard.js';
import type { PassedOver } from './passed-over.js';
import { isAvailable, type Scheduling } from './scheduling.js';
import type { DequeueReason, EnqueueReason, PlaceReason, SchedulingClass } from './scheduling-class.js';

/** What it is made of. */
export interface RunQueuesParts {
  readonly scheduling: Scheduling;
  readonly schedulingClass: SchedulingClass;
  readonly gates: Gates;
  readonly passedOver: PassedOver;
}

/**
 * The tasks that wait for CPUs. The kernel has a list of its own for each CPU, in the order in which they came:
 * whatever a class does, nobody is lost. The class is told of everything, and says who is next.
 */
export class RunQueues {
  readonly #parts: RunQueuesParts;
  readonly class: ClassGuard;

  constructor(parts: RunQueuesParts) {
    this.#parts = parts;
    this.class = new ClassGuard(parts.scheduling, parts.schedulingClass);
  }

  /** A task gets a CPU. Where its affinity leaves none that is online, it is lifted, as in Linux. */
  place(task: KernelTask, why: PlaceReason): void {
    if (task.affinity !== undefined && ![...task.affinity].some((cpu) => this.isAvailable(cpu))) {
      task.affinity = undefined;
    }
    task.cpu = this.class.place(task, why);
  }

  /** Tasks may wait for a CPU of that number. */
  isAvailable(cpu: number): boolean {
    const state = this.#parts.scheduling.states[cpu];
    return state !== undefined && isAvailable(state);
  }

  /** A task waits for the CPU that the class says. */
  enqueue(task: KernelTask, why: PlaceReason): void {
    this.place(task, why);
    this.wait(this.#of(task), task, why);
  }

  /** A task waits for a CPU, whose own may have to make room for it. */
  wait(state: CpuState, task: KernelTask, why: EnqueueReason): void {
    const { cpu, current, queue } = state;
    if (why === 'displaced') queue.unshift(task);
    else queue.push(task);
    task.cpu = cpu.index;
    this.class.enqueue(task, cpu.index, why);
    if (current === task) return;
    // It may have nothing to do so far.
    if (current === undefined) cpu.attention = true;
    else if (current.state === 'running' && this.class.preempts(task, current, cpu.index)) {
      state.reschedule ??= 'preempted';
      cpu.attention = true;
    }
  }

  /** A task waits no more; false: it did not. */
  leave(task: KernelTask, why: DequeueReason): boolean {
    const { queue } = task;
    if (queue === undefined) return false;
    queue.remove(task);
    this.class.dequeue(task, task.cpu, why);
    return true;
  }

  /** A task comes off its CPU. */
  putBack(state: CpuState, task: KernelTask, why: EnqueueReason): void {
    const { index } = state.cpu;
    const isAllowed = task.affinity === undefined || task.affinity.has(index);
    if (task.state === 'running' && isAllowed) {
      task.onCpu = false;
      this.wait(state, task, why);
      return;
    }
    this.class.halt(task, index);
    if (!task.alive) this.class.exit(task);
    if (task.state !== 'running') return;
    task.onCpu = false;
    this.enqueue(task, 'moved');
  }

  /** Takes whoever is next on a CPU. */
  next(state: CpuState): KernelTask | undefined {
    const next = this.#picked(state) ?? (this.pull(state, 'idle') ? this.#picked(state) : undefined);
    if (next !== undefined) this.leave(next, 'runs');
    return next;
  }

  /** Who would be next, for somebody who only wants to know. */
  expected(state: CpuState): KernelTask | undefined {
    return this.class.pick(state, undefined, false);
  }

  /** Has a task come from another CPU, if the class wants one to. */
  pull(state: CpuState, why: 'idle' | 'tick'): boolean {
    const { gates } = this.#parts;
    const task = this.class.pull(state, why, gates.open ? undefined : gates.admits);
    if (task === undefined) return false;
    this.leave(task, 'moves');
    this.wait(state, task, 'moved');
    return true;
  }

  /** The tasks of a CPU that went offline go elsewhere, in the order in which they would have run. */
  evacuate(state: CpuState): void {
    const moved: KernelTask[] = [];
    for (let task = this.class.pick(state); task !== undefined; task = this.class.pick(state)) {
      this.leave(task, 'moves');
      moved.push(task);
    }
    for (const task of moved) this.enqueue(task, 'moved');
  }

  /** In a kernel that goes on from an image: a CPU has just these tasks that wait, in this order. */
  refill(state: CpuState, tasks: readonly KernelTask[]): void {
    for (const task of [...state.queue]) this.leave(task, 'moves');
    for (const task of tasks) this.wait(state, task, 'restored');
  }

  #picked(state: CpuState): KernelTask | undefined {
    const { gates, passedOver } = this.#parts;
    const first = this.class.pick(state);
    if (first === undefined || gates.open || gates.task(first)) return first;
    passedOver.note();
    return this.class.pick(state, gates.admits);
  }

  #of({ cpu }: KernelTask): CpuState {
    return this.#parts.scheduling.states[cpu] as CpuState;
  }
}
