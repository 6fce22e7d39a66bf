import { coreError, shown } from '../errors/index.js';
import type { Cpu } from '../hardware/index.js';
import type { CpuState } from './cpu-state.js';
import type { Gates } from './execution-gate.js';
import type { MachineHooks } from './machine-hooks.js';
import { checkParameters } from './scheduling/check-parameters.js';
import { PassedOver } from './scheduling/passed-over.js';
import type { RescheduleReason } from './scheduling/reschedule-reason.js';
import { RunQueues } from './scheduling/run-queues.js';
import type { Scheduling, SchedulingMechanism } from './scheduling/scheduling.js';
import type { PlaceReason, SchedulingClass } from './scheduling/scheduling-class.js';
import type { SchedulingParameters } from './scheduling/scheduling-parameters.js';
import { Tick } from './scheduling/tick.js';
import type { KernelTask } from './task.js';
import { cpusOf } from './task-options.js';

/** What putting tasks on CPUs needs. */
export interface TaskSchedulerParts {
  readonly scheduling: Scheduling;
  /** Who decides. */
  readonly schedulingClass: SchedulingClass;
  readonly hooks: MachineHooks;
  readonly gates: Gates;
  fail(message: string, detail: unknown): void;
  report(error: unknown, what: string): void;
}

/**
 * Puts tasks on CPUs and takes them off: a list of those that wait for each CPU, context switches, and what has to
 * happen before. Who is next, and where, a scheduling class decides.
 */
export class TaskScheduler implements SchedulingMechanism {
  readonly states: readonly CpuState[];
  readonly schedulingClass: SchedulingClass;
  readonly #parts: TaskSchedulerParts;
  readonly #hooks: MachineHooks;
  readonly #gates: Gates;
  readonly #queues: RunQueues;
  /** Of each CPU. */
  readonly ticks: readonly Tick[];
  readonly #passedOver = new PassedOver();
  #lost = false;

