import type { CpuState } from '../cpu-state.js';
import type { Gates } from '../execution-gate.js';
import type { KernelTask } from '../task.js';
import { ClassGuard } from './class-guard.js';
import type { PassedOver } from './passed-over.js';
import type { RescheduleReason } from './reschedule-reason.js';
import { isAvailable, type Scheduling } from './scheduling.js';
import {
  type DequeueReason,
  type EnqueueReason,
  NOTHING,
  type PlaceReason,
  type SchedulingClass,
} from './scheduling-class.js';

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
  readonly #gates: Gates;
  /** The class wants to know who waits. */
  readonly #isTold: boolean;
  /** The class has a short way for the usual switch. */
  readonly #exchanges: boolean;
  readonly class: ClassGuard;

  constructor(parts: RunQueuesParts) {
    this.#parts = parts;
    this.#gates = parts.gates;
    const { enqueue, dequeue } = parts.schedulingClass;
    this.#isTold = enqueue !== NOTHING || dequeue !== NOTHING;
    this.#exchanges = parts.schedulingClass.exchange !== undefined;
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

  /** The task that a CPU runs, if there is one, makes room for whoever is next, perhaps itself. */
  replace(state: CpuState, current: KernelTask | undefined, why: RescheduleReason): KernelTask | undefined {
    if (current === undefined) return this.next(state);
    if (this.#exchanges && current.state === 'running' && current.affinity === undefined && this.#gates.open) {
      return this.#exchange(state, current, why);
    }
    this.putBack(state, current, why);
    return this.next(state);
  }

  #exchange(state: CpuState, current: KernelTask, why: RescheduleReason): KernelTask {
    const { queue } = state;
    current.onCpu = false;
    queue.push(current);
    const next = this.class.exchange(state, current, why);
    queue.remove(next);
    return next;
  }

  /** A task comes off its CPU. The usual way is short: it is taken at every switch. */
  putBack(state: CpuState, task: KernelTask, why: EnqueueReason): void {
    if (task.state !== 'running' || task.affinity !== undefined || why === 'displaced') {
      this.#takeOff(state, task, why);
      return;
    }
    task.onCpu = false;
    state.queue.push(task);
    if (this.#isTold) this.class.enqueue(task, state.cpu.index, why);
  }

  #takeOff(state: CpuState, task: KernelTask, why: EnqueueReason): void {
    const { index } = state.cpu;
    if (task.state === 'running' && (task.affinity === undefined || task.affinity.has(index))) {
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

  /** Takes whoever is next on a CPU. Likewise. */
  next(state: CpuState): KernelTask | undefined {
    const next = this.#gates.open && !state.queue.isEmpty ? this.class.next(state) : this.#admittedOrPulled(state);
    if (next === undefined) return undefined;
    state.queue.remove(next);
    if (this.#isTold) this.class.dequeue(next, state.cpu.index, 'runs');
    return next;
  }

  #admittedOrPulled(state: CpuState): KernelTask | undefined {
    const next = this.#admitted(state);
    return next === undefined && this.pull(state, 'idle') ? this.#admitted(state) : next;
  }

  /** Who would be next, for somebody who only wants to know. */
  expected(state: CpuState): KernelTask | undefined {
    return this.class.pick(state, undefined, false);
  }

  /** Has a task come from another CPU, if the class wants one to. */
  pull(state: CpuState, why: 'idle' | 'tick'): boolean {
    const task = this.class.pull(state, why, this.#gates.open ? undefined : this.#gates.admits);
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

  #admitted(state: CpuState): KernelTask | undefined {
    const first = this.class.pick(state);
    if (first === undefined || this.#gates.open || this.#gates.task(first)) return first;
    this.#parts.passedOver.note();
    return this.class.pick(state, this.#gates.admits);
  }

  #of({ cpu }: KernelTask): CpuState {
    return this.#parts.scheduling.states[cpu] as CpuState;
  }
}
