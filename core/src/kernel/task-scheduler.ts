import { coreError, shown } from '../errors/index.js';
import type { Alarm, AlarmHandler, Cpu } from '../hardware/index.js';
import { CpuState } from './cpu-state.js';
import type { Gates } from './execution-gate.js';
import type { MachineHooks } from './machine-hooks.js';
import { TICK } from './machine-options.js';
import type { KernelTask } from './task.js';
import { cpusOf } from './task-options.js';

/** The timer tick of one CPU: an alarm that is set again and again. */
class Tick implements AlarmHandler {
  readonly #state: CpuState;
  readonly #hooks: MachineHooks;
  readonly #interval: number;
  readonly #alarm: Alarm;
  #next: number;

  constructor(state: CpuState, hooks: MachineHooks, interval: number) {
    const { alarms, clock } = state.cpu;
    this.#state = state;
    this.#hooks = hooks;
    this.#interval = interval;
    this.#alarm = alarms.create(this, { stays: true });
    this.#next = (Math.floor(clock.now / interval) + 1) * interval;
    alarms.set(this.#alarm, this.#next);
  }

  expired(): void {
    const { cpu, queue } = this.#state;
    while (this.#next <= cpu.clock.now) this.#next += this.#interval;
    cpu.alarms.set(this.#alarm, this.#next);
    this.#hooks.tick.call(cpu);
    if (queue.length > 0) this.#state.reschedule = true;
  }

  cancel(): void {
    this.#state.cpu.alarms.cancel(this.#alarm);
  }

  /** When it is due, in nanoseconds of its CPU's clock. @settable */
  get due(): number {
    return this.#next;
  }

  set due(at: number) {
    this.#next = at;
    this.#state.cpu.alarms.set(this.#alarm, at);
  }
}

/** Which task runs on which CPU: a queue for each CPU, round robin by timer ticks, no balancing but at wake-up. */
export class TaskScheduler {
  readonly states: readonly CpuState[];
  readonly #hooks: MachineHooks;
  readonly #gates: Gates;
  /** Of each CPU. */
  readonly ticks: readonly Tick[];
  #passedOver = false;
  #strayed = false;
  #lost = false;

  /** `tick`: nanoseconds between timer ticks. */
  constructor(cpus: readonly Cpu[], hooks: MachineHooks, gates: Gates, tick = TICK) {
    this.#hooks = hooks;
    this.#gates = gates;
    this.states = cpus.map((cpu) => new CpuState(cpu));
    this.ticks = this.states.map((state) => new Tick(state, hooks, tick));
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
    const passedOver = this.#passedOver;
    this.#passedOver = false;
    this.#strayed = false;
    return passedOver;
  }

  /** Something happens that would have happened later, if somebody was passed over. */
  stray(): void {
    this.#strayed ||= this.#passedOver;
  }

  /** {@link stray} was called since somebody was passed over. */
  takeStrayed(): boolean {
    const strayed = this.#strayed;
    this.#strayed = false;
    return strayed;
  }

  /** A task may run: it waits for the allowed online CPU with the fewest tasks, the lowest of equals. */
  enqueue(task: KernelTask): void {
    task.cpu = this.#place(task);
    const { cpu, current, queue } = this.#at(task.cpu);
    queue.push(task);
    // It may have nothing to do so far.
    if (current === undefined) cpu.attention = true;
  }

  /** A task that does not run yet: it only gets a CPU. */
  park(task: KernelTask): void {
    task.cpu = this.#place(task);
  }

  dequeue(task: KernelTask): void {
    this.states[task.cpu]?.queue.remove(task);
  }

  /** Lets a stopped or waiting task run. */
  wake(task: KernelTask): void {
    if (task.state !== 'stopped' && task.state !== 'waiting') return;
    task.state = 'running';
    if (!task.onCpu) this.enqueue(task);
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
    if ([...set].some((index) => this.#available(this.states[index]))) return set;
    const listed = [...set].join(', ') || 'an empty set';
    throw coreError('HWBP_NO_SUCH_CPU', `no CPU of ${listed} is online`, { cpus: [...set] });
  }

  /** A task's affinity changed: it moves if it must. */
  migrate(task: KernelTask): void {
    if (task.affinity === undefined || task.affinity.has(task.cpu)) return;
    if (task.onCpu) {
      this.reschedule(this.#at(task.cpu).cpu);
    } else {
      this.dequeue(task);
      if (task.state === 'running') this.enqueue(task);
      else this.park(task);
    }
  }

  /** Schedules at once or, where a program is executing, as soon as that has handed the CPU back. */
  reschedule(cpu: Cpu): void {
    this.of(cpu).reschedule = true;
    cpu.attention = true;
    if (!cpu.busy) this.schedule(cpu);
  }

  /** Ends the time slice of a CPU's current task: the next one of its queue runs. */
  schedule(cpu: Cpu): void {
    const state = this.of(cpu);
    // Not in the middle of an interrupt: when it returns.
    state.reschedule = state.handlers.depth > 0;
    if (state.reschedule) return;
    const previous = state.current;
    if (previous !== undefined && previous.state === 'running') {
      previous.onCpu = false;
      if (previous.affinity === undefined || previous.affinity.has(cpu.index)) state.queue.push(previous);
      else this.enqueue(previous);
    }
    this.#switch(state, this.#next(state));
  }

  /** The task that a CPU runs, or that it would run next. */
  upcoming(cpu: Cpu): KernelTask | undefined {
    const { current, queue } = this.known(cpu);
    return current ?? queue.first;
  }

  /** The task that executes in a CPU's next turn; `undefined`: none. Changes nothing. */
  due(cpu: Cpu): KernelTask | undefined {
    const { current, queue, reschedule } = this.of(cpu);
    if (current?.state !== 'running') return queue.first;
    return reschedule && !cpu.shadowed ? (queue.first ?? current) : current;
  }

  /** Finds the CPU something to run, if it has nothing or its task's time is over. False: nothing can execute there. */
  ready(cpu: Cpu): boolean {
    const state = this.of(cpu);
    const { current } = state;
    // The instruction behind a debug shadow cannot be interrupted.
    const timeIsOver = state.reschedule && !cpu.shadowed && !cpu.context.irqsOff;
    if (current === undefined || current.state !== 'running' || timeIsOver) this.schedule(cpu);
    const chosen = state.current;
    if (chosen === undefined) return false;
    if (this.#gates.open || this.#gates.task(chosen)) return true;
    // It makes room for one that may, and stays where there is none.
    this.#passedOver = true;
    if (!state.queue.some(this.#gates)) return false;
    this.schedule(cpu);
    return true;
  }

  /** True if a CPU has a task, on it or waiting, that no gate keeps from executing. */
  mayRun(cpu: Cpu): boolean {
    const { current, queue } = this.of(cpu);
    if (current?.state === 'running' && this.#gates.task(current)) return true;
    return queue.some(this.#gates);
  }

  /** True if a CPU would have something to execute, were it let. */
  wants(cpu: Cpu): boolean {
    const { current, queue, suspended } = this.of(cpu);
    return suspended !== undefined || current?.state === 'running' || queue.length > 0;
  }

  /** The CPU in whose turn nobody executes because a gate says so. */
  passOver(): void {
    this.#passedOver = true;
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
    this.stray();
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
    const { current, queue } = this.of(cpu);
    cpu.vacate();
    this.switchTo(cpu, undefined);
    if (current?.state === 'running') queue.unshift(current);
  }

  /** The tasks of a CPU that went offline go elsewhere. */
  evacuate(cpu: Cpu): void {
    const { queue } = this.of(cpu);
    const moved: KernelTask[] = [];
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) moved.push(task);
    for (const task of moved) this.enqueue(task);
  }

  /** Nothing ticks any more, and no switch reaches the CPUs: they are somebody else's. */
  dispose(): void {
    this.#lost = true;
    for (const tick of this.ticks) tick.cancel();
  }

  #next({ queue }: CpuState): KernelTask | undefined {
    if (this.#gates.open) return queue.shift();
    const first = queue.first;
    const next = queue.shift(this.#gates);
    if (first !== next) this.#passedOver = true;
    return next;
  }

  #at(cpu: number): CpuState {
    return this.states[cpu] as CpuState;
  }

  /** Tasks may wait there: it is online, or will be again after a suspend. */
  #available(state: CpuState | undefined): boolean {
    return state !== undefined && (state.cpu.online || state.asleep);
  }

  /** Where a task's affinity leaves no CPU that is online, it is lifted, as in Linux. */
  #place(task: KernelTask): number {
    if (task.affinity !== undefined && ![...task.affinity].some((i) => this.#available(this.states[i]))) {
      task.affinity = undefined;
    }
    let best = -1;
    let load = Number.POSITIVE_INFINITY;
    for (const state of this.states) {
      const { cpu, current, queue } = state;
      if (!this.#available(state) || (task.affinity !== undefined && !task.affinity.has(cpu.index))) continue;
      const here = queue.length + (current === undefined ? 0 : 1);
      if (here < load) {
        load = here;
        best = cpu.index;
      }
    }
    return best;
  }
}