  constructor(parts: TaskSchedulerParts) {
    const { scheduling, schedulingClass, gates } = parts;
    this.#parts = parts;
    this.#hooks = parts.hooks;
    this.#gates = gates;
    this.states = scheduling.states;
    this.schedulingClass = schedulingClass;
    this.#queues = new RunQueues({ scheduling, schedulingClass, gates, passedOver: this.#passedOver });
    scheduling.attach(this);
    this.ticks = this.states.map((state) => new Tick(state, scheduling.tick, (ticked) => this.#ticked(ticked)));
  }

  fail(message: string, detail: unknown): void {
    this.#parts.fail(message, detail);
  }

  report(error: unknown, what: string): void {
    this.#parts.report(error, what);
  }

  /** What is kept of a CPU. */
  of({ index }: Cpu): CpuState {
    return this.states[index] as CpuState;
  }

  /** The same for whoever calls the machine. Throws a TypeError for anything but one of its CPUs, such as a number. */
  known(cpu: Cpu): CpuState {
    const state = this.states[(cpu as Partial<Cpu> | null | undefined)?.index as number];
    if (state !== undefined && state.cpu === cpu) return state;
    throw new TypeError(`cpu is a CPU of this machine, got ${shown(cpu)}; machine.cpu(0) has them by number`);
  }

  /** A gate kept somebody from running who was next, since this was last asked. */
  takePassedOver(): boolean {
    return this.#passedOver.take();
  }

  /** Something happens that would have happened later, if somebody was passed over. */
  stray(): void {
    this.#passedOver.stray();
  }

  /** {@link stray} was called since somebody was passed over. */
  takeStrayed(): boolean {
    return this.#passedOver.takeStrayed();
  }

  /** The CPU in whose turn nobody executes because a gate says so. */
  passOver(): void {
    this.#passedOver.note();
  }

  /** A task may run: it waits for the CPU that the class says. */
  enqueue(task: KernelTask, why: PlaceReason): void {
    this.#queues.enqueue(task, why);
  }

  /** A task that does not run yet: it only gets a CPU. */
  park(task: KernelTask, why: PlaceReason): void {
    this.#queues.place(task, why);
  }

  /** A task that does not want to run: it waits for no CPU. */
  dequeue(task: KernelTask): void {
    this.#queues.leave(task, 'halts');
  }

  /** It has ended. */
  end(task: KernelTask): void {
    if (task.onCpu) this.touch(task);
    else this.#queues.class.exit(task);
  }

  /** Lets a stopped or waiting task run. */
  wake(task: KernelTask): void {
    if (task.state !== 'stopped' && task.state !== 'waiting') return;
    task.state = 'running';
    if (!task.onCpu) this.enqueue(task, 'woken');
  }

  /** Stops a task where it is. */
  halt(task: KernelTask): void {
    if (!task.alive || task.state === 'stopped') return;
    this.dequeue(task);
    task.state = 'stopped';
    this.#hooks.stop.call(task);
    this.touch(task);
  }

  /** Something changed for a task that may be on a CPU: its program must hand the CPU back. */
  touch(task: KernelTask): void {
    if (!task.onCpu) return;
    const { cpu } = this.#at(task.cpu);
    cpu.attention = true;
    if (task.state !== 'running' && !cpu.busy) this.schedule(cpu);
  }

  /** A task has another address space: its CPU has to know. */
  remapped(task: KernelTask): void {
    if (task.onCpu && !this.#lost) this.#at(task.cpu).cpu.mmu.enter(task.memory);
  }

  /** Throws EINVAL if none of the CPUs is online, and a TypeError for what is no list of numbers. */
  checkAffinity(cpus: Iterable<number>): ReadonlySet<number> {
    const set = cpusOf(cpus);
    if ([...set].some((index) => this.#queues.isAvailable(index))) return set;
    const listed = [...set].join(', ') || 'an empty set';
    throw coreError('HWBP_NO_SUCH_CPU', `no CPU of ${listed} is online`, { cpus: [...set] });
  }

  /** A task's affinity changed: it moves if it must. */
  migrate(task: KernelTask): void {
    if (task.affinity === undefined || task.affinity.has(task.cpu)) return;
    if (task.onCpu) {
      this.reschedule(this.#at(task.cpu).cpu, 'preempted');
    } else {
      this.#queues.leave(task, 'moves');
      if (task.state === 'running') this.enqueue(task, 'moved');
      else this.park(task, 'moved');
    }
  }

  /** A task's parameters, checked by the class. `of`: as for `TaskParameters.check`. */
  checkParameters(given: SchedulingParameters, of: KernelTask | undefined): SchedulingParameters {
    return checkParameters(this.schedulingClass, given, of);
  }

  /** A task that waits for no CPU has these parameters: the class has checked them. */
  adopt(task: KernelTask, parameters: SchedulingParameters): void {
    task.scheduling = parameters;
    this.#queues.class.setParameters(task, parameters);
  }

  setParameters(task: KernelTask, given: SchedulingParameters): void {
    if (!task.alive) throw coreError('HWBP_TASK_GONE', `task ${task} has exited`, { pid: task.pid });
    const parameters = this.checkParameters({ ...task.scheduling, ...given }, task);
    const waits = this.#queues.leave(task, 'changes');
    this.adopt(task, parameters);
    if (waits) this.#queues.wait(this.#at(task.cpu), task, 'changed');
    else if (task.onCpu) this.reschedule(this.#at(task.cpu).cpu, 'changed');
  }

  yield(cpu: Cpu): void {
    this.reschedule(this.known(cpu).cpu);
  }

  /** Schedules at once or, where a program is executing, as soon as that has handed the CPU back. */
  reschedule(cpu: Cpu, why: RescheduleReason = 'yielded'): void {
    this.of(cpu).reschedule = why;
    cpu.attention = true;
    if (!cpu.busy) this.schedule(cpu);
  }

  /** The time of the task that a CPU runs is over, if it wants to go on. */
  expire(cpu: Cpu): void {
    const state = this.of(cpu);
    if (state.current?.state === 'running') state.reschedule ??= 'expired';
  }

  /** Ends the time of a CPU's current task: whoever is next runs. */
  schedule(cpu: Cpu): void {
    const state = this.of(cpu);
    // Not in the middle of an interrupt: when it returns.
    if (state.handlers.depth > 0) {
      state.reschedule ??= 'preempted';
      return;
    }
    const { current, reschedule = 'preempted' } = state;
    state.reschedule = undefined;
    this.#switch(state, this.#queues.replace(state, current, reschedule));
  }

  /** The task that a CPU runs, or that it would run next. */
  upcoming(cpu: Cpu): KernelTask | undefined {
    const state = this.known(cpu);
    return state.current ?? this.#queues.expected(state);
  }

  /** The task that executes in a CPU's next turn; `undefined`: none. Changes nothing. */
  due(cpu: Cpu): KernelTask | undefined {
    const state = this.of(cpu);
    const { current, reschedule } = state;
    const stays = current?.state === 'running' && (reschedule === undefined || cpu.shadowed);
    if (stays) return current;
    const next = this.#queues.expected(state);
    return current?.state === 'running' ? (next ?? current) : next;
  }

  /** Finds the CPU something to run, if it has nothing or its task's time is over. False: nothing can execute there. */
  ready(cpu: Cpu): boolean {
    const state = this.of(cpu);
    const { current } = state;
    // The instruction behind a debug shadow cannot be interrupted.
    const timeIsOver = state.reschedule !== undefined && !cpu.shadowed && !cpu.context.irqsOff;
    if (current === undefined || current.state !== 'running' || timeIsOver) this.schedule(cpu);
    const chosen = state.current;
    if (chosen === undefined) return false;
    if (this.#gates.open || this.#gates.task(chosen)) return true;
    // It makes room for one that may, and stays where there is none.
    this.passOver();
    if (state.queue.first(this.#gates.admits) === undefined) return false;
    this.schedule(cpu);
    return true;
  }

  /** True if a CPU has a task, on it or waiting, that no gate keeps from executing. */
  mayRun(cpu: Cpu): boolean {
    const { current, queue } = this.of(cpu);
    if (current?.state === 'running' && this.#gates.task(current)) return true;
    return queue.first(this.#gates.admits) !== undefined;
  }

  /** True if a CPU would have something to execute, were it let. */
  wants(cpu: Cpu): boolean {
    const { current, queue, suspended } = this.of(cpu);
    return suspended !== undefined || current?.state === 'running' || queue.length > 0;
  }

  /** The context switch. */
  switchTo(cpu: Cpu, next: KernelTask | undefined): void {
    this.#switch(this.of(cpu), next);
  }

  #switch(state: CpuState, next: KernelTask | undefined): void {
    const { cpu, current: previous } = state;
    if (previous === next) {
      if (next !== undefined) next.onCpu = true;
      return;
    }
    this.#passedOver.stray();
    if (previous !== undefined) previous.onCpu = false;
    if (next !== undefined) {
      next.onCpu = true;
      next.cpu = cpu.index;
    }
    state.current = next;
    if (!this.#lost) {
      cpu.load(next === undefined ? cpu.idle : next.context);
      cpu.mmu.enter(next?.memory);
    }
    const { switching } = state;
    state.switching = true;
    try {
      this.#hooks.contextSwitch.call(cpu, previous, next);
    } finally {
      state.switching = switching;
    }
  }

  /** A CPU is about to go: the task on it, and a guest, are off it; the task is the next one there. */
  leave(cpu: Cpu): void {
    const state = this.of(cpu);
    const { current } = state;
    cpu.vacate();
    this.switchTo(cpu, undefined);
    if (current !== undefined) this.#queues.putBack(state, current, 'displaced');
  }

  /** The tasks of a CPU that went offline go elsewhere. */
  evacuate(cpu: Cpu): void {
    this.#queues.evacuate(this.of(cpu));
  }

  /** In a kernel that goes on from an image: a CPU has just these tasks that wait, in this order. */
  refill(state: CpuState, tasks: readonly KernelTask[]): void {
    this.#queues.refill(state, tasks);
  }

  /** Nothing ticks any more, and no switch reaches the CPUs: they are somebody else's. */
  dispose(): void {
    this.#lost = true;
    for (const tick of this.ticks) tick.cancel();
  }

  #ticked(state: CpuState): void {
    this.#parts.hooks.tick.call(state.cpu);
    if (this.#queues.class.tick(state)) state.reschedule ??= 'expired';
    while (this.#queues.pull(state, 'tick'));
  }

  #at(cpu: number): CpuState {
    return this.states[cpu] as CpuState;
  }
}
